//! Calls of one tenant that come at the same time and go to its object in one request: everybody is answered what they
//! asked, whoever else asked, however much was answered, and whoever of them has left.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use slotstead_shared::wire::{BookedView, NewBooking, Slot, Slots};
use slotstead_tests::{
    ProblemKind, Region, Server, TestTenant, Visitor,
    leaver::leave,
    tenant::{HOST, SCHEDULE, SERVICE, ZONE, booking_at, date, same},
};

/// Visitors at once.
const VISITORS: usize = 40;
/// How often each of them asks.
const ROUNDS: usize = 5;
/// Those who hang up, one after the other, while others ask.
const LEAVERS: usize = 400;

async fn visitors(tenant: &TestTenant) -> Vec<Visitor> {
    join_all((0..VISITORS).map(|_| tenant.visitor())).await
}

/// The free times of a day that is one visitor's own.
async fn own_day(tenant: &TestTenant, number: usize, visitor: &Visitor) -> Slots {
    let day = 2 + i64::try_from(number).expect("small");
    tenant.slots_between(visitor, day, day + 1).await
}

fn first_day(slots: &Slots) -> String {
    slots.days.first().expect("a day").date.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_is_answered_what_they_asked() {
    let server = Server::start("together", |options| options);
    for region in [Region::Eu, Region::Us] {
        let tenant = TestTenant::new(&server.client(), region).await;
        let visitors = visitors(&tenant).await;
        let free = tenant.free(&visitors[0]).await;
        let all = visitors.iter().enumerate();
        join_all(all.map(|(number, visitor)| ask_and_book(&tenant, number, visitor, &free))).await;
        let bookings = tenant.all_bookings().await;
        assert_eq!(bookings.len(), VISITORS * ROUNDS / 2, "{region}");
    }
}

/// Asks for a day of one's own and books a time of one's own, round after round. One of two visitors asks for what
/// there is not instead of booking.
async fn ask_and_book(tenant: &TestTenant, number: usize, visitor: &Visitor, free: &[Slot]) {
    for round in 0..ROUNDS {
        let slots = own_day(tenant, number, visitor).await;
        let day = date(2 + i64::try_from(number).expect("small"));
        assert_eq!(first_day(&slots), day.to_string());
        let mine = NewBooking {
            name: format!("Visitor {number}"),
            email: format!("visitor-{number}-{round}@example.com"),
            ..booking_at(free[number / 2 * ROUNDS + round].start)
        };
        let key = format!("{number}-{round}");
        if number.is_multiple_of(2) {
            let booked: BookedView = tenant.book(visitor, &key, &mine).await.expect(201);
            let booking = &booked.booking;
            assert_eq!((&booking.name, &booking.email), (&mine.name, &mine.email));
            assert!(same(booking.start, mine.start));
            let again: BookedView = tenant.book(visitor, &key, &mine).await.expect(201);
            assert_eq!(again.booking.id, booking.id);
            let holder = tenant.booker(&booked);
            let path = tenant.path(&format!("bookings/{}", booking.id));
            let seen: BookedView = tenant.client.get(&holder, &path).await.expect(200);
            assert_eq!(seen.booking.email, mine.email);
        } else {
            let wrong = NewBooking {
                email: "nobody".to_owned(),
                ..mine
            };
            let reply = tenant.book(visitor, &key, &wrong).await;
            assert_eq!(reply.wrong_fields(), ["email"]);
            let path = tenant.path(&format!(
                "slots?service=none-{number}&from={day}&to={day}&zone={ZONE}"
            ));
            let reply = tenant.client.get(visitor, &path).await;
            let _ = reply.refused(404, ProblemKind::NotFound);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whose_answer_has_no_room_among_the_others_gets_it_all_the_same() {
    let server = Server::start("together-long", |options| options);
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let often = json!({
        "name": "Often",
        "duration_minutes": 5,
        "slot_step_minutes": 5,
        "booking_window_days": 120,
        "hosts": [HOST],
    });
    tenant.set_up("services/often", &often).await;
    let visitors = visitors(&tenant).await;
    let month = |number: usize| {
        let (tenant, visitor) = (&tenant, &visitors[number]);
        let from = 2 + i64::try_from(number).expect("small");
        async move { tenant.slots_of(visitor, "often", from, from + 31).await }
    };
    // Hundreds of kilobytes each, and none like another.
    let together = join_all((0..VISITORS).map(month)).await;
    for (number, slots) in together.iter().enumerate() {
        let alone = month(number).await;
        assert_eq!(first_day(slots), first_day(&alone), "{number}");
        assert_eq!(slots.days.len(), alone.days.len(), "{number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_leaves_takes_nobody_along() {
    let server = Server::start("together-leavers", |options| options);
    let port = server.stack.port();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitors = visitors(&tenant).await;
    let free = tenant.free(&visitors[0]).await;
    let leaver = tenant.visitor().await;
    let (from, to) = (date(2), date(3));
    let asked = tenant.path(&format!(
        "slots?service={SERVICE}&from={from}&to={to}&zone={ZONE}"
    ));
    let question = format!(
        "GET {asked} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: {}\r\nAuthorization: Bearer {}\r\n\r\n",
        tenant.origin, leaver.token
    );
    let change = json!({ "name": "Ingrid", "schedule": SCHEDULE }).to_string();
    let command = format!(
        "PUT {} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{change}",
        tenant.path(&format!("hosts/{HOST}")),
        tenant.owner.token,
        change.len()
    );
    let leaving = async {
        for number in 0..LEAVERS {
            let patience = Duration::from_micros(u64::try_from(number % 40).expect("small") * 100);
            let request = if number.is_multiple_of(2) {
                &question
            } else {
                &command
            };
            leave(port, request.as_bytes(), patience).await;
        }
    };
    // Whoever waited for one who left would be told after the deadline that the region cannot be reached.
    let staying = join_all(
        visitors
            .iter()
            .enumerate()
            .map(|(number, visitor)| ask_and_book(&tenant, number, visitor, &free)),
    );
    tokio::join!(leaving, staying);
    assert_eq!(tenant.all_bookings().await.len(), VISITORS * ROUNDS / 2);
}
