//! Rate limits as production has them: of every limited route, per client, with a word on when to come back,
//! and no wider for whoever lies about where a request comes from.

use std::time::Instant;

use reqwest::Method;
use serde_json::json;
use slotstead_shared::wire::{BookedView, Hold, Session, Slot};
use slotstead_tests::{
    Identity, ProblemKind, Raw, Region, Reply, Server, TestTenant, Visitor,
    tenant::{SERVICE, ZONE, booking_at},
};

/// Headers in which proxies tell whom a request is from, but for the platform's own.
const HEARSAY: [&str; 10] = [
    "x-forwarded-for",
    "x-real-ip",
    "forwarded",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "cf-connecting-ipv6",
    "cf-pseudo-ipv4",
    "x-original-forwarded-for",
];

/// `who`, from another place with every number.
fn from_elsewhere(who: &impl Identity, number: usize) -> Raw {
    let address = format!("198.51.100.{}", number % 250);
    let mut headers = who.headers();
    headers.extend(HEARSAY.map(|name| match name {
        "forwarded" => (name, format!("for={address}")),
        _ => (name, address.clone()),
    }));
    Raw(headers)
}

/// `who`, from where the platform says.
fn from_address(who: &impl Identity, address: &str) -> Raw {
    let mut headers = who.headers();
    headers.push(("cf-connecting-ip", address.to_owned()));
    Raw(headers)
}

fn production(name: &str) -> Server {
    Server::start(name, |mut options| {
        options.vars.retain(|(name, _)| name != "RATE_LIMITS");
        options
    })
}

fn with_rates(name: &str, rates: &serde_json::Value) -> Server {
    Server::start(name, |options| {
        options.var("RATE_LIMITS", rates.to_string())
    })
}

#[track_caller]
fn limited(reply: &Reply, most_seconds: u32) {
    let problem = reply.refused(429, ProblemKind::RateLimited);
    let header = reply.header("retry-after").expect("Retry-After");
    let seconds: u32 = header.parse().expect("seconds");
    assert_eq!(problem.retry_after_seconds, Some(seconds));
    assert!((1..=most_seconds).contains(&seconds), "{seconds}");
}

/// Asks until it is told to wait; it must be told after `limit` times, and after those that time has paid
/// for again.
async fn runs_out<F: Future<Output = Reply>>(
    what: &str,
    limit: usize,
    window_seconds: usize,
    mut ask: impl FnMut(usize) -> F,
) {
    let begun = Instant::now();
    for count in 0.. {
        let reply = ask(count).await;
        if reply.status == 429 {
            limited(
                &reply,
                u32::try_from(window_seconds).expect("a day at most"),
            );
            // The visitor may have taken one before, to have what to ask with.
            assert!(count + 1 >= limit, "{what}: only {count}");
            println!("{what}: {count} of {limit}, then 429");
            return;
        }
        let elapsed = usize::try_from(begun.elapsed().as_secs()).expect("a test is short") + 1;
        let paid = limit + (elapsed * limit).div_ceil(window_seconds) + 1;
        assert!(count < paid, "{what}: {count} went through");
    }
}

async fn slots(tenant: &TestTenant, who: &impl Identity) -> Reply {
    let (from, to) = (
        slotstead_tests::tenant::date(2),
        slotstead_tests::tenant::date(3),
    );
    let path = format!("slots?service={SERVICE}&from={from}&to={to}&zone={ZONE}");
    tenant.client.get(who, &tenant.path(&path)).await
}

async fn hold(tenant: &TestTenant, who: &impl Identity, start: slotstead_shared::Stamp) -> Reply {
    let body = json!({ "service": SERVICE, "start": start, "zone": ZONE });
    tenant.client.post(who, &tenant.path("holds"), &body).await
}

