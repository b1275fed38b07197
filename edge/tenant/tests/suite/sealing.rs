//! What is sealed stays sealed, where it is and to whom; who is erased is gone from every copy.

use chrono::{Days, NaiveDate};
use serde_json::json;
use slotstead_shared::{ids::BookingId, wire};
use slotstead_tenant::{
    Answer, Command, Outcome, Refusal, Reply,
    effect::Action,
    keyring::{
        objects::{PAGES_AHEAD, SLOTS},
        regional::SealingKeys,
    },
    store::{Row, Value},
};

use crate::kit::{
    World, book, book_with, booker, booking, is_missing, new_booking, offer, owner, reschedule,
    settings, slug, visitor, wire, with,
};

const NOON: &str = "2027-03-02T12:00:00+01:00";
const LATER: &str = "2027-03-02T14:00:00+01:00";

fn erase(world: &mut World, email: &str) -> Answer {
    let erasure = wire(json!({ "email": email }));
    world.ask(&owner(), Command::ErasePerson { erasure })
}

fn erasure(answer: Answer) -> wire::Erasure {
    match answer {
        Ok(Reply::Erasure(erasure)) => erasure,
        other => panic!("{other:?}"),
    }
}

fn erasures(world: &mut World) -> Vec<wire::Erasure> {
    match world.own(Command::ListErasures { after: None }) {
        Reply::Erasures(page) => page.items,
        other => panic!("{other:?}"),
    }
}

fn get(world: &mut World, id: &BookingId) -> Answer {
    world.ask(&owner(), Command::GetBooking { id: id.clone() })
}

fn rows(world: &World, sql: &str) -> Vec<Row> {
    world.sql(sql)
}

fn is_away(answer: &Answer) -> bool {
    *answer == Err(Refusal::Keys)
}

fn is_damaged(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::Store { .. }))
}

/// Starts of half an hour in the weeks from the first of March on, which become summer time.
fn start(number: usize) -> String {
    let (day, half_hour) = (number / 16, number % 16);
    let (week, weekday) = (day / 5, day % 5);
    let days = u64::try_from(week * 7 + weekday).expect("a small number");
    let first = NaiveDate::from_ymd_opt(2027, 3, 1).expect("a date");
    let date = first + Days::new(days);
    let summer = NaiveDate::from_ymd_opt(2027, 3, 28).expect("a date");
    let offset = if date < summer { 1 } else { 2 };
    let minutes = 9 * 60 + half_hour * 30;
    format!(
        "{date}T{:02}:{:02}:00+0{offset}:00",
        minutes / 60,
        minutes % 60
    )
}

#[test]
fn a_person_is_erased_from_every_booking_whatever_the_capitals() {
    let mut world = World::demo();
    let one = world.booked("k1", NOON);
    let past = world.booked("k2", "2027-03-01T12:00:00+01:00");
    let other = with(
        new_booking(LATER, None),
        json!({ "email": "zoe@example.com" }),
    );
    let other = booking(world.ask(&visitor(), book_with("k3", other)));
    world.pass(6 * 3_600);

    let erased = erasure(erase(&mut world, "Amal@Example.COM"));
    assert_eq!((erased.bookings, erased.keys_left), (2, 2));
    assert_eq!(erased.finished_at, None);
    for (id, status) in [
        (&one.id, wire::BookingStatus::Cancelled),
        (&past.id, wire::BookingStatus::Confirmed),
    ] {
        let seen = booking(get(&mut world, id));
        assert!(seen.erased && seen.name.is_empty() && seen.email.is_empty());
        assert_eq!(seen.status, status);
        // Whoever has the link is told that there is no such booking.
        for command in [
            Command::GetBooking { id: id.clone() },
            Command::Cancel { id: id.clone() },
            reschedule("k9", id, LATER),
        ] {
            assert!(is_missing(&world.ask(&booker(id), command)));
        }
    }
    assert!(
        world.offers("consult", NOON),
        "nobody is left who could come"
    );
    let kept = booking(get(&mut world, &other.id));
    assert_eq!((kept.name.as_str(), kept.erased), ("Amal Berg", false));

    world.take();
    let done = erasures(&mut world);
    assert_eq!(done.len(), 1);
    assert_eq!((done[0].keys_left, done[0].bookings), (0, 2));
    assert!(done[0].finished_at.is_some());
    assert!(is_missing(&erase(&mut world, "amal@example.com")));
}

