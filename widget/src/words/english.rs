//! English.

use std::borrow::Cow;

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

fn short_minutes(total: u32) -> String {
    match (total / 60, total % 60) {
        (0, rest) => format!("{rest} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, rest) => format!("{hours} h {rest} min"),
    }
}

/// `A`, `A or B`, `A, B or C`.
fn list(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
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
pub(super) fn say(sentence: &Sentence<'_>) -> Cow<'static, str> {
    let text = match *sentence {
        Sentence::DayLabel { day, free: number } | Sentence::TimesOf { day, free: number } => {
            format!("{day}, {}", free(number, "time"))
        }
        Sentence::MonthLoaded { month, days } => format!("{month}: {}", free(days, "day")),
        Sentence::Minutes(total) => minutes(total),
        Sentence::Durations(all) => {
            let all: Vec<String> = all.iter().copied().map(short_minutes).collect();
            list(&all, "or")
        }
        Sentence::ShortMinutes(total) => short_minutes(total),
        Sentence::With(hosts) => with(hosts),
        Sentence::WithOneOf(hosts) => format!("With one of {hosts}, as you choose"),
        Sentence::WithAll(hosts) => format!("With {}", list(hosts, "and")),
        Sentence::All(names) => list(names, "and"),
        Sentence::SeatsLeft(seats) => format!("{seats} left"),
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
        Sentence::SecondLine { place } => format!("The small figures are the time in {place}."),
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

        // Sentences without parts.
        Sentence::BookerLabel => return Cow::Borrowed("Book a time"),
        Sentence::Looking => return Cow::Borrowed("Looking for free times …"),
        Sentence::HowLong => return Cow::Borrowed("How long"),
        Sentence::Anyone => return Cow::Borrowed("Anyone"),
        Sentence::Back => return Cow::Borrowed("Back"),
        Sentence::TryAgain => return Cow::Borrowed("Try again"),
        Sentence::ChooseService => return Cow::Borrowed("What would you like to book?"),
        Sentence::AllServices => return Cow::Borrowed("All services"),
        Sentence::PreviousMonth => return Cow::Borrowed("Previous month"),
        Sentence::NextMonth => return Cow::Borrowed("Next month"),
        Sentence::GridHelp => {
            return Cow::Borrowed(
                "Arrow keys move between days, Page Up and Page Down between months, Enter shows the times.",
            );
        }
        Sentence::ShowIt => return Cow::Borrowed("Show it"),
        Sentence::NothingAtAll => return Cow::Borrowed("Nothing is free"),
        Sentence::LookAgain => return Cow::Borrowed("Look again"),
        Sentence::ChangeZone | Sentence::ChangeTime => return Cow::Borrowed("Change"),
        Sentence::ChangeZoneLabel => return Cow::Borrowed("Change the time zone"),
        Sentence::ZoneLabel => return Cow::Borrowed("Show times in"),
        Sentence::OtherZones => return Cow::Borrowed("Other"),
        Sentence::OwnZoneUnknown => return Cow::Borrowed("yours is not known here"),
        Sentence::Done => return Cow::Borrowed("Done"),
        Sentence::ChooseDay => return Cow::Borrowed("Choose a day to see its times."),
        Sentence::Morning => return Cow::Borrowed("Morning"),
        Sentence::Afternoon => return Cow::Borrowed("Afternoon"),
        Sentence::Evening => return Cow::Borrowed("Evening"),
        Sentence::YourDetails => return Cow::Borrowed("Your details"),
        Sentence::YourName => return Cow::Borrowed("Your name"),
        Sentence::Email => return Cow::Borrowed("E-mail"),
        Sentence::Optional => return Cow::Borrowed("optional"),
        Sentence::ChooseOne => return Cow::Borrowed("Choose …"),
        Sentence::KeepingIt => return Cow::Borrowed("keeping it for you …"),
        Sentence::NoLongerKept => return Cow::Borrowed("no longer kept"),
        Sentence::NotKept => return Cow::Borrowed("free when you last looked"),
        Sentence::LapsedChecking => return Cow::Borrowed("Looking whether it is still free …"),
        Sentence::LapsedStillFree => return Cow::Borrowed("It is still free."),
        Sentence::KeepAgain => return Cow::Borrowed("Keep it again"),
        Sentence::ChangeTimeLabel | Sentence::MoveIt => return Cow::Borrowed("Change the time"),
        Sentence::Booking => return Cow::Borrowed("Booking …"),
        Sentence::Checking => {
            return Cow::Borrowed("We are checking whether your booking arrived …");
        }
        Sentence::CheckingHelp => {
            return Cow::Borrowed(
                "The answer got lost on the way. Please leave this page open; nothing is ever booked twice.",
            );
        }
        Sentence::Unknown => return Cow::Borrowed("We could not find out whether it arrived"),
        Sentence::UnknownHelp => {
            return Cow::Borrowed(
                "What you wrote is kept. Checking again is safe: it is never done twice.",
            );
        }
        Sentence::CheckAgain => return Cow::Borrowed("Check again"),
        Sentence::Offline => return Cow::Borrowed("You are offline"),
        Sentence::OfflineKept => {
            return Cow::Borrowed("What you wrote is kept; we try again when you are back.");
        }
        Sentence::OfflineRetry => return Cow::Borrowed("We try again when you are back."),
        Sentence::Unreachable => return Cow::Borrowed("Bookings cannot be reached right now"),
        Sentence::NothingBooked => return Cow::Borrowed("Nothing was booked."),
        Sentence::NothingChanged => return Cow::Borrowed("Nothing was changed."),
        Sentence::Limited => return Cow::Borrowed("That was a lot of tries in a short time"),
        Sentence::LimitedOver => return Cow::Borrowed("You can go on now."),
        Sentence::NotDone => return Cow::Borrowed("This did not work"),
        Sentence::Origin => return Cow::Borrowed("Booking is not switched on for this page"),
        Sentence::OriginHelp => {
            return Cow::Borrowed(
                "Its owner has to add this site's address to the allowed origins.",
            );
        }
        Sentence::Missing => return Cow::Borrowed("There is nothing to book here"),
        Sentence::MissingHelp => {
            return Cow::Borrowed(
                "The page asks for something that is not offered. Its owner has to check the script tag.",
            );
        }
        Sentence::NoServices => return Cow::Borrowed("Nothing to book yet"),
        Sentence::TakenHelp => {
            return Cow::Borrowed(
                "Nothing was booked, and what you wrote is kept. These are the nearest free times.",
            );
        }
        Sentence::TakenHelpMove => {
            return Cow::Borrowed(
                "Nothing was changed: your booking stands as it was. These are the nearest free times.",
            );
        }
        Sentence::NoAlternatives => return Cow::Borrowed("No other time is free near it."),
        Sentence::Nearest => return Cow::Borrowed("Nearest free times"),
        Sentence::OtherTimes => return Cow::Borrowed("See all times"),
        Sentence::Booked => return Cow::Borrowed("Booked"),
        Sentence::BookedHelp => {
            return Cow::Borrowed(
                "Keep the link or the calendar file: with either you can change or cancel.",
            );
        }
        Sentence::Moved => return Cow::Borrowed("Moved"),
        Sentence::MovedHelp => {
            return Cow::Borrowed(
                "Your new time is booked and the old one is free again. Save the calendar file anew.",
            );
        }
        Sentence::What => return Cow::Borrowed("What"),
        Sentence::When => return Cow::Borrowed("When"),
        Sentence::Where => return Cow::Borrowed("Where"),
        Sentence::Who => return Cow::Borrowed("With"),
        Sentence::Includes => return Cow::Borrowed("Includes"),
        Sentence::CalendarFile => return Cow::Borrowed("Add to calendar"),
        Sentence::CopyLink => return Cow::Borrowed("Copy link"),
        Sentence::Copied => return Cow::Borrowed("Link copied"),
        Sentence::CopyFailed => return Cow::Borrowed("Copying is blocked by this page"),
        Sentence::ChangeOrCancel => return Cow::Borrowed("Change or cancel"),
        Sentence::BookAnother => return Cow::Borrowed("Book another"),
        Sentence::YourBooking => return Cow::Borrowed("Your booking"),
        Sentence::CancelIt => return Cow::Borrowed("Cancel the booking"),
        Sentence::CancelQuestion => return Cow::Borrowed("Cancel this booking?"),
        Sentence::CancelHelp => return Cow::Borrowed("The time becomes free for others at once."),
        Sentence::CancelYes => return Cow::Borrowed("Yes, cancel it"),
        Sentence::CancelNo | Sentence::EraseNo => return Cow::Borrowed("Keep it"),
        Sentence::Cancelling => return Cow::Borrowed("Cancelling …"),
        Sentence::Cancelled => return Cow::Borrowed("Cancelled"),
        Sentence::CancelledHelp => return Cow::Borrowed("The time is free again."),
        Sentence::EraseIt => return Cow::Borrowed("Delete my data"),
        Sentence::EraseQuestion => return Cow::Borrowed("Delete your data?"),
        Sentence::EraseHelp => {
            return Cow::Borrowed(
                "Your name, e-mail address and answers are deleted for good, from backups too. This cannot be undone.",
            );
        }
        Sentence::EraseHelpCancels => {
            return Cow::Borrowed(
                "Your name, e-mail address and answers are deleted for good, from backups too, and the booking is cancelled. This cannot be undone.",
            );
        }
        Sentence::EraseYes => return Cow::Borrowed("Yes, delete my data"),
        Sentence::Erasing => return Cow::Borrowed("Deleting …"),
        Sentence::Erased => return Cow::Borrowed("Your data is deleted"),
        Sentence::ErasedHelp => {
            return Cow::Borrowed(
                "Nobody can read your name, e-mail address and answers any more.",
            );
        }
        Sentence::MoveQuestion => return Cow::Borrowed("Move your booking?"),
        Sentence::OldTime => return Cow::Borrowed("From"),
        Sentence::NewTime => return Cow::Borrowed("To"),
        Sentence::Moving => return Cow::Borrowed("Moving …"),
        Sentence::KeepOldTime => return Cow::Borrowed("Keep the old time"),
        Sentence::ServiceGone => {
            return Cow::Borrowed(
                "This service is not offered any more, so its time cannot be changed here.",
            );
        }
        Sentence::BadLink => return Cow::Borrowed("This link does not open a booking"),
        Sentence::BadLinkHelp => {
            return Cow::Borrowed(
                "Please use the whole link that you copied when you booked. Once a booking's data is deleted, no link opens it.",
            );
        }
        Sentence::LinkOver => return Cow::Borrowed("This link has run out"),
        Sentence::LinkOverHelp => {
            return Cow::Borrowed(
                "A link works until the booking starts. Please get in touch to change it.",
            );
        }
    };
    Cow::Owned(text)
}