#[tokio::test]
async fn every_limited_route_runs_out_and_hearsay_does_not_widen_it() {
    let server = production("rates");
    let client = server.client();
    let tenant = TestTenant::new(&client, Region::Eu).await;
    let neighbour = TestTenant::new(&client, Region::Eu).await;
    let page = Raw::page(&tenant.origin);
    let visitor = tenant.visitor().await;
    let free = tenant.free(&visitor).await;
    let booked: Vec<BookedView> = {
        // By the owner, who is not limited: something to cancel and to move.
        let mut booked = Vec::new();
        for (number, slot) in free.iter().take(2).enumerate() {
            let key = format!("owner-{number}");
            let reply = tenant
                .book(&tenant.owner, &key, &booking_at(slot.start))
                .await;
            booked.push(reply.expect(201));
        }
        booked
    };
    let link = tenant.booker(&booked[0]);

    let path = tenant.path("sessions");
    runs_out("sessions", 60, 60, |count| {
        let (page, client, path) = (from_elsewhere(&page, count), &client, &path);
        async move { client.post_empty(&page, path).await }
    })
    .await;
    runs_out("slots", 120, 60, |count| {
        let (who, tenant) = (from_elsewhere(&visitor, count), &tenant);
        async move { slots(tenant, &who).await }
    })
    .await;
    runs_out("holds", 30, 60, |count| {
        let (who, tenant, start) = (from_elsewhere(&visitor, count), &tenant, free[9].start);
        async move {
            let reply = hold(tenant, &who, start).await;
            if reply.status == 201 {
                let placed: Hold = reply.expect(201);
                let path = tenant.path(&format!("holds/{}", placed.id));
                tenant.client.delete(&who, &path).await.expect_status(204);
            }
            reply
        }
    })
    .await;
    // Bookings, moves and cancellations are one allowance; every try counts, whatever comes of it.
    let (move_path, cancel_path) = (
        tenant.path(&format!("bookings/{}/reschedule", booked[0].booking.id)),
        tenant.path(&format!("bookings/{}/cancel", booked[0].booking.id)),
    );
    runs_out("bookings, moves and cancellations", 20, 60, |count| {
        let (tenant, visitor, link) = (&tenant, &visitor, &link);
        let (start, taken) = (free[10 + count].start, free[1].start);
        let (move_path, cancel_path) = (&move_path, &cancel_path);
        async move {
            let key = format!("try-{count}");
            match count % 3 {
                0 => {
                    let who = from_elsewhere(visitor, count);
                    tenant.book(&who, &key, &booking_at(start)).await
                }
                1 => {
                    let who = from_elsewhere(link, count);
                    let request = tenant.client.request(&who, Method::POST, move_path);
                    let body = json!({ "start": taken, "zone": ZONE });
                    request.key(&key).json(&body).send().await
                }
                _ => {
                    let who = from_elsewhere(link, count);
                    tenant.client.post_empty(&who, cancel_path).await
                }
            }
        }
    })
    .await;
    for reply in [
        tenant
            .book(&visitor, "one-more", &booking_at(free[60].start))
            .await,
        tenant.client.post_empty(&link, &cancel_path).await,
    ] {
        limited(&reply, 60);
    }

    addresses_that_are_none(&tenant, &visitor, &free).await;
    let _: Session = client
        .post_empty(&page, &neighbour.path("sessions"))
        .await
        .expect(201);
}

/// With the bookings of whoever has no address run out.
async fn addresses_that_are_none(tenant: &TestTenant, visitor: &Visitor, free: &[Slot]) {
    // What is no address is one client with all the others that have none; a real one has its own allowance,
    // and the addresses of one IPv6 network have one together.
    for nonsense in [
        "",
        "nonsense",
        "192.0.2.1, 192.0.2.2",
        "192.0.2.300",
        "::1::",
    ] {
        let reply = tenant
            .book(
                &from_address(visitor, nonsense),
                "no-address",
                &booking_at(free[61].start),
            )
            .await;
        limited(&reply, 60);
    }
    runs_out("bookings of one IPv6 network", 20, 60, |count| {
        let who = from_address(visitor, &format!("2001:db8:1:2::{count:x}"));
        let start = free[70].start;
        async move {
            tenant
                .book(&who, &format!("six-{count}"), &booking_at(start))
                .await
        }
    })
    .await;
    let other = from_address(visitor, "2001:db8:1:3::1");
    let reply = tenant
        .book(&other, "other-network", &booking_at(free[90].start))
        .await;
    reply.expect_status(201);
}

#[tokio::test]
async fn a_day_and_the_holds_at_one_time_have_their_limits_too() {
    // Production's, with minutes that are out of the way.
    let rates = json!({
        "sessions_per_minute": 10_000, "slots_per_minute": 10_000,
        "holds_per_minute": 10_000, "bookings_per_minute": 10_000,
    });
    let server = with_rates("rates-day", &rates);
    let tenant = TestTenant::new(&server.client(), Region::Us).await;
    let visitor = tenant.visitor().await;
    let free = tenant.free(&visitor).await;
    let own = booking_at(free[62].start);
    let booked: BookedView = tenant.book(&tenant.owner, "own", &own).await.expect(201);
    let mut kept = 0;
    for slot in free.iter().rev().take(20) {
        // A session of its own for each: sessions cost nothing.
        let visitor = tenant.visitor().await;
        let reply = hold(&tenant, &from_elsewhere(&visitor, kept), slot.start).await;
        if reply.status == 201 {
            kept += 1;
        } else {
            let _ = reply.refused(409, ProblemKind::Conflict);
        }
    }
    assert_eq!(kept, 10, "holds of one client at one time");
    runs_out("bookings of a day", 60, 86_400, |count| {
        let who = from_elsewhere(&visitor, count);
        let (tenant, start) = (&tenant, free[count].start);
        async move {
            tenant
                .book(&who, &format!("day-{count}"), &booking_at(start))
                .await
        }
    })
    .await;
    // Giving back does not count as a booking of the day.
    tenant
        .cancel(&tenant.booker(&booked), &booked)
        .await
        .expect_status(200);
}

#[tokio::test]
async fn a_limit_of_nothing_refuses_all() {
    let server = with_rates(
        "rates-none",
        &json!({ "sessions_per_minute": 0, "slots_per_minute": 0 }),
    );
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let page = Raw::page(&tenant.origin);
    for address in ["192.0.2.1", "2001:db8::1", ""] {
        let reply = tenant
            .client
            .post_empty(&from_address(&page, address), &tenant.path("sessions"))
            .await;
        limited(&reply, 60);
    }
}