#[test]
fn a_booker_erases_one_booking_and_nobody_elses() {
    let mut world = World::demo();
    let mine = world.booked("k1", NOON);
    // Somebody else books under the same address.
    let theirs = world.booked("k2", LATER);
    let command = |id: &BookingId| Command::EraseBooker { id: id.clone() };
    let foreign = world.ask(&booker(&mine.id), command(&theirs.id));
    assert!(is_missing(&foreign));
    let erased = erasure(world.ask(&booker(&mine.id), command(&mine.id)));
    assert_eq!(erased.bookings, 1);
    assert_eq!(booking(get(&mut world, &theirs.id)).name, "Amal Berg");
    // Again: a retry is harmless and finds nothing more to do.
    let again = erasure(world.ask(&booker(&mine.id), command(&mine.id)));
    assert_eq!((again.bookings, again.keys_left), (0, 0));
    assert_eq!(erasures(&mut world).len(), 1);
}

#[test]
fn an_older_backup_does_not_bring_anybody_back() {
    let mut world = World::demo();
    let made = world.booked("k1", NOON);
    world.save();
    erasure(erase(&mut world, "amal@example.com"));
    world.take();
    world.restore(settings());
    assert_eq!(
        rows(&world, "SELECT 1 FROM bookings WHERE booker IS NOT NULL").len(),
        1,
        "the backup has the sealed booker"
    );
    let seen = booking(get(&mut world, &made.id));
    assert!(seen.erased && seen.name.is_empty(), "{seen:?}");
    let listed = world.bookings();
    assert!(listed.iter().all(|booking| booking.erased));
    // The retry of the booking is told what it was told, without the person.
    let replayed = booking(world.book("k1", NOON));
    assert!(replayed.erased && replayed.email.is_empty());
    // The next booking does not get the destroyed key.
    let next = world.booked("k2", LATER);
    assert_eq!(booking(get(&mut world, &next.id)).name, "Amal Berg");
}

#[test]
fn a_key_that_cannot_be_destroyed_now_is_destroyed_later() {
    let mut world = World::demo();
    world.booked("k1", NOON);
    world.save();
    erasure(erase(&mut world, "amal@example.com"));
    world.vault.away.set(true);
    let effect = world.take_all().remove(0);
    let Action::Keys(task) = effect.action else {
        panic!("{effect:?}")
    };
    let outcome = world.carry_out(task);
    assert_eq!(outcome, Outcome::KeysFailed);
    world.settle(&effect, outcome).unwrap();
    assert_eq!(erasures(&mut world)[0].keys_left, 1);
    assert!(world.take_all().is_empty());
    world.vault.away.set(false);
    world.pass(30);
    assert_eq!(world.next_due(), Some(world.now));
    world.take();
    assert_eq!(erasures(&mut world)[0].keys_left, 0);
    world.restore(settings());
    assert!(world.bookings()[0].erased);
}

#[test]
fn what_is_sealed_opens_nowhere_else() {
    let mut world = World::demo();
    let one = world.booked("k1", NOON);
    let two = world.booked("k2", LATER);
    let (one, two) = (one.id, two.id);
    // The columns of one row in the other, with the key or without.
    for columns in ["booker", "key_slot", "booker, key_slot"] {
        world.save();
        let taken: Vec<String> = columns
            .split(", ")
            .map(|column| {
                format!("{column} = (SELECT {column} FROM bookings WHERE booking_id = '{one}')")
            })
            .collect();
        world.sql(&format!(
            "UPDATE bookings SET {} WHERE booking_id = '{two}'",
            taken.join(", ")
        ));
        world.reopen(settings());
        assert!(is_damaged(&get(&mut world, &two)), "{columns}");
        assert_eq!(booking(get(&mut world, &one)).name, "Amal Berg");
        world.restore(settings());
        for table in world.tables() {
            if table.starts_with("saved_") {
                world.sql(&format!("DROP TABLE {table}"));
            }
        }
    }
    // Half of it is damage, and not an erasure.
    world.sql("UPDATE bookings SET booker = NULL");
    world.reopen(settings());
    assert!(is_damaged(&get(&mut world, &two)));
}

