//! Rate limits as production has them: quiet, per client, and with a word on when to come back.

use reqwest::Method;
use slotstead_shared::wire::{Hold, Session};
use slotstead_tests::{
    ProblemKind, Raw, Region, Reply, Server, TestTenant, Visitor,
    tenant::{SERVICE, ZONE, booking_at},
};

/// Far above every limit of one minute.
const MANY: usize = 400;

fn production(name: &str) -> Server {
    Server::start(name, |mut options| {
        options.vars.retain(|(name, _)| name != "RATE_LIMITS");
        options
    })
}

#[track_caller]
fn limited(reply: &Reply) {
    let problem = reply.refused(429, ProblemKind::RateLimited);
    let header: u32 = reply
        .header("retry-after")
        .expect("Retry-After")
        .parse()
        .expect("seconds");
    assert_eq!(problem.retry_after_seconds, Some(header));
    assert!((1..=60).contains(&header), "{header}");
}

#[tokio::test]
async fn sessions_are_limited_and_other_tenants_do_not_notice() {
    let server = production("rates-sessions");
    let client = server.client();
    let tenant = TestTenant::new(&client, Region::Eu).await;
    let neighbour = TestTenant::new(&client, Region::Eu).await;
    let page = Raw::page(&tenant.origin);
    let mut opened = 0;
    let refused = loop {
        let reply = client.post_empty(&page, &tenant.path("sessions")).await;
        if reply.status != 201 {
            break reply;
        }
        opened += 1;
        assert!(opened < MANY, "no limit after {opened} sessions");
    };
    limited(&refused);
    assert!(
        opened >= 10,
        "a visitor who reloads ten times is not an attack: {opened}"
    );
    let _: Session = client
        .post_empty(&page, &neighbour.path("sessions"))
        .await
        .expect(201);
}

#[tokio::test]
async fn holds_and_bookings_are_limited() {
    let server = production("rates-bookings");
    let client = server.client();
    let tenant = TestTenant::new(&client, Region::Us).await;
    let visitor = tenant.visitor().await;
    let start = tenant.free(&visitor).await[0].start;

    let hold = serde_json::json!({ "service": SERVICE, "start": start, "zone": ZONE });
    let refused = until_limited(|| async {
        let reply = client.post(&visitor, &tenant.path("holds"), &hold).await;
        if reply.status == 201 {
            let placed: Hold = reply.expect(201);
            client
                .delete(&visitor, &tenant.path(&format!("holds/{}", placed.id)))
                .await;
        }
        reply
    })
    .await;
    limited(&refused);

    let refused = until_limited(|| book(&tenant, &visitor, start)).await;
    limited(&refused);
    // Reading is not what the limit is about: the visitor still sees the free times.
    assert!(!tenant.free(&visitor).await.is_empty());
}

async fn book(tenant: &TestTenant, visitor: &Visitor, start: slotstead_shared::Stamp) -> Reply {
    let path = tenant.path("bookings");
    let key = format!("key-{}", next());
    let request = tenant
        .client
        .request(visitor, Method::POST, &path)
        .key(&key);
    request.json(&booking_at(start)).send().await
}

fn next() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

async fn until_limited<F: Future<Output = Reply>>(mut ask: impl FnMut() -> F) -> Reply {
    for _ in 0..MANY {
        let reply = ask().await;
        if reply.status == 429 {
            return reply;
        }
    }
    panic!("no limit after {MANY} requests");
}
