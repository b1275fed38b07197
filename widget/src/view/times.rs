//! The times of the day in hand, or why there are none, in the same place.

use leptos::prelude::*;

use super::note::NoteBox;
use crate::{
    browser::Booker,
    dates::{DayPart, place},
    flow::{Event, Fault},
    month::MonthId,
    notes,
    times::{Group, Shown, Time, shown},
    words::Sentence,
};

#[component]
pub(super) fn Times(booker: Booker) -> impl IntoView {
    let content = booker.part(shown, move |state| match state {
        Shown::Loading => loading(booker),
        Shown::Failed(fault) => view! { <Failed booker fault /> }.into_any(),
        Shown::Empty {
            month,
            day,
            time,
            show,
        } => {
            let title = booker.say(&Sentence::NothingFree { month: &month });
            let text = booker.say(&Sentence::NextFree {
                day: &day,
                time: &time,
            });
            empty(
                booker,
                title,
                text,
                Some((booker.say(&Sentence::ShowIt), Event::ShowMonth(show))),
            )
        }
        Shown::NothingLater { month, before } => {
            let title = booker.say(&Sentence::NothingLater { month: &month });
            empty(
                booker,
                title,
                String::new(),
                Some(show_month(booker, before)),
            )
        }
        Shown::Nothing => {
            let text = booker.peek(|flow| {
                flow.say(&Sentence::NothingAtAllHelp {
                    business: flow.business(),
                })
            });
            let again = (booker.say(&Sentence::LookAgain), Event::Retry);
            empty(
                booker,
                booker.say(&Sentence::NothingAtAll),
                text,
                Some(again),
            )
        }
        Shown::NoDay => empty(
            booker,
            String::new(),
            booker.say(&Sentence::ChooseDay),
            None,
        ),
        Shown::Day { title, groups } => view! { <Day booker title groups /> }.into_any(),
    });
    view! { <div class="times" part="times">{content}</div> }
}

fn show_month(booker: Booker, id: MonthId) -> (String, Event) {
    let words = booker.peek(|flow| {
        flow.say(&Sentence::ShowMonth {
            month: flow.locale().bare_month(id),
        })
    });
    (words, Event::ShowMonth(id))
}

fn loading(booker: Booker) -> AnyView {
    view! {
        <p class="late">{booker.say(&Sentence::Looking)}</p>
        <div class="slots" aria-hidden="true">
            <i class="bone"></i><i class="bone"></i><i class="bone"></i>
            <i class="bone"></i><i class="bone"></i><i class="bone"></i>
        </div>
    }
    .into_any()
}

/// A fault, followed second by second while a rate limit lasts.
#[component]
fn Failed(booker: Booker, fault: Fault) -> impl IntoView {
    booker.part(
        move |flow| notes::fault(flow, &fault),
        move |note| view! { <NoteBox booker note /> }.into_any(),
    )
}

fn empty(booker: Booker, title: String, text: String, way_on: Option<(String, Event)>) -> AnyView {
    view! {
        <div class="empty">
            <h3 tabindex="-1" data-focus="times">{title}</h3>
            <p>{text}</p>
            {way_on
                .map(|(words, event)| {
                    view! {
                        <button
                            class="plain"
                            part="button"
                            type="button"
                            data-action="show"
                            on:click=move |_| booker.send(event.clone())
                        >
                            {words}
                        </button>
                    }
                    .into_any()
                })}
        </div>
    }
    .into_any()
}

#[component]
fn Day(booker: Booker, title: String, groups: Vec<Group>) -> impl IntoView {
    let both = groups
        .iter()
        .flat_map(|group| &group.times)
        .any(|time| time.there.is_some());
    let group = move |group: Group| {
        let name = booker.say(&match group.part {
            DayPart::Morning => Sentence::Morning,
            DayPart::Afternoon => Sentence::Afternoon,
            DayPart::Evening => Sentence::Evening,
        });
        let times = group
            .times
            .into_iter()
            .map(|time| view! { <TimeButton booker time /> }.into_any())
            .collect_view();
        view! {
            <h4>{name}</h4>
            <div class=if both { "slots both" } else { "slots" }>{times.into_any()}</div>
        }
        .into_any()
    };
    view! {
        <h3 tabindex="-1" data-focus="times">{title}</h3>
        <div class="groups">{groups.into_iter().map(group).collect_view()}</div>
    }
}

#[component]
pub(super) fn TimeButton(booker: Booker, time: Time) -> impl IntoView {
    let Time { start, text, there } = time;
    let label = there.as_ref().map(|there| {
        let place = booker.peek(|flow| flow.service().and_then(|service| place(&service.zone)));
        booker.say(&Sentence::TimeInBoth {
            time: &text,
            there,
            place: &place.unwrap_or_default(),
        })
    });
    view! {
        <button
            part="time"
            type="button"
            data-slot=start.to_string()
            aria-label=label
            on:click=move |_| booker.send(Event::PickTime(start))
        >
            {text}
            {there.map(|there| view! { <small>{there}</small> }.into_any())}
        </button>
    }
}
