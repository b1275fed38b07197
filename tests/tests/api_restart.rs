//! The runtime is killed with -9 in the middle of a stream of bookings, again and again: what it
//! acknowledged is there, and a retry makes nothing twice.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use reqwest::Method;
use slotstead_shared::{
    Stamp,
    wire::{BookedView, BookingStatus},
};
use slotstead_tests::{
    Region, Server, TestTenant, Visitor,
    size::{Random, either},
    tenant::booking_at,
    wait::wait_until,
};

/// Clients that book at the same time.
const CLIENTS: usize = 8;
/// Bookings of one client in one round at most: fifty rounds find a slot for each of them.
const STREAM: usize = 6;

/// The acknowledged bookings: key, id.
type Acknowledged = BTreeMap<String, String>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_acknowledged_booking_is_there_after_kill_9_and_none_twice() {
    let rounds = either(3, 50);
    let mut random = Random::new("kill -9");
    let mut server = Server::start("restart", |options| options);
    let region = [Region::Eu, Region::Us][random.below(2)];
    let tenant = TestTenant::new(&server.client(), region).await;
    let visitor = tenant.visitor().await;
    let slots = tenant.slots_between(&visitor, 2, 59).await;
    let mut starts = slots.days.into_iter().flat_map(|day| day.slots);
    let mut all = BTreeMap::new();
    let (mut lost, mut cut) = (0, 0);
    for round in 0..rounds {
        let wanted: Vec<Vec<(String, Stamp)>> = (0..CLIENTS)
            .map(|client| {
                let mine = starts.by_ref().take(STREAM).enumerate();
                mine.map(|(number, slot)| (format!("r{round}-c{client}-{number}"), slot.start))
                    .collect()
            })
            .collect();
        let found = wanted.iter().flatten().count();
        assert_eq!(found, CLIENTS * STREAM, "slots for round {round}");
        let visitor = tenant.visitor().await;
        let enough = 1 + random.below(CLIENTS * STREAM / 2);
        let acknowledged = stream(&mut server, &tenant, &visitor, &wanted, enough).await;
        assert!(acknowledged.len() >= enough, "{}", acknowledged.len());
        lost += wanted.iter().flatten().count() - acknowledged.len();
        cut += usize::from(acknowledged.len() < CLIENTS * STREAM);
        all.extend(acknowledged.clone());
        server
            .stack
            .start_again()
            .expect("it starts on the same state");
        check_standing(&tenant, &all).await;
        retry(&tenant, &wanted.concat(), &acknowledged, &mut all).await;
        check_standing(&tenant, &all).await;
        let standing = tenant.all_bookings().await.len();
        assert_eq!(
            standing,
            all.len(),
            "a retry made a booking twice, or lost one"
        );
    }
    assert_eq!(cut, rounds, "a kill came after the whole stream");
    println!(
        "{rounds} times kill -9 in {region}: {} bookings acknowledged and there, {lost} retried after a restart, \
         none twice",
        all.len()
    );
}

/// Books with every client at once until `enough` are acknowledged, then pulls the plug.
async fn stream(
    server: &mut Server,
    tenant: &TestTenant,
    visitor: &Visitor,
    wanted: &[Vec<(String, Stamp)>],
    enough: usize,
) -> Acknowledged {
    let count = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = wanted
        .iter()
        .map(|mine| {
            let (tenant, visitor) = (tenant.clone(), visitor.clone());
            let (mine, count) = (mine.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                let mut done = Acknowledged::new();
                for (key, start) in mine {
                    let path = tenant.path("bookings");
                    let request = tenant.client.request(&visitor, Method::POST, &path);
                    let request = request.key(&key).json(&booking_at(start));
                    // An error is an edge that is gone; nothing was promised.
                    let Ok(reply) = request.try_send().await else {
                        break;
                    };
                    let booked: BookedView = reply.expect(201);
                    done.insert(key, booked.booking.id.to_string());
                    count.fetch_add(1, Ordering::Release);
                }
                done
            })
        })
        .collect();
    let under_way = || async { count.load(Ordering::Acquire) >= enough };
    wait_until(
        "a stream of bookings is under way",
        Duration::from_mins(1),
        under_way,
    )
    .await;
    server.stack.kill_hard();
    let mut acknowledged = Acknowledged::new();
    for client in join_all(clients).await {
        acknowledged.extend(client.expect("a client does not panic"));
    }
    acknowledged
}

/// Every acknowledged booking is confirmed, and no two are at one time.
async fn check_standing(tenant: &TestTenant, all: &Acknowledged) {
    let mut standing = BTreeMap::new();
    let mut times = BTreeMap::new();
    for booking in tenant.all_bookings().await {
        assert_eq!(booking.status, BookingStatus::Confirmed);
        let twice = times.insert(booking.start.unix_seconds(), booking.id.clone());
        assert_eq!(twice, None, "two bookings at {}", booking.start);
        standing.insert(booking.id.to_string(), booking);
    }
    for (key, id) in all {
        assert!(standing.contains_key(id), "the booking of {key} is gone");
    }
}

/// Sends every request of the round again. Those that were acknowledged get their booking, the others one.
async fn retry(
    tenant: &TestTenant,
    wanted: &[(String, Stamp)],
    acknowledged: &Acknowledged,
    all: &mut Acknowledged,
) {
    let visitor = tenant.visitor().await;
    let retries = wanted.iter().map(|(key, start)| {
        let (tenant, visitor) = (tenant, &visitor);
        async move { (key, tenant.book(visitor, key, &booking_at(*start)).await) }
    });
    for (key, reply) in join_all(retries).await {
        let booked: BookedView = reply.expect(201);
        let id = booked.booking.id.to_string();
        if let Some(first) = acknowledged.get(key) {
            assert_eq!(&id, first, "{key} has another booking now");
            assert_eq!(reply.header("idempotency-replayed"), Some("true"), "{key}");
        }
        all.insert(key.clone(), id);
    }
}
