//! The keyrings of Durable Objects' tenants, over the runtime's own binding: where they lie, and what happens when
//! their bucket is away, answers late, or has something else than it had.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use data_encoding::BASE64URL_NOPAD;
use reqwest::Method;
use serde_json::{Value, json};
use slotstead_shared::{
    TenantId,
    problem::ProblemKind,
    wire::{BookedView, Booking},
};
use slotstead_tenant::host::keys::IdKey;
use slotstead_tests::{
    Region, Reply, Server, TestTenant,
    proxy::{Line, Proxy},
    tenant::booking_at,
    wait::wait_until,
};
use xtask::stack::Bucket;

/// The edge's deadline for a call, and what the machine may take besides.
const IN_TIME: Duration = Duration::from_secs(10 + 5);
/// Seconds in which the key of somebody who was erased is destroyed, one more try of the outbox included.
const DESTROYED: Duration = Duration::from_mins(1);

/// The folder of a tenant's keyring.
fn keyring(server: &Server, bucket: &Bucket, tenant: &TestTenant) -> PathBuf {
    let key = BASE64URL_NOPAD.decode(server.stack.id_key().as_bytes());
    let key: [u8; 32] = key.expect("it is base64url").try_into().expect("32 bytes");
    let id: TenantId = tenant.id.parse().expect("an id");
    bucket.folder().join(IdKey::new(key).vault_name(&id))
}

fn folders(bucket: &Bucket) -> Vec<PathBuf> {
    let entries = fs::read_dir(bucket.folder()).expect("a stack has its buckets");
    entries
        .map(|entry| entry.expect("it can be read").path())
        .collect()
}

/// Kills the edge and starts it anew: no object has a key at hand, and no connection leads to the old one.
fn start_anew<const N: usize>(server: &mut Server, tenants: [&mut TestTenant; N]) {
    server.stack.kill_hard();
    server.stack.start_again().expect("it starts on its state");
    for tenant in tenants {
        tenant.client = server.client();
    }
}

async fn list(tenant: &TestTenant) -> Reply {
    tenant
        .client
        .get(&tenant.owner, &tenant.path("bookings"))
        .await
}

/// What somebody is told for want of a key, in time and with advice.
#[track_caller]
fn is_told(reply: &Reply, since: Instant) {
    assert!(since.elapsed() < IN_TIME, "{:?}", since.elapsed());
    let problem = reply.refused(503, ProblemKind::RegionUnavailable);
    assert!(
        problem.detail.contains("Nothing was changed"),
        "{problem:?}"
    );
    assert_eq!(reply.header("retry-after"), Some("5"));
}

#[tokio::test]
async fn a_keyring_lies_in_the_bucket_of_its_region_and_outlives_kill_9() {
    let mut server = Server::start("keyrings", |options| options);
    let mut eu = TestTenant::new(&server.client(), Region::Eu).await;
    let mut us = TestTenant::new(&server.client(), Region::Us).await;
    for tenant in [&eu, &us] {
        let visitor = tenant.visitor().await;
        let start = tenant.free(&visitor).await[0].start;
        let _ = tenant.booked(&visitor, "a", start).await;
    }
    for (tenant, bucket) in [(&eu, server.stack.keys_eu()), (&us, server.stack.keys_us())] {
        let folder = keyring(&server, bucket, tenant);
        assert!(folder.join("ring").is_file() && folder.join("page-0").is_file());
        assert_eq!(folders(bucket), [folder], "{}", tenant.id);
    }
    start_anew(&mut server, [&mut eu, &mut us]);
    for tenant in [&eu, &us] {
        let all = tenant.all_bookings().await;
        assert_eq!((all.len(), &*all[0].name), (1, "Amal Haddad"));
    }
}

