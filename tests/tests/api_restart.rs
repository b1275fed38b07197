//! The runtime is killed with -9 in the middle of a stream of bookings: what it acknowledged is there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use slotstead_shared::wire::BookedView;
use slotstead_tests::{Region, Server, TestTenant, tenant::booking_at, wait::wait_until};

/// Bookings acknowledged before the plug is pulled.
const ENOUGH: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_acknowledged_booking_is_there_after_kill_9() {
    let mut server = Server::start("restart", |options| options);
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let starts: Vec<_> = tenant
        .free(&visitor)
        .await
        .into_iter()
        .map(|slot| slot.start)
        .collect();

    let acknowledged = Arc::new(AtomicUsize::new(0));
    let stream = tokio::spawn({
        let (tenant, visitor) = (tenant.clone(), visitor.clone());
        let (starts, acknowledged) = (starts.clone(), Arc::clone(&acknowledged));
        async move {
            let mut ids = Vec::new();
            for (number, start) in starts.iter().enumerate() {
                let path = tenant.path("bookings");
                let request = tenant.client.request(&visitor, Method::POST, &path);
                let key = format!("stream-{number}");
                match request.key(&key).json(&booking_at(*start)).try_send().await {
                    Ok(reply) if reply.status == 201 => {
                        let booked: BookedView = reply.expect(201);
                        ids.push((number, booked.booking.id));
                        acknowledged.fetch_add(1, Ordering::Release);
                    }
                    // The edge is gone, or says that it is going.
                    Ok(_) | Err(_) => break,
                }
            }
            ids
        }
    });
    wait_until(
        "a stream of bookings is under way",
        Duration::from_mins(1),
        || async { acknowledged.load(Ordering::Acquire) >= ENOUGH || stream.is_finished() },
    )
    .await;
    server.stack.kill_hard();
    let ids = stream.await.expect("the stream does not panic");
    assert!(
        ids.len() >= ENOUGH,
        "only {} bookings before the kill",
        ids.len()
    );
    assert!(
        ids.len() < starts.len(),
        "the kill came after the whole stream"
    );

    server
        .stack
        .start_again()
        .expect("it starts on the same state");
    let standing = tenant.all_bookings().await;
    for (number, id) in &ids {
        let same_start = standing
            .iter()
            .filter(|booking| booking.start.unix_seconds() == starts[*number].unix_seconds())
            .collect::<Vec<_>>();
        assert_eq!(same_start.len(), 1, "booking {number} after the restart");
        assert_eq!(same_start[0].id, *id);
    }
    // At most the one request whose answer was lost.
    assert!(
        standing.len() <= ids.len() + 1,
        "{} of {}",
        standing.len(),
        ids.len()
    );

    // Its retry, and the retry of an acknowledged one, make nothing new.
    let visitor = tenant.visitor().await;
    let (number, id) = &ids[0];
    let again = tenant
        .book(
            &visitor,
            &format!("stream-{number}"),
            &booking_at(starts[*number]),
        )
        .await;
    assert_eq!(again.expect::<BookedView>(201).booking.id, *id);
    let lost = ids.len();
    let key = format!("stream-{lost}");
    let reply = tenant.book(&visitor, &key, &booking_at(starts[lost])).await;
    let _: BookedView = reply.expect(201);
    assert_eq!(tenant.all_bookings().await.len(), ids.len() + 1);
}