#[test]
fn two_who_book_the_same_way_are_not_the_same_bytes() {
    let mut world = World::demo();
    world.booked("k1", NOON);
    world.booked("k2", LATER);
    let sealed = rows(&world, "SELECT booker, person FROM bookings");
    assert_ne!(sealed[0][0], sealed[1][0]);
    assert_eq!(sealed[0][1], sealed[1][1], "they are one person");
    let mut elsewhere = World::demo();
    elsewhere.sealing_keys =
        SealingKeys::parse("k2:CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg").unwrap();
    elsewhere.now += 1;
    elsewhere
        .cancel(&BookingId::from_random([1; 16]))
        .unwrap_err();
    elsewhere.booked("k1", NOON);
    let tag = &rows(&elsewhere, "SELECT person FROM bookings")[0][0];
    assert_ne!(*tag, sealed[0][1], "and nobody who is known elsewhere");
}

#[test]
fn without_the_vault_times_are_offered_and_bookings_go_on_while_keys_last() {
    let mut world = World::demo();
    let before = world.booked("k0", &start(0));
    world.vault.away.set(true);
    for number in 1..40 {
        world.booked(&format!("k{number}"), &start(number));
    }
    // After a restart nothing is in memory any more.
    world.reopen(settings());
    let answer = world.ask(&visitor(), book("k99", &start(50), None));
    assert!(is_away(&answer), "{answer:?}");
    assert!(is_away(&get(&mut world, &before.id)));
    assert!(is_away(&world.ask(
        &owner(),
        Command::ListBookings {
            from: None,
            to: None,
            after: None
        }
    )));
    let slots = world.ask(
        &visitor(),
        offer("consult", "2027-03-01", "2027-03-08", "Europe/Oslo"),
    );
    assert!(matches!(slots, Ok(Reply::Slots(_))));
    assert!(world.offers("consult", &start(50)), "nothing was booked");
    world.vault.away.set(false);
    world.booked("k99", &start(50));
}

#[test]
fn a_call_that_waits_for_keys_counts_once() {
    let mut limited = settings();
    limited.rates.bookings_per_minute = 1;
    limited.rates.bookings_per_day = 2;
    let mut world = World::demo_with(limited.clone());
    world.vault.away.set(true);
    assert!(is_away(&world.book("k1", NOON)));
    let again = world.book("k1", NOON);
    assert!(
        matches!(again, Err(Refusal::RateLimited { .. })),
        "{again:?}"
    );
    world.vault.away.set(false);
    world.pass(60);
    world.booked("k1", NOON);
    let second = world.book("k2", LATER);
    assert!(
        matches!(second, Err(Refusal::RateLimited { .. })),
        "{second:?}"
    );
}

#[test]
fn the_next_pages_of_keys_are_made_before_they_are_needed() {
    let mut world = World::demo();
    let half = SLOTS / 2;
    for number in 0..half {
        world.booked(&format!("k{number}"), &start(number));
    }
    assert_eq!(world.next_due(), Some(world.now));
    world.take();
    let asked = world.vault.asked.get();
    world.vault.away.set(true);
    let made = (1 + PAGES_AHEAD as usize) * SLOTS;
    for number in half..made - 1 {
        world.booked(&format!("k{number}"), &start(number));
    }
    assert_eq!(
        world.vault.asked.get(),
        asked,
        "no booking waited for the vault"
    );
    // No more were made: the vault is away.
    let answer = world.book("last", &start(made));
    assert!(is_away(&answer), "{answer:?}");
    world.vault.away.set(false);
    world.booked("last", &start(made));
    assert_eq!(world.sql("SELECT 1 FROM bookings").len(), made);
}

