//! The schema, step by step. A step that was ever deployed is never changed; add another.
//!
//! `schema_version` is the one table without a tenant: it describes the store, not a
//! record of anybody. Every other table has `tenant_id` in its key (R18).
//!
//! Tables of short rows that are written often are `WITHOUT ROWID`, so that a row is not written a second time
//! into an index of its key. Long rows are better off with one: they go to the end of their table, and only short
//! keys are sorted in. PostgreSQL's driver leaves these words out.

use crate::store::{Store, StoreError};

/// Each step's statements; a step's version is its place, counted on from [`UNRELEASED`].
const STEPS: &[&[&str]] = &[FIRST];

/// The version before the first step. Up to here are the schemas that were made on the way to the first
/// release; no store of theirs was ever in use, and none is read.
const UNRELEASED: usize = 14;

const FIRST: &[&str] = &[
    "CREATE TABLE tenants (
        tenant_id TEXT NOT NULL, name TEXT NOT NULL, accent TEXT, created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id))",
    // A table of their own: what is counted changes with every booking, and what a tenant is called does not.
    "CREATE TABLE counters (
        tenant_id TEXT NOT NULL, last_effect_id BIGINT NOT NULL, last_key_slot BIGINT NOT NULL,
        pages_under BIGINT NOT NULL,
        PRIMARY KEY (tenant_id))
        WITHOUT ROWID",
    "CREATE TABLE origins (
        tenant_id TEXT NOT NULL, origin TEXT NOT NULL, place BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, origin))",
    "CREATE TABLE tokens (
        tenant_id TEXT NOT NULL, token_id TEXT NOT NULL, name TEXT NOT NULL,
        scopes TEXT NOT NULL, created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, token_id))",
    // `definition` is the JSON of what the owner put; what other tables refer to is a column.
    "CREATE TABLE schedules (
        tenant_id TEXT NOT NULL, schedule_id TEXT NOT NULL, definition TEXT NOT NULL,
        PRIMARY KEY (tenant_id, schedule_id))",
    "CREATE TABLE schedule_overrides (
        tenant_id TEXT NOT NULL, schedule_id TEXT NOT NULL, local_date TEXT NOT NULL,
        spans TEXT NOT NULL,
        PRIMARY KEY (tenant_id, schedule_id, local_date))",
    "CREATE TABLE hosts (
        tenant_id TEXT NOT NULL, host_id TEXT NOT NULL, name TEXT NOT NULL,
        schedule_id TEXT NOT NULL, limits TEXT NOT NULL,
        PRIMARY KEY (tenant_id, host_id))",
    "CREATE TABLE resources (
        tenant_id TEXT NOT NULL, resource_id TEXT NOT NULL, definition TEXT NOT NULL,
        PRIMARY KEY (tenant_id, resource_id))",
    "CREATE TABLE services (
        tenant_id TEXT NOT NULL, service_id TEXT NOT NULL, definition TEXT NOT NULL,
        PRIMARY KEY (tenant_id, service_id))",
    "CREATE TABLE service_hosts (
        tenant_id TEXT NOT NULL, service_id TEXT NOT NULL, host_id TEXT NOT NULL,
        PRIMARY KEY (tenant_id, service_id, host_id))",
    "CREATE TABLE service_resources (
        tenant_id TEXT NOT NULL, service_id TEXT NOT NULL, resource_id TEXT NOT NULL,
        PRIMARY KEY (tenant_id, service_id, resource_id))",
    "CREATE TABLE fields (
        tenant_id TEXT NOT NULL, field_id TEXT NOT NULL, definition TEXT NOT NULL,
        PRIMARY KEY (tenant_id, field_id))",
    // `url` is sealed under the key in `key_slot`. `read_zone` is the zone in which floating times were read: see `FeedRow::read_until`.
    "CREATE TABLE feeds (
        tenant_id TEXT NOT NULL, feed_id TEXT NOT NULL, host_id TEXT NOT NULL,
        key_slot BIGINT NOT NULL, url TEXT NOT NULL, source TEXT NOT NULL, error TEXT, etag TEXT, last_modified TEXT,
        asked_conditionally BIGINT NOT NULL, covered_until BIGINT, read_zone TEXT,
        synced_at BIGINT, failures BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, feed_id))",
    "CREATE INDEX feeds_by_host ON feeds (tenant_id, host_id)",
    "CREATE TABLE busy_blocks (
        tenant_id TEXT NOT NULL, feed_id TEXT NOT NULL, start_at BIGINT NOT NULL,
        end_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, feed_id, start_at))
        WITHOUT ROWID",
    "CREATE INDEX busy_blocks_by_end ON busy_blocks (tenant_id, feed_id, end_at)",
    "CREATE TABLE effects (
        tenant_id TEXT NOT NULL, effect_id BIGINT NOT NULL, kind TEXT NOT NULL,
        subject TEXT NOT NULL, due_at BIGINT NOT NULL, leased_until BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, effect_id))
        WITHOUT ROWID",
    "CREATE INDEX effects_by_subject ON effects (tenant_id, kind, subject)",
    // The ledger: whatever takes the time of a host or a resource, holds and bookings alike, is a row here.
    // What a claim takes is its subject, `host:…` or `resource:…`: a claim has a row for each. Claims
    // that share their time by seats are of one group.
    "CREATE TABLE ledger (
        tenant_id TEXT NOT NULL, claim_id TEXT NOT NULL, subject TEXT NOT NULL,
        kind TEXT NOT NULL, group_id TEXT NOT NULL, service_id TEXT NOT NULL,
        session_id TEXT, client TEXT,
        core_start BIGINT NOT NULL, core_end BIGINT NOT NULL,
        padded_start BIGINT NOT NULL, padded_end BIGINT NOT NULL, expires_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id, claim_id, subject))
        WITHOUT ROWID",
    "CREATE INDEX ledger_by_subject ON ledger (tenant_id, subject, padded_end)",
    // A booking does not expire.
    "CREATE INDEX holds_by_expiry ON ledger (tenant_id, expires_at) WHERE kind = 'hold'",
    "CREATE INDEX ledger_by_service ON ledger (tenant_id, service_id, core_start)",
    // `party` is who and what else a booking takes, as JSON. `booker` is sealed under the key in `key_slot`,
    // and `person` is a keyed tag by which the booker's other bookings are found; all three go with an erasure.
    "CREATE TABLE bookings (
        tenant_id TEXT NOT NULL, booking_id TEXT NOT NULL, status TEXT NOT NULL,
        service_id TEXT NOT NULL, service_name TEXT NOT NULL, location TEXT,
        host_id TEXT NOT NULL, host_name TEXT NOT NULL,
        start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,
        zone TEXT NOT NULL, service_zone TEXT NOT NULL,
        person TEXT, key_slot BIGINT, booker TEXT,
        sequence BIGINT NOT NULL, created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, party TEXT NOT NULL,
        PRIMARY KEY (tenant_id, booking_id))",
    "CREATE INDEX bookings_by_start ON bookings (tenant_id, start_at, booking_id)",
    "CREATE INDEX bookings_by_person ON bookings (tenant_id, person)",
    // The states that bookings had before the one that they are in.
    "CREATE TABLE booking_changes (
        tenant_id TEXT NOT NULL, booking_id TEXT NOT NULL, sequence BIGINT NOT NULL,
        status TEXT NOT NULL, host_id TEXT NOT NULL, start_at BIGINT NOT NULL,
        end_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, party TEXT NOT NULL,
        PRIMARY KEY (tenant_id, booking_id, sequence))",
    // That somebody was erased, and when the last of their keys was destroyed: nothing of who it was.
    "CREATE TABLE erasures (
        tenant_id TEXT NOT NULL, erasure_id TEXT NOT NULL, asked_at BIGINT NOT NULL,
        bookings BIGINT NOT NULL, keys_left BIGINT NOT NULL, finished_at BIGINT,
        PRIMARY KEY (tenant_id, erasure_id))",
    "CREATE TABLE idempotency (
        tenant_id TEXT NOT NULL, actor TEXT NOT NULL, idempotency_key TEXT NOT NULL,
        fingerprint TEXT NOT NULL, answer TEXT NOT NULL, created_at BIGINT NOT NULL, client TEXT,
        PRIMARY KEY (tenant_id, actor, idempotency_key))",
    "CREATE INDEX idempotency_by_age ON idempotency (tenant_id, created_at)",
    // When to look for what has expired.
    "CREATE TABLE sweeps (
        tenant_id TEXT NOT NULL, due_at BIGINT NOT NULL,
        PRIMARY KEY (tenant_id))",
];

