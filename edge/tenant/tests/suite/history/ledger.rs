//! What the store itself holds, read around the tenant: its rows are exactly the claims that stand.

use std::collections::BTreeMap;

use slotstead_shared::{Interval, limits::IDEMPOTENCY_SECONDS, wire::BookingStatus};
use slotstead_tenant::store::{Row, Value};

use super::{
    History,
    services::SERVICES,
    shop::{id_of, subject},
};

/// The rows of one claim.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    kind: String,
    service: String,
    core: Interval,
    padded: Interval,
    takes: Vec<&'static str>,
}

fn text(value: &Value) -> &str {
    match value {
        Value::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

fn integer(value: &Value) -> i64 {
    match value {
        Value::Integer(number) => *number,
        other => panic!("{other:?}"),
    }
}

impl History<'_> {
    /// What a claim takes, ascending.
    pub(super) fn taken_by(&self, claim: &str) -> Vec<&'static str> {
        let sql = format!("SELECT subject FROM ledger WHERE claim_id = '{claim}' ORDER BY subject");
        let rows = self.world.sql(&sql);
        rows.iter().map(|row| subject(text(&row[0]))).collect()
    }

    pub(super) fn check_ledger(&mut self) {
        let rows = self.world.sql(
            "SELECT claim_id, subject, kind, group_id, service_id, core_start, core_end,
             padded_start, padded_end, expires_at FROM ledger ORDER BY claim_id, subject",
        );
        let live = |row: &&Row| integer(&row[9]) > self.model.now;
        let (live, lapsed): (Vec<_>, Vec<_>) = rows.iter().partition(live);
        for row in lapsed {
            assert_eq!(text(&row[2]), "hold", "a booking lapsed: {row:?}");
        }
        check_overlaps(&live);
        let mut kept: BTreeMap<&str, Kept> = BTreeMap::new();
        for row in live {
            let claim = Kept {
                kind: text(&row[2]).to_owned(),
                service: text(&row[4]).to_owned(),
                core: Interval::new(integer(&row[5]), integer(&row[6])),
                padded: Interval::new(integer(&row[7]), integer(&row[8])),
                takes: Vec::new(),
            };
            let takes = &mut kept.entry(text(&row[0])).or_insert(claim).takes;
            takes.push(subject(text(&row[1])));
        }
        let expected = self.model.live().map(|(id, claim)| {
            let kind = if claim.session.is_some() {
                "hold"
            } else {
                "booking"
            };
            let kept = Kept {
                kind: kind.to_owned(),
                service: SERVICES[claim.service].id.to_owned(),
                core: claim.core,
                padded: claim.padded,
                takes: claim.takes.clone(),
            };
            (id.as_str(), kept)
        });
        assert_eq!(kept, expected.collect());
        for booking in self.model.bookings.values() {
            let stands = booking.status == BookingStatus::Confirmed;
            assert_eq!(
                kept.contains_key(booking.id.as_str()),
                stands,
                "{booking:?}"
            );
        }
        self.met.note("ledger read");
    }

    /// What expires is swept by the first whole hour after it.
    pub(super) fn check_sweep(&self) {
        let number = |sql: &str| match &self.world.sql(sql)[0][0] {
            Value::Null => None,
            value => Some(integer(value)),
        };
        let hold = number("SELECT MIN(expires_at) FROM ledger WHERE kind = 'hold'");
        let answer = number("SELECT MIN(created_at) FROM idempotency");
        let answer = answer.map(|created_at| created_at + IDEMPOTENCY_SECONDS);
        if let Some(first) = [hold, answer].into_iter().flatten().min() {
            let due = number("SELECT MAX(due_at) FROM sweeps");
            assert!(
                due.is_some_and(|due| due < first + 3_600),
                "{due:?} {first}"
            );
        }
    }

    /// Every state that was acknowledged is a row of the history of its booking, and no other is.
    pub(super) fn check_changes(&self) {
        let rows = self.world.sql(
            "SELECT booking_id, sequence, status, host_id, start_at, end_at, changed_at
             FROM booking_changes
             UNION ALL SELECT booking_id, sequence, status, host_id, start_at, end_at, changed_at
             FROM bookings ORDER BY booking_id, sequence",
        );
        let rows = rows.iter().map(|row| {
            let numbers = [1, 4, 5, 6].map(|column| integer(&row[column]));
            let texts = [0, 2, 3].map(|column| text(&row[column]).to_owned());
            (texts, numbers)
        });
        let expected = self.model.changes.iter().map(|(booking, at)| {
            let status = match booking.status {
                BookingStatus::Confirmed => "confirmed",
                BookingStatus::Cancelled => "cancelled",
            };
            let (start, end) = (booking.start.unix_seconds(), booking.end.unix_seconds());
            let texts = [booking.id.as_str(), status, booking.host.as_str()];
            let numbers = [booking.sequence.into(), start, end, *at];
            (texts.map(str::to_owned), numbers)
        });
        let mut expected: Vec<_> = expected.collect();
        expected.sort_by(|one, other| (&one.0[0], one.1[0]).cmp(&(&other.0[0], other.1[0])));
        assert_eq!(rows.collect::<Vec<_>>(), expected);
    }
}

/// Nobody is taken twice, but by the seats of one group; these take the same, and are not too many.
fn check_overlaps(rows: &[&Row]) {
    for (number, one) in rows.iter().enumerate() {
        let mut members = 1;
        for other in &rows[number + 1..] {
            if one[1] != other[1] {
                continue;
            }
            if one[3] == other[3] {
                assert_eq!(one[4..9], other[4..9], "one group, two times");
                members += 1;
            } else {
                let apart = integer(&one[8]) <= integer(&other[7])
                    || integer(&other[8]) <= integer(&one[7]);
                assert!(apart, "{one:?} overlaps {other:?}");
            }
        }
        let service = SERVICES.iter().find(|service| service.id == text(&one[4]));
        let service = service.unwrap();
        // The most seats that the service ever had: who has one keeps it when there are fewer.
        let seats = service
            .other
            .map_or(0, |(_, seats)| seats)
            .max(service.seats);
        assert!(
            members <= seats,
            "{members} in a group of {}",
            id_of(text(&one[1]))
        );
    }
}
