use slotstead_shared::{Region, TenantId};

use super::*;
use crate::{
    store::{Store, sqlite::Sqlite},
    tables::migrations::migrate,
};

fn taking(host: &str, start: i64, end: i64) -> Taking {
    Taking {
        group: String::new(),
        seats: 1,
        service: "consult".parse().expect("a slug"),
        subjects: vec![Subject::Host(host.parse().expect("a slug"))],
        core: Interval::new(start, end),
        padded: Interval::new(start, end),
    }
}

fn tenant(number: u8) -> TenantId {
    TenantId::assemble(Region::Eu, [number; 16], |_| [0; 10])
}

/// Puts a hold, in a group of its own if none is named.
fn put(store: &TenantStore<'_>, number: u8, taking: &Taking, now: i64) -> Result<(), StoreError> {
    let id = HoldId::from_random([number; 16]);
    let mut taking = taking.clone();
    if taking.group.is_empty() {
        taking.group = id.to_string();
    }
    store.insert_hold(
        &id,
        &taking,
        "session",
        "client",
        now,
        60 + i64::from(number),
    )
}

#[test]
fn the_ledger_refuses_every_overlap_whatever_its_caller_believes() {
    let sqlite = Sqlite::in_memory().unwrap();
    migrate(&sqlite).unwrap();
    let one = tenant(1);
    let store = TenantStore::new(&sqlite, &one);
    let now = 50;
    put(&store, 1, &taking("ingrid", 100, 200), now).unwrap();
    for (start, end) in [(100, 200), (99, 101), (199, 201), (120, 130), (0, 900)] {
        let refused = put(&store, 2, &taking("ingrid", start, end), now);
        assert!(refused.is_err(), "{start} to {end}");
    }
    // Touching is not overlapping, and another host or tenant has time of its own.
    put(&store, 3, &taking("ingrid", 200, 300), now).unwrap();
    put(&store, 4, &taking("ingrid", 0, 100), now).unwrap();
    put(&store, 5, &taking("amal", 100, 200), now).unwrap();
    let other = tenant(2);
    let other = TenantStore::new(&sqlite, &other);
    put(&other, 1, &taking("ingrid", 100, 200), now).unwrap();
    // What has lapsed is no longer in the way.
    let late = taking("ingrid", 150, 160);
    assert!(put(&store, 6, &late, 60).is_err());
    put(&store, 6, &late, 61).unwrap();
}

#[test]
fn what_has_lapsed_and_is_in_the_way_goes_with_all_that_it_takes_before_anything_is_taken() {
    let sqlite = Sqlite::in_memory().unwrap();
    migrate(&sqlite).unwrap();
    let one = tenant(1);
    let store = TenantStore::new(&sqlite, &one);
    let mut both = taking("ingrid", 100, 200);
    both.subjects
        .push(Subject::Resource("room".parse().unwrap()));
    // More than a sweep deletes; they lapse at 61, 62 and so on.
    for number in 1..=60 {
        let late = 61 + i64::from(number);
        let mut next = both.clone();
        next.core = Interval::new(late * 1_000, late * 1_000 + 100);
        next.padded = next.core;
        put(&store, number, if number == 60 { &both } else { &next }, 0).unwrap();
    }
    let count = |sql: &str| sqlite.run(sql, &[]).unwrap()[0][0].clone();
    let rows = "SELECT COUNT(*) FROM ledger";
    let in_the_way = "SELECT COUNT(*) FROM ledger WHERE padded_start = 100";
    assert_eq!(
        (count(rows), count(in_the_way)),
        (120_i64.into(), 2_i64.into())
    );
    // It lapses at 120.
    assert!(put(&store, 99, &taking("ingrid", 150, 160), 119).is_err());
    put(&store, 99, &taking("ingrid", 150, 160), 120).unwrap();
    assert_eq!(
        (count(rows), count(in_the_way)),
        (119_i64.into(), 0_i64.into())
    );
}

#[test]
fn one_of_several_subjects_that_is_taken_refuses_them_all() {
    let sqlite = Sqlite::in_memory().unwrap();
    migrate(&sqlite).unwrap();
    let one = tenant(1);
    let store = TenantStore::new(&sqlite, &one);
    let room = Subject::Resource("room".parse().unwrap());
    let mut both = taking("ingrid", 100, 200);
    both.subjects.push(room.clone());
    put(&store, 1, &both, 0).unwrap();
    let mut other = taking("amal", 150, 250);
    put(&store, 2, &other, 0).unwrap();
    other.subjects = vec![Subject::Host("solveig".parse().unwrap()), room];
    assert!(put(&store, 3, &other, 0).is_err());
    let hold = store
        .live_hold(&HoldId::from_random([1; 16]), 0)
        .unwrap()
        .unwrap();
    assert_eq!(hold.subjects, both.subjects);
    assert!(
        put(
            &store,
            4,
            &Taking {
                subjects: Vec::new(),
                ..other
            },
            0
        )
        .is_err()
    );
}

#[test]
fn seats_of_a_group_share_exactly_their_time_until_none_is_left() {
    let sqlite = Sqlite::in_memory().unwrap();
    migrate(&sqlite).unwrap();
    let one = tenant(1);
    let store = TenantStore::new(&sqlite, &one);
    let seat = Taking {
        group: "class".to_owned(),
        seats: 2,
        ..taking("ingrid", 100, 200)
    };
    put(&store, 1, &seat, 0).unwrap();
    for other in [
        Taking {
            core: Interval::new(100, 190),
            ..seat.clone()
        },
        Taking {
            padded: Interval::new(90, 200),
            ..seat.clone()
        },
        Taking {
            service: "other".parse().unwrap(),
            ..seat.clone()
        },
        Taking {
            group: "another".to_owned(),
            ..seat.clone()
        },
        Taking {
            subjects: vec![
                seat.subjects[0].clone(),
                Subject::Resource("room".parse().unwrap()),
            ],
            ..seat.clone()
        },
    ] {
        assert!(put(&store, 2, &other, 0).is_err(), "{other:?}");
    }
    put(&store, 2, &seat, 0).unwrap();
    assert!(put(&store, 3, &seat, 0).is_err(), "the third of two seats");
    // The first hold lapses at 61.
    put(&store, 3, &seat, 61).unwrap();
}