/// Brings the store to the newest schema, each step in a transaction of its own.
pub fn migrate(store: &dyn Store) -> Result<(), StoreError> {
    store.run(
        "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL, PRIMARY KEY (version))",
        &[],
    )?;
    let rows = store.run("SELECT COALESCE(MAX(version), 0) FROM schema_version", &[])?;
    let version = rows.into_iter().next().map(super::Columns::new);
    let version = version.ok_or_else(super::corrupt)?.small()? as usize;
    if (1..=UNRELEASED).contains(&version) {
        return Err(StoreError(
            "the store was written before the first release; a development store is made anew by \
             `cargo xtask run --fresh`"
                .to_owned(),
        ));
    }
    let version = version.max(UNRELEASED);
    let missing = STEPS.get(version - UNRELEASED..).ok_or_else(|| {
        StoreError("the store was written by a newer version of the program".to_owned())
    })?;
    for (at, step) in missing.iter().enumerate() {
        let number = i64::try_from(version + at + 1).map_err(|_| super::corrupt())?;
        let mut outcome = Ok(());
        store.transaction(&mut || {
            outcome = apply(store, step, number);
            outcome.is_ok()
        })?;
        outcome?;
    }
    Ok(())
}

fn apply(store: &dyn Store, step: &[&str], number: i64) -> Result<(), StoreError> {
    for statement in step {
        store.run(statement, &[])?;
    }
    store.run(
        "INSERT INTO schema_version (version) VALUES (?1)",
        &[number.into()],
    )?;
    Ok(())
}
