//! The region server in Canberra as the edge and its callers see it: at work, gone, and over a bad line.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use reqwest::Method;
use slotstead_shared::{problem::ProblemKind, wire::BookedView};
use slotstead_tests::{
    Operator, Region, Reply, Server, TestTenant, Visitor,
    proxy::{DELAY, Line, Proxy},
    tenant::{booking_at, date},
};
use xtask::stack::Options;

/// The edge's deadline for a call, and what the machine may take besides.
const IN_TIME: Duration = Duration::from_secs(10 + 5);

/// What somebody is told when the region cannot be reached, in time and with advice.
#[track_caller]
fn is_told(reply: &Reply, since: Instant, words: &str) {
    assert!(since.elapsed() < IN_TIME, "{:?}", since.elapsed());
    let problem = reply.refused(503, ProblemKind::RegionUnavailable);
    assert!(problem.detail.contains(words), "{}", problem.detail);
    assert_eq!(reply.header("retry-after"), Some("5"));
}

async fn looks(tenant: &TestTenant, who: &Visitor) -> Reply {
    let (from, to) = (date(2), date(6));
    let path = format!("slots?service=consultation&from={from}&to={to}&zone=Australia/Sydney");
    tenant.client.get(who, &tenant.path(&path)).await
}

#[tokio::test]
async fn a_tenant_of_canberra_lives_on_the_region_server_and_nobody_notices_when_it_is_gone() {
    let mut server = Server::start("canberra", Options::with_canberra);
    let here = TestTenant::new(&server.client(), Region::Cbr).await;
    let elsewhere = TestTenant::new(&server.client(), Region::Eu).await;
    let (visitor, other) = (here.visitor().await, elsewhere.visitor().await);
    let (free, others) = (here.free(&visitor).await, elsewhere.free(&other).await);
    let booked = here.booked(&visitor, "a", free[0].start).await;
    let canberra = server.stack.canberra().expect("it was asked for");
    let store = canberra.stores().join(format!("{}.sqlite", here.id));
    assert!(store.is_file());

    canberra.stop();
    let since = Instant::now();
    is_told(&looks(&here, &visitor).await, since, "Nothing was changed");
    let reply = here.book(&visitor, "b", &booking_at(free[2].start)).await;
    is_told(&reply, since, "same idempotency key");
    let operator = Operator {
        key: here.client.operator_key.clone(),
    };
    let body = serde_json::json!({ "name": "Too Late", "region": "cbr" });
    let reply = here.client.post(&operator, "/v1/tenants", &body).await;
    is_told(&reply, since, "Look whether it is there");
    // Europe goes on.
    elsewhere.booked(&other, "a", others[0].start).await;

    let canberra = server.stack.canberra().expect("it was asked for");
    canberra
        .start_again()
        .expect("it starts on the same stores");
    here.booked(&visitor, "b", free[2].start).await;
    let again = here.book(&visitor, "a", &booking_at(free[0].start)).await;
    assert_eq!(
        again.expect::<BookedView>(201).booking.id,
        booked.booking.id
    );
    assert_eq!(here.all_bookings().await.len(), 2);
    assert!(
        !canberra_log_names(&mut server, &here),
        "the log names a tenant"
    );
}

/// The stores of Durable Objects, by name: one more would be a tenant that was written elsewhere.
fn stores_of_the_edge(server: &Server) -> BTreeSet<String> {
    let classes = fs::read_dir(server.stack.state().join("disk")).expect("it is there");
    let stores = classes.flat_map(|class| {
        let class = class.expect("it can be listed").path();
        fs::read_dir(class).expect("a folder for each class")
    });
    let names = stores.map(|store| store.expect("it can be listed").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let found: BTreeSet<_> = names.filter(|name| name.ends_with(".sqlite")).collect();
    assert!(!found.is_empty(), "the tenant elsewhere has one");
    found
}

fn canberra_log_names(server: &mut Server, tenant: &TestTenant) -> bool {
    let canberra = server.stack.canberra().expect("it was asked for");
    let log = canberra.log();
    assert!(log.contains("\"stopped\""), "{log}");
    log.contains(&tenant.id) || log.contains("amal@example.com")
}

#[tokio::test]
async fn over_a_bad_line_everybody_is_told_the_truth_in_time_and_a_retry_gets_the_first_answer() {
    let (proxy, target) = Proxy::start().await;
    let mut server = Server::start("bad-line", |options| {
        let mut options = options.with_canberra();
        options.canberra_at = Some(proxy.port());
        options
    });
    let canberra = server.stack.canberra().expect("it was asked for");
    target.set(canberra.port());
    let here = TestTenant::new(&server.client(), Region::Cbr).await;
    let elsewhere = TestTenant::new(&server.client(), Region::Us).await;
    let (visitor, other) = (here.visitor().await, elsewhere.visitor().await);
    let (free, others) = (here.free(&visitor).await, elsewhere.free(&other).await);
    let elsewhere_before = stores_of_the_edge(&server);
    let lines = [Line::Cut, Line::Silent, Line::Half, Line::Dripping];
    for (number, line) in lines.iter().copied().enumerate() {
        let (key, start) = (format!("line-{number}"), free[2 * number].start);
        let asked = proxy.asked();
        proxy.set(line);
        let since = Instant::now();
        let booking = booking_at(start);
        let (lost, unseen, elsewhere_booked) = tokio::join!(
            here.book(&visitor, &key, &booking),
            looks(&here, &visitor),
            elsewhere.booked(&other, &key, others[2 * number].start),
        );
        is_told(&lost, since, "same idempotency key");
        is_told(&unseen, since, "Nothing was changed");
        drop(elsewhere_booked);
        let arrived = proxy.asked() > asked;
        assert_eq!(arrived, line != Line::Cut, "{line:?}");

        proxy.set(Line::Good);
        let request = here
            .client
            .request(&visitor, Method::POST, &here.path("bookings"));
        let first = request.key(&key).json(&booking).send().await;
        let first: BookedView = first.expect(201);
        let again: BookedView = here.book(&visitor, &key, &booking).await.expect(201);
        assert_eq!(first.booking.id, again.booking.id, "{line:?}");
        assert_eq!(here.all_bookings().await.len(), number + 1, "{line:?}");
    }
    assert_eq!(
        stores_of_the_edge(&server),
        elsewhere_before,
        "what Canberra did not take was kept elsewhere"
    );

    // Slow is not gone: late, and whole.
    proxy.set(Line::Late);
    let (since, start) = (Instant::now(), free[2 * lines.len()].start);
    here.booked(&visitor, "late", start).await;
    assert!((DELAY..IN_TIME).contains(&since.elapsed()));
}
