//! Calendar feeds and the busy blocks read from them.
//!
//! Of a calendar's events only starts and ends are stored (R1, R2).

use std::collections::BTreeSet;

use slotstead_shared::{
    Interval, UnixSeconds,
    ids::{FeedId, HostId},
    limits::{FEED_STALE_SECONDS, LOOK_BLOCKS},
};

use super::{Columns, TenantStore, placeholders};
use crate::{
    keyring::Slot,
    store::{PARAMETERS, StoreError, Value},
};

/// Pairs of start and end in one statement, behind the tenant and the feed.
const BLOCKS_A_STATEMENT: usize = (PARAMETERS - 2) / 2;

/// A feed as it is stored.
#[derive(Debug, Clone)]
pub struct FeedRow {
    pub id: FeedId,
    pub host: HostId,
    /// The slot of the key that its address is sealed under.
    pub slot: Slot,
    /// Its address, sealed: whoever has it can read the calendar.
    pub url: String,
    /// The host name in `url`, for the owner's eyes.
    pub source: String,
    /// Why the last fetch failed.
    pub error: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Whether the fetch under way was sent with a condition.
    pub asked_conditionally: bool,
    /// Until when the blocks are known; `None` before the first reading.
    pub covered_until: Option<UnixSeconds>,
    /// By which clocks floating times and all-day events were read: see `tenant::clocks`.
    pub read_by: Option<String>,
    pub synced_at: Option<UnixSeconds>,
    /// Failed fetches in a row.
    pub failures: u32,
}

impl FeedRow {
    /// Until when the host's time is known from this feed, if the host now goes by `clocks`.
    ///
    /// The last known blocks count for a day. After that too much may have come into the
    /// calendar, so the host offers nothing until the next reading.
    pub fn known_until(&self, clocks: &str, now: UnixSeconds) -> UnixSeconds {
        if self.is_stale(now) {
            UnixSeconds::MIN
        } else {
            self.read_until(clocks)
        }
    }

    /// Whether the last reading is too old to count.
    pub fn is_stale(&self, now: UnixSeconds) -> bool {
        self.synced_at
            .is_some_and(|synced_at| now - synced_at > FEED_STALE_SECONDS)
    }

    /// Until when the last reading covers the host's time, however old it is.
    ///
    /// Blocks that were read by other clocks do not count: an all-day event there takes
    /// other hours here. So a host that moves offers nothing until the next reading.
    pub fn read_until(&self, clocks: &str) -> UnixSeconds {
        match self.covered_until {
            Some(covered_until) if self.read_by.as_deref() == Some(clocks) => covered_until,
            _ => UnixSeconds::MIN,
        }
    }
}

const COLUMNS: &str = "feed_id, host_id, key_slot, url, source, error, etag, last_modified, \
    asked_conditionally, covered_until, read_zone, synced_at, failures";

