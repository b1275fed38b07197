//! English.

use super::Sentence;
use crate::form::Hint;

fn count(number: impl Into<u64>, one: &str, many: &str) -> String {
    match number.into() {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}

fn minutes(total: u32) -> String {
    let (hours, rest) = (total / 60, total % 60);
    match (hours, rest) {
        (0, rest) => count(rest, "minute", "minutes"),
        (hours, 0) => count(hours, "hour", "hours"),
        (hours, rest) => format!(
            "{} {}",
            count(hours, "hour", "hours"),
            count(rest, "minute", "minutes")
        ),
    }
}

fn with(hosts: &[String]) -> String {
    match hosts {
        [] => String::new(),
        [one] => format!("With {one}"),
        [one, other] => format!("With {one} or {other}"),
        [one, ..] => format!("With {one} or the first who is free"),
    }
}

fn free(number: usize, of: &str) -> String {
    match number {
        0 => "nothing free".to_owned(),
        number => format!("{} free", count(number as u64, of, &format!("{of}s"))),
    }
}

fn hint(hint: Hint) -> String {
    match hint {
        Hint::NameMissing => "Please write your name".to_owned(),
        Hint::EmailMissing => "Please write your e-mail address".to_owned(),
        Hint::EmailNoAt => "An address looks like amal@example.com".to_owned(),
        Hint::EmailMalformed => "This address has a space or a second @ in it".to_owned(),
        Hint::EmailNoEnding => "This address has no ending, such as .com or .no".to_owned(),
        Hint::AnswerMissing => "This needs an answer".to_owned(),
        Hint::ChoiceMissing => "Please choose one".to_owned(),
        Hint::BoxUnticked => "This has to be ticked to book".to_owned(),
        Hint::TooLong(limit) => format!("At most {limit} characters fit here"),
    }
}

/// A sentence in English.
#[allow(
    clippy::too_many_lines,
    reason = "one line for each sentence; splitting it would only hide some"
)]
pub(super) fn say(sentence: &Sentence<'_>) -> String {
    match *sentence {
        Sentence::DayLabel { day, free: number } | Sentence::TimesOf { day, free: number } => {
            format!("{day}, {}", free(number, "time"))
        }
        Sentence::MonthLoaded { month, days } => format!("{month}: {}", free(days, "day")),
        Sentence::Minutes(total) => minutes(total),
        Sentence::With(hosts) => with(hosts),
        Sentence::Hint(which) => hint(which),
        Sentence::NothingFree { month } => format!("Nothing free in {month}."),
        Sentence::NextFree { day, time } => format!("Next free: {day}, {time}."),
        Sentence::NothingLater { month } => format!("Nothing free in {month} or later."),
        Sentence::ShowMonth { month } => format!("Show {month}"),
        Sentence::NothingAtAllHelp { business } => {
            format!(
                "{business} has no free times at the moment. New ones appear here as soon as there are any."
            )
        }
        Sentence::TimesIn { zone } => format!("Times in {zone}"),
        Sentence::ZoneOfService { business } => format!("Where {business} is"),
        Sentence::ZoneRefused { zone, used } => {
            format!("{zone} is not a time zone we know. Times are shown in {used}.")
        }
        Sentence::NoTimes { day } => format!("Nothing free on {day}."),
        Sentence::SecondLine { place } => format!("The second hour is that of {place}."),
        Sentence::InPlace { place } => format!("in {place}"),
        Sentence::KeptFor { minutes } => match minutes {
            0 => "kept for you for less than a minute".to_owned(),
            minutes => format!("kept for you for {minutes} min"),
        },
        Sentence::Lapsed { time } => format!("We stopped keeping {time} after 10 minutes."),
        Sentence::BookAt { time } => format!("Book {time}"),
        Sentence::WhoGetsIt { business } => {
            format!("{business} gets these details, for this booking only.")
        }
        Sentence::Marked { count: 1 } => "One answer needs another look.".to_owned(),
        Sentence::Marked { count } => format!("{count} answers need another look."),
        Sentence::There { place, time } => format!("in {place} {time}"),
        Sentence::ForYou { place, time } => format!("for you in {place} {time}"),
        Sentence::LimitedFor { seconds } => {
            format!("You can go on in {}.", count(seconds, "second", "seconds"))
        }
        Sentence::NoServicesHelp { business } => {
            format!("{business} has not set up anything to book yet.")
        }
        Sentence::Taken { time } => format!("{time} has just been taken"),
        Sentence::Closed { business } => {
            format!(
                "This booking can no longer be changed here. Please get in touch with {business}."
            )
        }
        Sentence::ChooseNewTime { old } => {
            format!("Your time now is {old}. Nothing changes until you confirm a new one.")
        }
        Sentence::MoveTo { time } => format!("Move to {time}"),
        plain => plain_text(&plain).to_owned(),
    }
}

