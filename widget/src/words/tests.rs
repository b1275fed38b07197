//! The words against the design, and the grammar of numbers.

use super::*;

fn say(sentence: Sentence<'_>) -> String {
    Language::English.say(&sentence)
}

#[test]
fn the_words_are_those_of_the_design() {
    assert_eq!(say(Sentence::Looking), "Looking for free times …");
    assert_eq!(
        say(Sentence::Taken { time: "14:30" }),
        "14:30 has just been taken"
    );
    assert_eq!(
        say(Sentence::TakenHelp),
        "Nothing was booked, and what you wrote is kept. These are the nearest free times."
    );
    assert_eq!(
        say(Sentence::NothingFree { month: "March" }),
        "Nothing free in March."
    );
    assert_eq!(
        say(Sentence::NextFree {
            day: "Tuesday 6 April",
            time: "09:00"
        }),
        "Next free: Tuesday 6 April, 09:00."
    );
    assert_eq!(
        say(Sentence::Hint(Hint::EmailNoEnding)),
        "This address has no ending, such as .com or .no"
    );
}

#[test]
fn numbers_agree_with_their_nouns() {
    let label = |free| {
        say(Sentence::DayLabel {
            day: "Tuesday 4 August",
            free,
        })
    };
    assert_eq!(label(3), "Tuesday 4 August, 3 times free");
    assert_eq!(label(1), "Tuesday 4 August, 1 time free");
    assert_eq!(label(0), "Tuesday 4 August, nothing free");
    assert_eq!(say(Sentence::Minutes(1)), "1 minute");
    assert_eq!(say(Sentence::Minutes(45)), "45 minutes");
    assert_eq!(say(Sentence::Minutes(60)), "1 hour");
    assert_eq!(say(Sentence::Minutes(90)), "1 hour 30 minutes");
    assert_eq!(
        say(Sentence::LimitedFor { seconds: 1 }),
        "You can go on in 1 second."
    );
    assert_eq!(
        say(Sentence::Marked { count: 1 }),
        "One answer needs another look."
    );
    assert_eq!(
        say(Sentence::Marked { count: 2 }),
        "2 answers need another look."
    );
}

#[test]
fn hosts_are_named_up_to_two_and_all_who_come_together() {
    let names = ["Ingrid", "Ola", "Kari"].map(str::to_owned);
    assert_eq!(say(Sentence::WithAll(&names)), "With Ingrid, Ola and Kari");
    assert_eq!(say(Sentence::With(&names[..1])), "With Ingrid");
    assert_eq!(say(Sentence::With(&names[..2])), "With Ingrid or Ola");
    assert_eq!(
        say(Sentence::With(&names)),
        "With Ingrid or the first who is free"
    );
    assert_eq!(
        say(Sentence::WithOneOf(names.len())),
        "With one of 3, as you choose"
    );
}

#[test]
fn choices_are_said_in_little_room() {
    assert_eq!(say(Sentence::ShortMinutes(45)), "45 min");
    assert_eq!(say(Sentence::ShortMinutes(120)), "2 h");
    assert_eq!(say(Sentence::ShortMinutes(90)), "1 h 30 min");
    assert_eq!(
        say(Sentence::Durations(&[30, 45, 60])),
        "30 min, 45 min or 1 h"
    );
    assert_eq!(say(Sentence::SeatsLeft(1)), "1 left");
}

#[test]
fn nothing_claims_a_mail_that_is_not_sent() {
    for sentence in [
        Sentence::Booked,
        Sentence::BookedHelp,
        Sentence::Moved,
        Sentence::MovedHelp,
    ] {
        let text = say(sentence).to_lowercase();
        assert!(
            !text.contains("mail") && !text.contains("on its way"),
            "{text}"
        );
    }
}
