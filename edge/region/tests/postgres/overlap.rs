//! The rule that no two claims of a subject overlap, held by the database itself: rows are written past the
//! ledger's own guard.

use slotstead_region::postgres::Postgres;
use slotstead_tenant::{Store, StoreError, store::Value};

use crate::kit::{World, open, tenant};

const CLAIM: &str =
    "INSERT INTO ledger (tenant_id, claim_id, subject, kind, group_id, service_id, session_id,
    client, core_start, core_end, padded_start, padded_end, expires_at)
    VALUES (?1, ?2, ?3, 'booking', ?4, ?5, NULL, NULL, ?6, ?7, ?8, ?9, 9007199254740991)";

#[derive(Clone, Copy)]
struct Claim {
    tenant: u8,
    id: &'static str,
    subject: &'static str,
    group: &'static str,
    service: &'static str,
    core: (i64, i64),
    padding: i64,
}

const FIRST: Claim = Claim {
    tenant: 1,
    id: "bkg_1",
    subject: "host:ingrid",
    group: "a",
    service: "yoga",
    core: (1_000, 2_000),
    padding: 100,
};

/// Writes a row past the ledger's guard.
fn put(driver: &Postgres, claim: &Claim) -> Result<(), StoreError> {
    let store = open(driver, claim.tenant).store;
    let (start, end) = claim.core;
    let parameters: Vec<Value> = vec![
        tenant(claim.tenant).as_str().into(),
        claim.id.into(),
        claim.subject.into(),
        claim.group.into(),
        claim.service.into(),
        start.into(),
        end.into(),
        (start - claim.padding).into(),
        (end + claim.padding).into(),
    ];
    store.run(CLAIM, &parameters).map(|_| ())
}

/// What a claim has that the first one has not.
type Change = fn(&mut Claim);

const REFUSED: [(&str, Change); 7] = [
    ("another service at the time", |claim| {
        claim.service = "pilates";
    }),
    ("another group at the time", |claim| {
        claim.group = "b";
    }),
    ("a later start in the group", |claim| {
        claim.core = (1_001, 2_001);
    }),
    ("another end in the group", |claim| {
        claim.core = (1_000, 1_999);
    }),
    ("another padding in the group", |claim| claim.padding = 99),
    ("within the padding", |claim| {
        (claim.group, claim.core, claim.padding) = ("b", (2_101, 2_200), 2);
    }),
    ("around it", |claim| {
        (claim.group, claim.core, claim.padding) = ("b", (10, 9_000), 0);
    }),
];

const TAKEN: [(&str, Change); 5] = [
    ("another seat", |_| ()),
    ("another subject", |claim| {
        (claim.id, claim.group, claim.subject) = ("bkg_3", "c", "resource:room");
    }),
    ("another tenant", |claim| {
        (claim.id, claim.group, claim.tenant) = ("bkg_4", "c", 2);
    }),
    ("touching", |claim| {
        (claim.id, claim.group, claim.core) = ("bkg_5", "c", (2_200, 2_300));
    }),
    ("before", |claim| {
        (claim.id, claim.group, claim.core, claim.padding) = ("bkg_6", "c", (700, 900), 0);
    }),
];

fn changed(change: Change) -> Claim {
    let mut claim = Claim {
        id: "bkg_2",
        ..FIRST
    };
    change(&mut claim);
    claim
}

#[test]
fn the_database_refuses_a_claim_that_overlaps_and_takes_seats_of_one_class() {
    let world = World::new();
    let driver = world.driver();
    put(&driver, &FIRST).unwrap();
    for (what, change) in REFUSED {
        let refused = put(&driver, &changed(change)).expect_err(what).0;
        let expected = "the database refused: 23P01 (ledger_no_overlap)";
        assert_eq!(refused, expected, "{what}");
    }
    for (what, change) in TAKEN {
        assert_eq!(put(&driver, &changed(change)), Ok(()), "{what}");
    }
    // A time that is none would overlap nothing.
    let none = changed(|claim| (claim.core, claim.padding) = ((1_500, 1_500), 0));
    let error = put(&driver, &none).unwrap_err().0;
    assert_eq!(error, "the database refused: 23514 (ledger_takes_time)");
    // It refuses just as well whoever has the server's role and no program at all.
    let past_us = format!(
        "UPDATE ledger SET subject = 'host:ingrid' WHERE tenant_id = '{}' AND claim_id = 'bkg_3'",
        tenant(1)
    );
    let error = world.psql_as(&tenant(1), &past_us).unwrap_err();
    assert!(error.contains("23P01"), "{error}");
}