impl TenantStore<'_> {
    pub fn feeds(&self) -> Result<Vec<FeedRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM feeds WHERE tenant_id = ?1 ORDER BY feed_id");
        self.all(&sql, &[], feed_row)
    }

    pub fn feed(&self, id: &FeedId) -> Result<Option<FeedRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM feeds WHERE tenant_id = ?1 AND feed_id = ?2");
        self.one(&sql, &[id.as_str().into()], feed_row)
    }

    pub fn feeds_of(&self, hosts: &[HostId]) -> Result<Vec<FeedRow>, StoreError> {
        let among = |hosts: &str| {
            format!("SELECT {COLUMNS} FROM feeds WHERE tenant_id = ?1 AND host_id IN ({hosts})")
        };
        self.all_among(among, &[], hosts.iter().map(ToString::to_string), feed_row)
    }

    pub fn put_feed(&self, feed: &FeedRow) -> Result<(), StoreError> {
        self.write(
            &format!(
                "INSERT INTO feeds (tenant_id, {COLUMNS})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                 ON CONFLICT (tenant_id, feed_id) DO UPDATE SET
                 host_id = excluded.host_id, key_slot = excluded.key_slot, url = excluded.url, source = excluded.source,
                 error = excluded.error, etag = excluded.etag,
                 last_modified = excluded.last_modified,
                 asked_conditionally = excluded.asked_conditionally,
                 covered_until = excluded.covered_until, read_zone = excluded.read_zone,
                 synced_at = excluded.synced_at, failures = excluded.failures"
            ),
            &[
                feed.id.as_str().into(),
                feed.host.as_str().into(),
                feed.slot.into(),
                feed.url.as_str().into(),
                feed.source.as_str().into(),
                feed.error.clone().into(),
                feed.etag.clone().into(),
                feed.last_modified.clone().into(),
                feed.asked_conditionally.into(),
                feed.covered_until.into(),
                feed.read_by.clone().into(),
                feed.synced_at.into(),
                feed.failures.into(),
            ],
        )
    }

    pub fn delete_feed(&self, id: &FeedId) -> Result<(), StoreError> {
        self.delete_busy_blocks(id)?;
        self.write(
            "DELETE FROM feeds WHERE tenant_id = ?1 AND feed_id = ?2",
            &[id.as_str().into()],
        )
    }

    // ------------------------------------------------------------ busy blocks

    /// The busy blocks of these hosts that overlap `range`, if there are no more than [`LOOK_BLOCKS`].
    pub fn busy_blocks(
        &self,
        hosts: &[HostId],
        range: Interval,
    ) -> Result<Option<Vec<(HostId, Interval)>>, StoreError> {
        let among = |hosts: &str| {
            format!(
                "SELECT f.host_id, b.start_at, b.end_at FROM feeds f
                 JOIN busy_blocks b ON b.tenant_id = f.tenant_id AND b.feed_id = f.feed_id
                 WHERE f.tenant_id = ?1 AND b.end_at > ?2 AND b.start_at < ?3
                 AND f.host_id IN ({hosts}) LIMIT ?4"
            )
        };
        let too_many = i64::try_from(LOOK_BLOCKS + 1).map_err(|_| super::corrupt())?;
        let parameters = [range.start.into(), range.end.into(), too_many.into()];
        let hosts = hosts.iter().map(ToString::to_string);
        let found = self.all_among(among, &parameters, hosts, |row| {
            Ok((row.parsed()?, block_row(row)?))
        })?;
        Ok((found.len() <= LOOK_BLOCKS).then_some(found))
    }

    pub fn busy_block_count(&self, id: &FeedId) -> Result<u32, StoreError> {
        let count = self.number(
            "SELECT COUNT(*) FROM busy_blocks WHERE tenant_id = ?1 AND feed_id = ?2",
            &[id.as_str().into()],
        )?;
        u32::try_from(count).map_err(|_| super::corrupt())
    }

    /// Makes `blocks` the feed's busy blocks. Writes only what differs: a feed that is read
    /// every minute hardly ever changes.
    pub fn replace_busy_blocks(&self, id: &FeedId, blocks: &[Interval]) -> Result<(), StoreError> {
        let stored: BTreeSet<Interval> = self
            .all(
                "SELECT start_at, end_at FROM busy_blocks WHERE tenant_id = ?1 AND feed_id = ?2",
                &[id.as_str().into()],
                block_row,
            )?
            .into_iter()
            .collect();
        let wanted: BTreeSet<Interval> = blocks.iter().copied().collect();
        let gone: Vec<Interval> = stored.difference(&wanted).copied().collect();
        for part in gone.chunks(2 * BLOCKS_A_STATEMENT) {
            let sql = format!(
                "DELETE FROM busy_blocks WHERE tenant_id = ?1 AND feed_id = ?2
                 AND start_at IN ({})",
                placeholders(3, part.len())
            );
            let mut parameters: Vec<Value> = vec![id.as_str().into()];
            parameters.extend(part.iter().map(|block| Value::Integer(block.start)));
            self.write(&sql, &parameters)?;
        }
        let new: Vec<Interval> = wanted.difference(&stored).copied().collect();
        for part in new.chunks(BLOCKS_A_STATEMENT) {
            let rows: Vec<String> = (0..part.len())
                .map(|at| format!("(?1, ?2, ?{}, ?{})", 2 * at + 3, 2 * at + 4))
                .collect();
            let sql = format!(
                "INSERT INTO busy_blocks (tenant_id, feed_id, start_at, end_at) VALUES {}",
                rows.join(", ")
            );
            let mut parameters: Vec<Value> = vec![id.as_str().into()];
            parameters.extend(
                part.iter()
                    .flat_map(|block| [block.start.into(), Value::Integer(block.end)]),
            );
            self.write(&sql, &parameters)?;
        }
        Ok(())
    }

    pub fn delete_busy_blocks(&self, id: &FeedId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM busy_blocks WHERE tenant_id = ?1 AND feed_id = ?2",
            &[id.as_str().into()],
        )
    }
}

fn block_row(row: &mut Columns) -> Result<Interval, StoreError> {
    Ok(Interval::new(row.integer()?, row.integer()?))
}

fn feed_row(row: &mut Columns) -> Result<FeedRow, StoreError> {
    Ok(FeedRow {
        id: row.parsed()?,
        host: row.parsed()?,
        slot: row.integer()?,
        url: row.text()?,
        source: row.text()?,
        error: row.optional_text()?,
        etag: row.optional_text()?,
        last_modified: row.optional_text()?,
        asked_conditionally: row.integer()? != 0,
        covered_until: row.optional_integer()?,
        read_by: row.optional_text()?,
        synced_at: row.optional_integer()?,
        failures: row.small()?,
    })
}
