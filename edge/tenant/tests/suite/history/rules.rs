//! The rules: when somebody works, who can lead a booking, and how much the limits leave.

use slotstead_shared::{Interval, UnixSeconds, wire::BookingStatus};

use super::{
    model::{Claim, Model, Wish},
    services::Who,
    shop::{
        CONNECTED, DAY, FIRST_DAY, HOLIDAY, HOUR, HOURS, Limit, MINUTE, STAY, Spans, WINDOW_DAYS,
        hours_of, limits_of,
    },
};

impl Model {
    /// The hours of the schedule on the `day` of the history.
    fn spans(&self, schedule: usize, day: i64) -> impl Iterator<Item = Interval> {
        let hours = &HOURS[schedule];
        let usual: Spans = if hours.holiday && day == HOLIDAY {
            &[]
        } else {
            hours.spans
        };
        let away = hours.travels && STAY.contains(&day);
        let midnight = FIRST_DAY + day * DAY - if away { HOUR } else { 0 };
        let spans = self.overrides.get(&(schedule, day)).unwrap_or(&usual);
        spans.iter().map(move |(start, end)| {
            Interval::new(midnight + start * MINUTE, midnight + end * MINUTE)
        })
    }

    /// Whether the subject's hours hold all of `core`.
    pub fn is_open(&self, subject: &str, core: Interval) -> bool {
        let day = (core.start - FIRST_DAY).div_euclid(DAY);
        hours_of(subject)
            .is_none_or(|schedule| self.spans(schedule, day).any(|span| span.contains(core)))
    }

    /// Whether the rules give this start for a host who leads, free or not.
    pub fn is_slot(&self, service: usize, host: &str, core: Interval) -> bool {
        let service = &self.services[service];
        let day = (core.start - FIRST_DAY).div_euclid(DAY);
        let today = (self.now - FIRST_DAY).div_euclid(DAY);
        let on_a_step =
            |span: Interval| span.contains(core) && (core.start - span.start) % service.step == 0;
        core.start >= self.now + service.notice
            && day <= today + WINDOW_DAYS
            && hours_of(host).is_some_and(|schedule| self.spans(schedule, day).any(on_a_step))
    }

    /// Whether this start is one for the wish at all, whoever is in the way.
    pub fn is_wanted_slot(&self, wish: &Wish, start: UnixSeconds) -> bool {
        let service = &self.services[wish.service];
        let core = service.core(start, wish.duration);
        let mut leads = self.leads(wish);
        leads.any(|lead| self.is_slot(wish.service, lead, core))
            && self.along(wish).iter().all(|host| self.is_open(host, core))
    }

    /// Who can lead.
    pub fn leads<'a>(&'a self, wish: &'a Wish) -> impl Iterator<Item = &'static str> + 'a {
        let service = &self.services[wish.service];
        let count = match service.who {
            Who::Collective => 1,
            Who::FirstFree | Who::RoundRobin(_) => service.hosts.len(),
        };
        let leads = service.hosts[..count].iter().copied();
        leads.filter(|host| wish.named.is_none_or(|named| named == *host))
    }

    /// The hosts who come along.
    pub fn along(&self, wish: &Wish) -> &'static [&'static str] {
        let service = &self.services[wish.service];
        match service.who {
            Who::Collective => &service.hosts[1..],
            Who::FirstFree | Who::RoundRobin(_) => &[],
        }
    }

    /// Whether nothing but the mates of `own` is in the way of the subject.
    pub fn is_free(
        &self,
        subject: &str,
        padded: Interval,
        except: &str,
        own: Option<&Claim>,
    ) -> bool {
        let mut others = self.others(except);
        let claimed = others.any(|claim| {
            claim.padded.overlaps(padded)
                && claim.takes.contains(&subject)
                && own.is_none_or(|own| !own.shares(claim))
        });
        !claimed && (subject != CONNECTED || self.is_calendar_free(padded))
    }

    fn is_calendar_free(&self, padded: Interval) -> bool {
        let fresh = self.now - self.read_at <= DAY;
        let blocks = self.busy.as_ref().filter(|_| fresh);
        blocks.is_some_and(|blocks| blocks.iter().all(|block| !block.overlaps(padded)))
    }

    /// Those who share this start with the host, if there are seats to share.
    pub fn mates<'a>(&'a self, wish: &'a Wish, lead: &str, start: UnixSeconds) -> Vec<&'a Claim> {
        let service = &self.services[wish.service];
        if service.seats == 1 {
            return Vec::new();
        }
        let times = (
            service.core(start, wish.duration),
            service.padded(start, wish.duration),
        );
        let mates = self.others(&wish.except).filter(|claim| {
            claim.service == wish.service
                && claim.lead == lead
                && (claim.core, claim.padded) == times
        });
        mates.collect()
    }

    /// Whether another of this length keeps the limits, beside what is `taken`.
    fn has_room(limits: &[Limit], core: Interval, taken: impl Iterator<Item = Interval>) -> bool {
        let taken: Vec<Interval> = taken.collect();
        limits.iter().all(|limit| {
            let period = limit.per.number(core.start);
            let mut bookings = 1;
            let mut seconds = core.end - core.start;
            for other in &taken {
                if limit.per.number(other.start) == period {
                    bookings += 1;
                    seconds += other.end - other.start;
                }
            }
            limit.bookings.is_none_or(|most| bookings <= most)
                && limit.seconds.is_none_or(|most| seconds <= most)
        })
    }

    /// Whether the host's own limits allow something new; what is shared counts once.
    pub fn host_has_room(&self, host: &str, core: Interval, except: &str) -> bool {
        let limits = limits_of(host);
        if limits.is_empty() {
            return true;
        }
        let mut taken: Vec<&Claim> = Vec::new();
        for claim in self.others(except) {
            let is_new = !taken.iter().any(|other| other.shares(claim));
            let alone = self.services[claim.service].seats == 1;
            if claim.takes.contains(&host) && (is_new || alone) {
                taken.push(claim);
            }
        }
        Self::has_room(limits, core, taken.iter().map(|claim| claim.core))
    }

    pub fn service_has_room(&self, wish: &Wish, core: Interval) -> bool {
        let of_it = self.others(&wish.except);
        let of_it = of_it.filter(|claim| claim.service == wish.service);
        let limits = self.services[wish.service].limits;
        Self::has_room(limits, core, of_it.map(|claim| claim.core))
    }

    /// Whether the booker with this address may have another one.
    pub fn booker_has_room(&self, wish: &Wish, email: &str, start: UnixSeconds) -> bool {
        let service = &self.services[wish.service];
        let theirs = || {
            self.bookings.values().filter(|booking| {
                booking.service.as_str() == service.id
                    && booking.status == BookingStatus::Confirmed
                    && booking.email.eq_ignore_ascii_case(email)
                    && booking.id.as_str() != wish.except
            })
        };
        let to_come = theirs().filter(|booking| booking.start.unix_seconds() > self.now);
        let cores = theirs()
            .map(|booking| Interval::new(booking.start.unix_seconds(), booking.end.unix_seconds()));
        service
            .booker_upcoming
            .is_none_or(|most| to_come.count() < most)
            && Self::has_room(
                service.booker_limits,
                service.core(start, wish.duration),
                cores,
            )
    }
}