/// The sentences without parts.
fn plain_text(sentence: &Sentence<'_>) -> &'static str {
    match sentence {
        Sentence::BookerLabel => "Book a time",
        Sentence::Looking => "Looking for free times …",
        Sentence::Back => "Back",
        Sentence::TryAgain => "Try again",
        Sentence::ChooseService => "What would you like to book?",
        Sentence::AllServices => "All services",
        Sentence::PreviousMonth => "Previous month",
        Sentence::NextMonth => "Next month",
        Sentence::GridHelp => {
            "Arrow keys move between days, Page Up and Page Down between months, Enter shows the times."
        }
        Sentence::ShowIt => "Show it",
        Sentence::NothingAtAll => "Nothing is free",
        Sentence::LookAgain => "Look again",
        Sentence::ChangeZone | Sentence::ChangeTime => "Change",
        Sentence::ChangeZoneLabel => "Change the time zone",
        Sentence::ZoneLabel => "Show times in",
        Sentence::OtherZones => "Other",
        Sentence::OwnZoneUnknown => "yours is not known here",
        Sentence::Done => "Done",
        Sentence::ChooseDay => "Choose a day to see its times.",
        Sentence::Morning => "Morning",
        Sentence::Afternoon => "Afternoon",
        Sentence::Evening => "Evening",
        Sentence::YourDetails => "Your details",
        Sentence::YourName => "Your name",
        Sentence::Email => "E-mail",
        Sentence::Optional => "optional",
        Sentence::ChooseOne => "Choose …",
        Sentence::KeepingIt => "keeping it for you …",
        Sentence::NotKept => "free when you last looked",
        Sentence::LapsedChecking => "Looking whether it is still free …",
        Sentence::LapsedStillFree => "It is still free.",
        Sentence::KeepAgain => "Keep it again",
        Sentence::ChangeTimeLabel => "Change the time",
        Sentence::Booking => "Booking …",
        Sentence::Checking => "We are checking whether your booking arrived …",
        Sentence::CheckingHelp => {
            "The answer got lost on the way. Please leave this page open; nothing is ever booked twice."
        }
        Sentence::Unknown => "We could not find out whether it arrived",
        Sentence::UnknownHelp => {
            "What you wrote is kept. Checking again is safe: it is never done twice."
        }
        Sentence::CheckAgain => "Check again",
        Sentence::Offline => "You are offline",
        Sentence::OfflineKept => "What you wrote is kept; we try again when you are back.",
        Sentence::OfflineRetry => "We try again when you are back.",
        Sentence::Unreachable => "Bookings cannot be reached right now",
        Sentence::NothingBooked => "Nothing was booked.",
        Sentence::NothingChanged => "Nothing was changed.",
        Sentence::Limited => "That was a lot of tries in a short time",
        Sentence::LimitedOver => "You can go on now.",
        Sentence::NotDone => "This did not work",
        Sentence::Origin => "Booking is not switched on for this page",
        Sentence::OriginHelp => "Its owner has to add this site's address to the allowed origins.",
        Sentence::Missing => "There is nothing to book here",
        Sentence::MissingHelp => {
            "The page asks for something that is not offered. Its owner has to check the script tag."
        }
        Sentence::NoServices => "Nothing to book yet",
        Sentence::TakenHelp => {
            "Nothing was booked, and what you wrote is kept. These are the nearest free times."
        }
        Sentence::TakenHelpMove => {
            "Nothing was changed: your booking stands as it was. These are the nearest free times."
        }
        Sentence::NoAlternatives => "No other time is free near it.",
        Sentence::Nearest => "Nearest free times",
        Sentence::OtherTimes => "See all times",
        Sentence::Booked => "Booked",
        Sentence::BookedHelp => {
            "Keep the link or the calendar file: with either you can change or cancel."
        }
        Sentence::Moved => "Moved",
        Sentence::MovedHelp => {
            "Your new time is booked and the old one is free again. Save the calendar file anew."
        }
        Sentence::What => "What",
        Sentence::When => "When",
        Sentence::Where => "Where",
        Sentence::Who => "With",
        Sentence::CalendarFile => "Add to calendar",
        Sentence::CopyLink => "Copy link",
        Sentence::Copied => "Link copied",
        Sentence::CopyFailed => "Copying is blocked by this page",
        Sentence::ChangeOrCancel => "Change or cancel",
        Sentence::BookAnother => "Book another",
        Sentence::YourBooking => "Your booking",
        Sentence::MoveIt => "Change the time",
        Sentence::CancelIt => "Cancel the booking",
        Sentence::CancelQuestion => "Cancel this booking?",
        Sentence::CancelHelp => "The time becomes free for others at once.",
        Sentence::CancelYes => "Yes, cancel it",
        Sentence::CancelNo => "Keep it",
        Sentence::Cancelling => "Cancelling …",
        Sentence::Cancelled => "Cancelled",
        Sentence::CancelledHelp => "The time is free again.",
        Sentence::MoveQuestion => "Move your booking?",
        Sentence::OldTime => "From",
        Sentence::NewTime => "To",
        Sentence::Moving => "Moving …",
        Sentence::KeepOldTime => "Keep the old time",
        Sentence::ServiceGone => {
            "This service is not offered any more, so its time cannot be changed here."
        }
        Sentence::BadLink => "This link does not open a booking",
        Sentence::BadLinkHelp => "Please use the whole link that you copied when you booked.",
        Sentence::LinkOver => "This link has run out",
        Sentence::LinkOverHelp => {
            "A link works until the booking starts. Please get in touch to change it."
        }
        // Sentences with parts are said above; naming them here keeps the match honest.
        Sentence::Minutes(_)
        | Sentence::With(_)
        | Sentence::DayLabel { .. }
        | Sentence::MonthLoaded { .. }
        | Sentence::NothingFree { .. }
        | Sentence::NextFree { .. }
        | Sentence::NothingLater { .. }
        | Sentence::ShowMonth { .. }
        | Sentence::NothingAtAllHelp { .. }
        | Sentence::TimesIn { .. }
        | Sentence::ZoneOfService { .. }
        | Sentence::ZoneRefused { .. }
        | Sentence::TimesOf { .. }
        | Sentence::NoTimes { .. }
        | Sentence::SecondLine { .. }
        | Sentence::InPlace { .. }
        | Sentence::Hint(_)
        | Sentence::KeptFor { .. }
        | Sentence::Lapsed { .. }
        | Sentence::BookAt { .. }
        | Sentence::WhoGetsIt { .. }
        | Sentence::Marked { .. }
        | Sentence::There { .. }
        | Sentence::LimitedFor { .. }
        | Sentence::NoServicesHelp { .. }
        | Sentence::Taken { .. }
        | Sentence::ForYou { .. }
        | Sentence::Closed { .. }
        | Sentence::ChooseNewTime { .. }
        | Sentence::MoveTo { .. } => "",
    }
}
