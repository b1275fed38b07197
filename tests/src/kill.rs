//! `kill -9` in the middle of a stream of bookings, again and again: what was acknowledged is there,
//! and a retry makes nothing twice.

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
    Region, Stamp,
    problem::ProblemKind,
    wire::{BookedView, BookingStatus},
};
use xtask::stack::{Cluster, RegionServer};

use crate::{Server, TestTenant, Visitor, size::Random, tenant::booking_at, wait::wait_until};

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// The runtime, with the edge and the Durable Objects in it.
    Edge,
    /// The region server.
    Region,
    /// The database under the region server.
    Database,
}

/// What became of the bookings.
#[derive(Debug, Default)]
pub struct Toll {
    /// Bookings that were acknowledged, and are there.
    pub acknowledged: usize,
    /// Those that were sent again, because nobody had heard of them.
    pub retried: usize,
}

/// Clients that book at the same time.
const CLIENTS: usize = 8;
/// Bookings of one client in one round at most.
const STREAM: usize = 12;

/// How long a region server may take to get on with a database that is back.
const RECOVERY: Duration = Duration::from_secs(30);

/// The acknowledged bookings: key, id.
type Acknowledged = BTreeMap<String, String>;

/// Rounds with one tenant: its free times are enough for no more.
const ROUNDS: usize = 20;

/// Kills `victim` in each of `rounds` streams of bookings of tenants in `region`.
pub async fn kill_again_and_again(
    server: &mut Server,
    victim: Victim,
    region: Region,
    rounds: usize,
    random: &mut Random,
) -> Toll {
    let mut toll = Toll::default();
    let mut left = rounds;
    while left > 0 {
        let now = left.min(ROUNDS);
        left -= now;
        kill_with_one_tenant(server, victim, region, now, random, &mut toll).await;
    }
    toll
}

async fn kill_with_one_tenant(
    server: &mut Server,
    victim: Victim,
    region: Region,
    rounds: usize,
    random: &mut Random,
    toll: &mut Toll,
) {
    let tenant = TestTenant::new(&server.client(), region).await;
    let visitor = tenant.visitor().await;
    let slots = tenant.slots_between(&visitor, 2, 59).await;
    let mut starts = slots.days.into_iter().flat_map(|day| day.slots);
    let mut all = BTreeMap::new();
    for round in 0..rounds {
        let wanted: Vec<Vec<(String, Stamp)>> = (0..CLIENTS)
            .map(|client| {
                let mine = starts.by_ref().take(STREAM).enumerate();
                mine.map(|(number, slot)| (format!("r{round}-c{client}-{number}"), slot.start))
                    .collect()
            })
            .collect();
        let visitor = tenant.visitor().await;
        let enough = 1 + random.below(CLIENTS * STREAM / 2);
        let acknowledged = stream(server, victim, &tenant, &visitor, &wanted, enough).await;
        let heard_of = acknowledged.len();
        assert!(heard_of >= enough, "{heard_of}");
        assert!(
            heard_of < CLIENTS * STREAM,
            "the kill came after the whole stream"
        );
        toll.retried += CLIENTS * STREAM - heard_of;
        all.extend(acknowledged.clone());
        let started = match victim {
            Victim::Edge => server.stack.start_again(),
            Victim::Region => region_server(server).start_again(),
            Victim::Database => database(server).start_again(),
        };
        started.expect("it starts on the same state");
        if victim == Victim::Database {
            let region = &*region_server(server);
            let back = || async { region.is_healthy() };
            wait_until("the region has its database again", RECOVERY, back).await;
        }
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
    toll.acknowledged += all.len();
}

fn database(server: &mut Server) -> &mut Cluster {
    let postgres = server.stack.postgres();
    postgres.expect("the stack was started with one")
}

fn region_server(server: &mut Server) -> &mut RegionServer {
    let canberra = server.stack.canberra();
    canberra.expect("the stack was started with one")
}

/// Books with every client at once until `enough` are acknowledged, then pulls the plug.
async fn stream(
    server: &mut Server,
    victim: Victim,
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
                    // This is one that cannot say what became of the booking.
                    if victim != Victim::Edge && reply.status == 503 {
                        let _ = reply.refused(503, ProblemKind::RegionUnavailable);
                        break;
                    }
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
    match victim {
        Victim::Edge => server.stack.kill_hard(),
        Victim::Region => region_server(server).kill_hard(),
        Victim::Database => database(server).kill_hard(),
    }
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
        async move {
            let booking = booking_at(*start);
            (key, tenant.book_until_told(visitor, key, &booking).await)
        }
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
