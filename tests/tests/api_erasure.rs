//! Erasing people and exporting what is stored, at the live edge: keys are destroyed where they are kept, in a
//! bucket or in the region server's folder, and what was erased stays so after a restart.

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};
use slotstead_shared::wire::{BookingRecord, Erasure, ErasurePage, Export};
use slotstead_tests::{
    Region, Server,
    tenant::{TestTenant, booking_at},
    wait::wait_for,
};

/// The keys that are left in all pages below a folder of keyrings, and those that are gone.
fn keys(folder: &Path) -> (usize, usize) {
    let mut counted = (0, 0);
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            let below = keys(&path);
            counted = (counted.0 + below.0, counted.1 + below.1);
            continue;
        }
        let page = fs::read(&path).ok();
        let page: Option<Value> = page.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let keys = page.as_ref().and_then(|page| page["keys"].as_array());
        for key in keys.into_iter().flatten() {
            if key.is_null() {
                counted.1 += 1;
            } else {
                counted.0 += 1;
            }
        }
    }
    counted
}

async fn erasures(tenant: &TestTenant) -> Vec<Erasure> {
    let path = tenant.path("erasures");
    let page: ErasurePage = tenant.client.get(&tenant.owner, &path).await.expect(200);
    page.items
}

/// Waits until every key of every erasure is destroyed.
async fn finished(tenant: &TestTenant, count: usize) {
    let what = "every key is destroyed";
    wait_for(what, Duration::from_secs(30), || async {
        let all = erasures(tenant).await;
        let done = all.iter().all(|erasure| erasure.finished_at.is_some());
        (done && all.len() == count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn whoever_is_erased_is_gone_here_and_their_keys_are_destroyed() {
    let mut server = Server::start("erasure", xtask::stack::Options::with_canberra);
    for (region, folder) in [
        (Region::Eu, "keys-eu"),
        (Region::Us, "keys-us"),
        (Region::Cbr, "cbr/keys"),
    ] {
        let mut tenant = TestTenant::new(&server.client(), region).await;
        let visitor = tenant.visitor().await;
        let free = tenant.free(&visitor).await;
        let mut made = Vec::new();
        for (number, slot) in [2, 4, 6].into_iter().enumerate() {
            let key = format!("key-{number}");
            made.push(tenant.booked(&visitor, &key, free[slot].start).await);
        }
        let mut other = booking_at(free[8].start);
        other.email = "kim@example.no".to_owned();
        tenant
            .book(&visitor, "other", &other)
            .await
            .expect_status(201);
        let folder = server.stack.state().join(folder);
        assert_eq!(keys(&folder), (128, 0), "{region}");

        // One by its own link, the rest by the owner.
        let booker = tenant.booker(&made[0]);
        let path = tenant.path(&format!("bookings/{}/erase", made[0].booking.id));
        let erased: Erasure = tenant.client.post_empty(&booker, &path).await.expect(202);
        assert_eq!(erased.bookings, 1);
        finished(&tenant, 1).await;
        assert_eq!(keys(&folder), (127, 1), "{region}");
        let body = json!({ "email": "AMAL@example.com" });
        let path = tenant.path("erasures");
        let erased: Erasure = tenant
            .client
            .post(&tenant.owner, &path, &body)
            .await
            .expect(202);
        assert_eq!(erased.bookings, 2);
        finished(&tenant, 2).await;
        assert_eq!(keys(&folder), (125, 3), "{region}");

        server.stack.start_again().expect("it starts again");
        // The old one's connections are gone.
        tenant.client = server.client();
        let names: Vec<String> = tenant
            .all_bookings()
            .await
            .into_iter()
            .map(|booking| booking.name)
            .collect();
        assert_eq!(names, ["", "", "", "Amal Haddad"], "{region}");
    }
}

#[tokio::test]
async fn everything_is_exported_as_json_and_as_csv() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let visitor = tenant.visitor().await;
    let free = tenant.free(&visitor).await;
    let made = tenant.booked(&visitor, "k1", free[3].start).await;
    tenant
        .reschedule(&tenant.booker(&made), &made, "m1", free[7].start)
        .await
        .expect_status(200);

    let all: Export = tenant
        .client
        .get(&tenant.owner, &tenant.path("export"))
        .await
        .expect(200);
    let setup = all.setup.expect("the first page has the set-up");
    assert_eq!(
        (
            setup.services.len(),
            setup.hosts.len(),
            setup.schedules.len()
        ),
        (1, 1, 1)
    );
    assert_eq!(setup.origins, std::slice::from_ref(&tenant.origin));
    let [record] = &all.bookings[..] else {
        panic!("{:?}", all.bookings)
    };
    assert_eq!(record.booking.name, "Amal Haddad");
    let sequences: Vec<u32> = record
        .changes
        .iter()
        .map(|change| change.sequence)
        .collect();
    assert_eq!(sequences, [0, 1]);

    let own = format!("bookings/{}/export", made.booking.id);
    let booker = tenant.booker(&made);
    let one: BookingRecord = tenant
        .client
        .get(&booker, &tenant.path(&own))
        .await
        .expect(200);
    assert_eq!(one, *record);
    for (path, who) in [
        ("export.csv".to_owned(), true),
        (format!("{own}.csv"), false),
    ] {
        let path = tenant.path(&path);
        let reply = if who {
            tenant.client.get(&tenant.owner, &path).await
        } else {
            tenant.client.get(&booker, &path).await
        };
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.header("content-type"),
            Some("text/csv; charset=utf-8; header=present")
        );
        let text = reply.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with("id,status,service,"));
        assert!(lines[1].contains("Amal Haddad,amal@example.com"), "{text}");
    }
}