#[test]
fn keys_that_were_given_out_and_are_gone_are_never_made_anew() {
    let mut world = World::demo();
    let made = world.booked("k1", NOON);
    world.vault = std::rc::Rc::default();
    world.reopen(settings());
    assert!(is_away(&get(&mut world, &made.id)));
    assert!(is_away(&world.book("k2", LATER)));
    assert!(world.offers("consult", LATER));
}

#[test]
fn the_regional_key_is_changed_while_bookings_go_on() {
    const NEW: &str = "k2:CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg";
    let keys = |text: &str| SealingKeys::parse(text).unwrap();
    let mut world = World::demo();
    let made = world.booked("k1", NOON);
    // Without the old key nothing opens, and nothing is lost.
    world.reopen(settings());
    world.sealing_keys = keys(NEW);
    assert!(is_away(&get(&mut world, &made.id)));
    // With both, what is used is sealed under the new one.
    world.sealing_keys = keys(&format!("{NEW},{}", crate::kit::SEALING_KEYS));
    assert_eq!(booking(get(&mut world, &made.id)).name, "Amal Berg");
    world.reopen(settings());
    world.sealing_keys = keys(NEW);
    assert_eq!(booking(get(&mut world, &made.id)).name, "Amal Berg");
    // The same for a tenant whom nobody asks.
    world.reopen(settings());
    world.sealing_keys = keys(&format!("{},{NEW}", crate::kit::SEALING_KEYS));
    assert!(world.seal_anew());
    world.reopen(settings());
    world.sealing_keys = keys(crate::kit::SEALING_KEYS);
    assert_eq!(booking(get(&mut world, &made.id)).name, "Amal Berg");
}

#[test]
fn the_key_of_a_feed_goes_with_its_address() {
    let mut world = World::demo();
    world.put_feed("private", "ingrid");
    let slot = |world: &World| rows(world, "SELECT key_slot FROM feeds")[0][0].clone();
    let first = slot(&world);
    world.put_feed("private", "ingrid");
    assert_eq!(slot(&world), first, "it is the same address");
    let feed = wire(json!({ "host": "ingrid", "url": "https://other.example/b.ics" }));
    let id = slug("private");
    world.own(Command::PutFeed { id, feed });
    assert_ne!(slot(&world), first);
    let doomed = || Value::Text("destroy_key".to_owned());
    let kinds = |world: &World| rows(world, "SELECT kind FROM effects WHERE kind <> 'fetch_feed'");
    assert_eq!(kinds(&world), [[doomed()]]);
    world.own(Command::DeleteFeed {
        id: slug("private"),
    });
    assert_eq!(kinds(&world).len(), 2);
    world.take();
    assert!(kinds(&world).is_empty());
}

#[test]
fn erasures_come_in_pages() {
    let mut world = World::demo();
    let pages = slotstead_shared::limits::PAGE + 3;
    for number in 0..pages {
        let made = world.booked(&format!("k{number}"), &start(number));
        let id = made.id;
        erasure(world.ask(&owner(), Command::EraseBooker { id }));
        world.pass(1);
    }
    let page = |world: &mut World, after: Option<String>| match world
        .own(Command::ListErasures { after })
    {
        Reply::Erasures(page) => page,
        other => panic!("{other:?}"),
    };
    let first = page(&mut world, None);
    assert_eq!(first.items.len(), slotstead_shared::limits::PAGE);
    let second = page(&mut world, first.next);
    assert_eq!((second.items.len(), second.next), (3, None));
    assert!(first.items[0].asked_at.unix_seconds() > second.items[2].asked_at.unix_seconds());
    let wrong = world.ask(
        &owner(),
        Command::ListErasures {
            after: Some("1.x".to_owned()),
        },
    );
    assert!(matches!(wrong, Err(Refusal::Invalid(_))));
}
