//! The race: many visitors want one time at once, and one of them gets it.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use slotstead_shared::wire::BookedView;
use slotstead_tests::{
    ProblemKind, Region, Server, TestTenant,
    tenant::{booking_at, same},
};

/// Bookings at once.
const BOOKINGS: usize = 1_000;
/// Sessions that they are made with: the edge forgets none of them, and each costs a request before.
const SESSIONS: usize = 100;
/// Retries at once.
const RETRIES: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_bookings_at_one_time_make_one() {
    let server = Server::shared();
    for region in [Region::Eu, Region::Us] {
        let tenant = TestTenant::new(&server.client(), region).await;
        let visitors = join_all((0..SESSIONS).map(|_| tenant.visitor())).await;
        let start = tenant.free(&visitors[0]).await[10].start;
        let booking = booking_at(start);
        let replies = join_all((0..BOOKINGS).map(|number| {
            let visitor = &visitors[number % SESSIONS];
            let (tenant, booking) = (&tenant, &booking);
            async move {
                tenant
                    .book_until_told(visitor, &format!("race-{number}"), booking)
                    .await
            }
        }))
        .await;

        let winners = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(winners, 1, "{region}");
        println!(
            "{BOOKINGS} bookings of one time in {region}: 1 made, {} conflicts",
            replies.len() - 1
        );
        for reply in replies.iter().filter(|reply| reply.status != 201) {
            let problem = reply.refused(409, ProblemKind::SlotTaken);
            assert!(!problem.alternatives.is_empty(), "{problem:?}");
            assert!(
                problem
                    .alternatives
                    .iter()
                    .all(|slot| !same(slot.start, start))
            );
        }
        let bookings = tenant.all_bookings().await;
        assert_eq!(bookings.len(), 1, "{region}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_retries_of_one_request_make_one_booking() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let booking = booking_at(tenant.free(&visitor).await[10].start);
    let replies = join_all((0..RETRIES).map(|_| tenant.book(&visitor, "one", &booking))).await;
    let ids: BTreeSet<String> = replies
        .iter()
        .map(|reply| reply.expect::<BookedView>(201).booking.id.to_string())
        .collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let first = replies
        .iter()
        .filter(|reply| reply.header("idempotency-replayed").is_none());
    assert_eq!(
        first.count(),
        1,
        "one answer is the first, the others are replays"
    );
    assert_eq!(tenant.all_bookings().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bookings_that_overlap_without_sharing_a_start_never_both_stand() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    // An hour on a 15-minute step: each start overlaps its three neighbours on both sides.
    let long = serde_json::json!({
        "name": "Long", "duration_minutes": 60, "slot_step_minutes": 15,
        "buffer_after_minutes": 10, "booking_window_days": 60, "hosts": ["ingrid"],
    });
    tenant.set_up("services/long", &long).await;
    let visitor = tenant.visitor().await;
    let slots = tenant.slots_of(&visitor, "long", 3, 4).await;
    let starts: Vec<_> = slots.days[0]
        .slots
        .iter()
        .take(60)
        .map(|slot| slot.start)
        .collect();
    join_all(starts.iter().enumerate().map(|(number, start)| {
        let mut booking = booking_at(*start);
        booking.service = "long".parse().unwrap();
        let (tenant, visitor) = (&tenant, &visitor);
        async move {
            tenant
                .book(visitor, &format!("overlap-{number}"), &booking)
                .await
        }
    }))
    .await;

    let mut claims: Vec<_> = tenant
        .all_bookings()
        .await
        .iter()
        .map(|booking| {
            (
                booking.start.unix_seconds(),
                booking.end.unix_seconds() + 600,
            )
        })
        .collect();
    claims.sort_unstable();
    assert!(claims.len() >= 10, "{claims:?}");
    assert!(
        claims.windows(2).all(|pair| pair[0].1 <= pair[1].0),
        "{claims:?}"
    );
}

/// Callers at once, in each of several rounds. Every other one leaves, each at another moment.
const CALLERS: u64 = 40;
const ROUNDS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_leaves_in_the_middle_holds_up_nobody() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let free = tenant.free(&visitor).await;
    for round in 0..ROUNDS {
        let start = free[usize::try_from(round).expect("a few rounds")].start;
        let call = |number: u64| {
            let (tenant, visitor) = (&tenant, &visitor);
            async move {
                let (key, booking) = (format!("caller-{round}-{number}"), booking_at(start));
                let request = tenant.book_until_told(visitor, &key, &booking);
                if number.is_multiple_of(2) {
                    return Some(request.await.status);
                }
                // From before the call is sent until after it is answered.
                let patience = Duration::from_micros((round * CALLERS + number) * 100);
                let reply = tokio::time::timeout(patience, request).await.ok();
                reply.map(|reply| reply.status)
            }
        };
        let told = join_all((0..CALLERS).map(call)).await;
        let stayed = told.iter().step_by(2).flatten();
        assert!(stayed.clone().all(|status| [201, 409].contains(status)));
        assert_eq!(stayed.count() * 2, told.len());
        let bookings = tenant.all_bookings().await;
        let made = bookings.iter().filter(|one| same(one.start, start)).count();
        assert_eq!(made, 1, "round {round}");
    }
}