#[tokio::test]
async fn without_its_bucket_a_tenant_that_was_started_anew_says_so_in_time_and_nothing_is_lost() {
    let (proxy, target) = Proxy::start().await;
    let mut server = Server::start("no-bucket", |mut options| {
        options.keys_eu_at = Some(proxy.port());
        options
    });
    target.set(server.stack.keys_eu().port());
    let mut here = TestTenant::new(&server.client(), Region::Eu).await;
    let mut elsewhere = TestTenant::new(&server.client(), Region::Us).await;
    let (visitor, other) = (here.visitor().await, elsewhere.visitor().await);
    let (free, others) = (here.free(&visitor).await, elsewhere.free(&other).await);
    let _ = here.booked(&visitor, "before", free[0].start).await;
    for (number, line) in [Line::Cut, Line::Silent, Line::Half]
        .into_iter()
        .enumerate()
    {
        let (key, place) = (format!("line-{number}"), 2 + 2 * number);
        let booking = booking_at(free[place].start);
        proxy.set(line);
        // Whoever has its keys at hand does not notice.
        let hot = booking_at(free[10 + 2 * number].start);
        here.book(&visitor, &format!("hot-{number}"), &hot)
            .await
            .expect_status(201);

        start_anew(&mut server, [&mut here, &mut elsewhere]);
        let since = Instant::now();
        let (refused, unseen, offered, elsewhere_booked) = tokio::join!(
            here.book(&visitor, &key, &booking),
            list(&here),
            here.is_free(&visitor, booking.start),
            elsewhere.booked(&other, &key, others[place].start),
        );
        is_told(&refused, since);
        is_told(&unseen, since);
        assert!(offered, "{line:?}: times are offered without keys");
        drop(elsewhere_booked);

        proxy.set(Line::Good);
        let booked: BookedView = here.book(&visitor, &key, &booking).await.expect(201);
        let again: BookedView = here.book(&visitor, &key, &booking).await.expect(201);
        assert_eq!(booked.booking.id, again.booking.id, "{line:?}");
        let all = here.all_bookings().await;
        assert_eq!(all.len(), 3 + 2 * number, "{line:?}");
        assert!(all.iter().all(|booking| booking.name == "Amal Haddad"));
    }
    let log = server.stack.log();
    assert!(log.contains("did not answer in 4 s"), "{log}");
    assert!(!log.contains(&here.id) && !log.contains("amal@example.com"));
}

#[tokio::test]
async fn an_erasure_holds_against_a_page_that_changed_meanwhile_and_a_damaged_page_opens_nothing() {
    let mut server = Server::start("pages", |options| options);
    let mut tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let free = tenant.free(&visitor).await;
    let erased = tenant.booked(&visitor, "a", free[0].start).await;
    let mut kept = booking_at(free[2].start);
    kept.email = "noor@example.com".to_owned();
    tenant.book(&visitor, "b", &kept).await.expect_status(201);
    let page = keyring(&server, server.stack.keys_eu(), &tenant).join("page-0");
    let before = fs::read_to_string(&page).expect("it is there");

    // Another version of the same content, behind the back of the object that has read the first.
    fs::write(&page, format!("{before}\n")).expect("it is ours");
    let reply = tenant
        .client
        .post(
            &tenant.owner,
            &tenant.path("erasures"),
            &json!({ "email": "amal@example.com" }),
        )
        .await;
    assert_eq!(reply.expect::<Value>(202)["bookings"], 1);
    wait_until("the key is destroyed", DESTROYED, || async {
        let path = tenant.path("erasures");
        let all: Value = tenant.client.get(&tenant.owner, &path).await.expect(200);
        all["items"][0]["keys_left"] == 0
    })
    .await;
    let after = fs::read_to_string(&page).expect("it is there");
    assert_ne!(after.trim(), before);

    let path = tenant.path(&format!("bookings/{}", erased.booking.id));
    let reply = tenant.client.request(&tenant.owner, Method::GET, &path);
    let shown: Booking = reply.send().await.expect(200);
    assert!(shown.erased && shown.name.is_empty() && shown.email.is_empty());

    for damaged in [&after[..after.len() / 2], &" ".repeat(70_000), ""] {
        fs::write(&page, damaged).expect("it is ours");
        start_anew(&mut server, [&mut tenant]);
        let since = Instant::now();
        is_told(&list(&tenant).await, since);
        let still = fs::read_to_string(&page).expect("it is there");
        assert_eq!(still, *damaged, "a damaged page was written over");
    }
    fs::write(&page, &after).expect("it is ours");
    let all = tenant.all_bookings().await;
    let names = all.iter().map(|booking| (booking.erased, &*booking.email));
    let names: Vec<_> = names.collect();
    assert!(names.contains(&(true, "")) && names.contains(&(false, "noor@example.com")));
}

#[tokio::test]
async fn a_new_regional_key_changes_all_keys_above_a_bookings_own_while_bookings_go_on() {
    const NEW: &str = "eu-9:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
    let mut server = Server::start("new-keys", |options| options);
    let mut eu = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = eu.visitor().await;
    let free = eu.free(&visitor).await;
    let _ = eu.booked(&visitor, "before", free[0].start).await;

    let both = format!("{NEW},{}", server.stack.sealing_keys_eu());
    server.stack.set_var("SEALING_KEYS_EU", both);
    start_anew(&mut server, [&mut eu]);
    let _ = eu.booked(&visitor, "meanwhile", free[2].start).await;
    let page = keyring(&server, server.stack.keys_eu(), &eu).join("page-0");
    wait_until("the page is sealed anew", DESTROYED, || async {
        let bytes = fs::read(&page).expect("a page of keys");
        let page: Value = serde_json::from_slice(&bytes).expect("it is JSON");
        page["under"] == 2
    })
    .await;

    server.stack.set_var("SEALING_KEYS_EU", NEW.to_owned());
    start_anew(&mut server, [&mut eu]);
    let _ = eu.booked(&visitor, "after", free[4].start).await;
    let all = eu.all_bookings().await;
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|booking| booking.name == "Amal Haddad"));
}
