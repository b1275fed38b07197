//! The times of a day as buttons: grouped by part of the day, both hours where zones differ.

use slotstead_shared::{Stamp, wire::Slot};

use crate::{
    dates::{DayPart, Locale, offset, wall_minutes},
    flow::{Fault, Flow},
    month::MonthId,
    words::Sentence,
};

/// A time to pick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// Its start.
    pub start: Stamp,
    /// As it is shown.
    pub text: String,
    /// The same instant in the service's zone, where its wall clock shows something else.
    pub there: Option<String>,
    /// How many can still book it, where seats are shared.
    pub seats_left: Option<u32>,
}

/// The times of one part of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Which part.
    pub part: DayPart,
    /// Its times, ascending.
    pub times: Vec<Time>,
}

/// What stands in the place of the times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The month is being asked for.
    Loading,
    /// It could not be had.
    Failed(Fault),
    /// Nothing in this month, but later.
    Empty {
        /// This month's name.
        month: String,
        /// The day of the next free time.
        day: String,
        /// Its time.
        time: String,
        /// Its month.
        show: MonthId,
    },
    /// Nothing in this month nor later.
    NothingLater {
        /// This month's name.
        month: String,
        /// The month before.
        before: MonthId,
    },
    /// Nothing at all.
    Nothing,
    /// No day was chosen yet.
    NoDay,
    /// The times of a day.
    Day {
        /// The day, or that nothing is free on it.
        title: String,
        /// Its times.
        groups: Vec<Group>,
    },
}

/// What to show beside the month.
#[must_use]
pub fn shown(flow: &Flow) -> Shown {
    let (diary, locale) = (flow.diary(), flow.locale());
    if let Some(fault) = diary.fault() {
        return Shown::Failed(fault.clone());
    }
    let Some(answer) = diary.answer() else {
        return Shown::Loading;
    };
    if !answer.days.is_empty() {
        let Some(date) = diary.chosen() else {
            return Shown::NoDay;
        };
        let (day, slots) = (locale.day(date), diary.slots_of(date));
        return Shown::Day {
            title: if slots.is_empty() {
                flow.say(&Sentence::NoTimes { day: &day })
            } else {
                day
            },
            groups: groups(slots, locale),
        };
    }
    let month = locale.bare_month(diary.shown()).to_owned();
    match &answer.next_free {
        Some(next) => Shown::Empty {
            month,
            day: locale.day(next.start.date()),
            time: locale.time(next.start),
            show: MonthId::of(next.start.date()),
        },
        None if diary.has_previous() => Shown::NothingLater {
            month,
            before: diary.shown().previous(),
        },
        None => Shown::Nothing,
    }
}

/// Groups the slots of one day, which come ascending.
#[must_use]
pub fn groups(slots: &[Slot], locale: &Locale) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for slot in slots {
        let part = DayPart::of(slot.start);
        let time = time(slot, slots, locale);
        match groups.iter_mut().find(|group| group.part == part) {
            Some(group) => group.times.push(time),
            None => groups.push(Group {
                part,
                times: vec![time],
            }),
        }
    }
    groups
}

fn time(slot: &Slot, all: &[Slot], locale: &Locale) -> Time {
    // When clocks go back, one hour comes twice; only the offset tells the two apart.
    let twice = all.iter().any(|other| {
        other.start.offset_seconds() != slot.start.offset_seconds()
            && wall_minutes(other.start) == wall_minutes(slot.start)
    });
    let mut text = locale.time(slot.start);
    if twice {
        text = format!("{text} {}", offset(slot.start));
    }
    Time {
        start: slot.start,
        text,
        there: slot
            .service_start
            .map(|there| there_time(slot.start, there, locale)),
        seats_left: slot.seats_left,
    }
}

/// The time in the other zone, with its day where that is another one.
#[must_use]
pub fn there_time(here: Stamp, there: Stamp, locale: &Locale) -> String {
    if here.date() == there.date() {
        locale.time(there)
    } else {
        format!("{} {}", locale.short_day(there.date()), locale.time(there))
    }
}

/// A slot among others of several days: `15:15` on the day itself, else `Fri 12 09:00`.
#[must_use]
pub fn beside(slot: &Slot, lost: Stamp, locale: &Locale) -> String {
    there_time(lost, slot.start, locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(start: &str, there: Option<&str>) -> Slot {
        Slot {
            start: start.parse().unwrap(),
            service_start: there.map(|there| there.parse().unwrap()),
            seats_left: None,
        }
    }

    #[test]
    fn times_are_grouped_by_the_booker_s_own_clock() {
        let slots = [
            slot("2027-03-11T09:00:00+01:00", None),
            slot("2027-03-11T11:45:00+01:00", None),
            slot("2027-03-11T13:00:00+01:00", None),
            slot("2027-03-11T18:00:00+01:00", None),
        ];
        let shown: Vec<(DayPart, Vec<String>)> = groups(&slots, &Locale::default())
            .into_iter()
            .map(|group| {
                (
                    group.part,
                    group.times.into_iter().map(|time| time.text).collect(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                (
                    DayPart::Morning,
                    vec!["09:00".to_owned(), "11:45".to_owned()]
                ),
                (DayPart::Afternoon, vec!["13:00".to_owned()]),
                (DayPart::Evening, vec!["18:00".to_owned()]),
            ]
        );
    }

    #[test]
    fn the_seats_left_come_with_the_time() {
        let mut shared = slot("2027-03-11T09:00:00+01:00", None);
        shared.seats_left = Some(3);
        let alone = slot("2027-03-11T10:00:00+01:00", None);
        let groups = groups(&[shared, alone], &Locale::default());
        let left: Vec<_> = groups[0].times.iter().map(|time| time.seats_left).collect();
        assert_eq!(left, [Some(3), None]);
    }

    #[test]
    fn both_hours_are_given_where_they_differ_with_the_day_if_that_differs_too() {
        let slots = [
            slot(
                "2027-03-11T13:30:00+00:00",
                Some("2027-03-11T14:30:00+01:00"),
            ),
            slot(
                "2027-03-11T23:30:00+00:00",
                Some("2027-03-12T00:30:00+01:00"),
            ),
        ];
        let groups = groups(&slots, &Locale::default());
        assert_eq!(groups[0].times[0].there.as_deref(), Some("14:30"));
        assert_eq!(groups[1].times[0].there.as_deref(), Some("Fri 12 00:30"));
    }

    #[test]
    fn an_hour_that_comes_twice_is_told_apart_by_its_offset() {
        let slots = [
            slot("2026-10-25T02:30:00+02:00", None),
            slot("2026-10-25T02:30:00+01:00", None),
            slot("2026-10-25T03:00:00+01:00", None),
        ];
        let texts: Vec<String> = groups(&slots, &Locale::default())[0]
            .times
            .iter()
            .map(|t| t.text.clone())
            .collect();
        assert_eq!(texts, ["02:30 UTC+2", "02:30 UTC+1", "03:00"]);
    }

    #[test]
    fn alternatives_carry_their_day_only_when_it_is_another() {
        let lost = "2027-03-11T14:30:00+01:00".parse().unwrap();
        let locale = Locale::default();
        assert_eq!(
            beside(&slot("2027-03-11T15:15:00+01:00", None), lost, &locale),
            "15:15"
        );
        assert_eq!(
            beside(&slot("2027-03-12T09:00:00+01:00", None), lost, &locale),
            "Fri 12 09:00"
        );
    }
}
