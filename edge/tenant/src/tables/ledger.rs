//! The ledger: claims on the time of hosts and resources, holds and bookings in one table.
//!
//! A claim has a row for each subject that it takes, all with the same times. It is live while
//! `expires_at > now`; a booking's never expires. A confirmed booking has exactly one claim, under its
//! own id; a cancelled one has none. So "is this time taken" is one question to one table, whoever
//! took it.
//!
//! Two live claims of one subject overlap only when they are of the same group: the seats of one
//! class, with the same service, the same times and the same subjects.

use std::{collections::BTreeSet, fmt, str::FromStr};

use slotstead_shared::{
    Interval, UnixSeconds,
    engine::ClaimKind,
    ids::{HoldId, HostId, ResourceId, ServiceId},
};

use super::{Columns, TenantStore, corrupt, placeholders};
use crate::store::{INTEGER_MAX, StoreError, Value};

/// When a booking's claim expires.
pub(super) const NEVER: UnixSeconds = INTEGER_MAX;

/// Whose time a claim takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Host(HostId),
    Resource(ResourceId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(id) => write!(f, "host:{id}"),
            Self::Resource(id) => write!(f, "resource:{id}"),
        }
    }
}

impl FromStr for Subject {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        match text.split_once(':') {
            Some(("host", id)) => id.parse().map(Self::Host).map_err(|_| corrupt()),
            Some(("resource", id)) => id.parse().map(Self::Resource).map_err(|_| corrupt()),
            _ => Err(corrupt()),
        }
    }
}

/// What a claim takes, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taking {
    /// The group whose seats it shares; one of its own where it shares none.
    pub group: String,
    /// The seats of the group.
    pub seats: u32,
    pub service: ServiceId,
    /// Hosts first, who leads before the others.
    pub subjects: Vec<Subject>,
    pub core: Interval,
    pub padded: Interval,
}

impl Taking {
    fn subject_values(&self) -> impl Iterator<Item = Value> {
        self.subjects
            .iter()
            .map(|subject| subject.to_string().into())
    }

    /// Whether a claim is a seat of the same group.
    fn is_shared_by(&self, row: &ClaimRow) -> bool {
        (&row.group, &row.service) == (&self.group, &self.service)
            && (row.core, row.padded) == (self.core, self.padded)
    }
}

/// A row of the ledger: one subject of a claim.
#[derive(Debug, Clone)]
pub struct ClaimRow {
    pub id: String,
    pub subject: Subject,
    pub kind: ClaimKind,
    pub group: String,
    pub service: ServiceId,
    pub core: Interval,
    pub padded: Interval,
    expires_at: UnixSeconds,
}

impl ClaimRow {
    const fn is_live(&self, now: UnixSeconds) -> bool {
        self.expires_at > now
    }
}

/// Which live claims a question is about.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// Where they start, or what they overlap: the question says which.
    pub range: Interval,
    pub now: UnixSeconds,
    /// The claim that is left out, the asker's own; empty for none.
    pub except: &'a str,
}

impl Live<'_> {
    fn parameters(&self) -> [Value; 4] {
        [
            self.range.start.into(),
            self.range.end.into(),
            self.now.into(),
            self.except.into(),
        ]
    }

    /// The parameters of a question about one subject or service, which comes first.
    fn of(&self, one: &str) -> Vec<Value> {
        [&[one.into()], self.parameters().as_slice()].concat()
    }
}

/// Who makes a claim.
enum Claimant<'a> {
    Hold {
        session: &'a str,
        client: &'a str,
        expires_at: UnixSeconds,
    },
    Booking,
}

impl TenantStore<'_> {
    /// The rows of live claims that take time of these subjects within the range.
    pub fn claims(
        &self,
        subjects: &[Subject],
        live: Live<'_>,
    ) -> Result<Vec<ClaimRow>, StoreError> {
        let mut rows = self.rows_within(live.range, subjects)?;
        rows.retain(|row| row.is_live(live.now) && row.id != live.except);
        Ok(rows)
    }

    /// The rows of all claims that take time of these subjects within the range, lapsed ones too. One question
    /// for whoever looks and for the guard: a store that remembers answers it once.
    fn rows_within(
        &self,
        range: Interval,
        subjects: &[Subject],
    ) -> Result<Vec<ClaimRow>, StoreError> {
        let among = |subjects: &str| {
            format!(
                "SELECT claim_id, subject, kind, group_id, service_id, core_start, core_end,
                 padded_start, padded_end, expires_at FROM ledger
                 WHERE tenant_id = ?1 AND padded_end > ?2 AND padded_start < ?3
                 AND subject IN ({subjects})"
            )
        };
        let range = [range.start.into(), range.end.into()];
        let subjects = subjects.iter().map(ToString::to_string);
        self.all_among(among, &range, subjects, |row| {
            Ok(ClaimRow {
                id: row.text()?,
                subject: row.text()?.parse()?,
                kind: match row.text()?.as_str() {
                    "hold" => ClaimKind::Hold,
                    "booking" => ClaimKind::Booking,
                    _ => return Err(corrupt()),
                },
                group: row.text()?,
                service: row.parsed()?,
                core: interval(row)?,
                padded: interval(row)?,
                expires_at: row.integer()?,
            })
        })
    }

    /// The times of a subject's live claims that start within the range, seats of one group once.
    pub fn taken_of(&self, subject: &Subject, live: Live<'_>) -> Result<Vec<Interval>, StoreError> {
        self.all(
            "SELECT DISTINCT group_id, core_start, core_end FROM ledger
             WHERE tenant_id = ?1 AND subject = ?2 AND core_start >= ?3 AND core_start < ?4
             AND padded_end > ?3 AND expires_at > ?5 AND claim_id <> ?6",
            &live.of(&subject.to_string()),
            |row| {
                row.text()?;
                interval(row)
            },
        )
    }

    /// The times of a service's live claims that start within the range.
    pub fn taken_of_service(
        &self,
        service: &ServiceId,
        live: Live<'_>,
    ) -> Result<Vec<Interval>, StoreError> {
        self.all(
            "SELECT DISTINCT claim_id, core_start, core_end FROM ledger
             WHERE tenant_id = ?1 AND service_id = ?2 AND core_start >= ?3 AND core_start < ?4
             AND expires_at > ?5 AND claim_id <> ?6",
            &live.of(service.as_str()),
            |row| {
                row.text()?;
                interval(row)
            },
        )
    }

    /// How many live claims of a service that start within the range each subject has.
    pub fn load_of_service(
        &self,
        service: &ServiceId,
        live: Live<'_>,
    ) -> Result<Vec<(Subject, i64)>, StoreError> {
        self.all(
            "SELECT subject, COUNT(*) FROM ledger
             WHERE tenant_id = ?1 AND service_id = ?2 AND core_start >= ?3 AND core_start < ?4
             AND expires_at > ?5 AND claim_id <> ?6 GROUP BY subject",
            &live.of(service.as_str()),
            |row| Ok((row.text()?.parse()?, row.integer()?)),
        )
    }

    /// Everything that the live claims of a group take, hosts first.
    pub fn subjects_of_group(
        &self,
        group: &str,
        subject: &Subject,
        now: UnixSeconds,
    ) -> Result<Vec<Subject>, StoreError> {
        self.all(
            "SELECT DISTINCT other.subject FROM ledger one
             JOIN ledger other ON other.tenant_id = one.tenant_id AND other.claim_id = one.claim_id
             WHERE one.tenant_id = ?1 AND one.subject = ?2 AND one.group_id = ?3
             AND one.expires_at > ?4 ORDER BY other.subject",
            &[subject.to_string().into(), group.into(), now.into()],
            |row| row.text()?.parse(),
        )
    }

    /// `client` is the keyed hash of the client's address. It goes with the hold.
    pub fn insert_hold(
        &self,
        id: &HoldId,
        taking: &Taking,
        session: &str,
        client: &str,
        now: UnixSeconds,
        expires_at: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.expires_at(expires_at)?;
        let claimant = Claimant::Hold {
            session,
            client,
            expires_at,
        };
        self.insert_claim(id.as_str(), taking, &claimant, now)
    }

    /// The claim of a confirmed booking. The hold or the booking's old claim is deleted before.
    pub fn insert_booking_claim(
        &self,
        id: &str,
        taking: &Taking,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.insert_claim(id, taking, &Claimant::Booking, now)
    }

    /// The only statement that takes anybody's time, behind the only guard.
    fn insert_claim(
        &self,
        id: &str,
        taking: &Taking,
        claimant: &Claimant<'_>,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        if taking.subjects.is_empty() {
            let detail = "the ledger refused a claim on nothing";
            return Err(StoreError(detail.to_owned()));
        }
        if self.guard(taking, now)? {
            self.clear_lapsed(taking, now)?;
        }
        let (kind, session, client, expires_at) = match *claimant {
            Claimant::Hold {
                session,
                client,
                expires_at,
            } => ("hold", Some(session), Some(client), expires_at),
            Claimant::Booking => ("booking", None, None, NEVER),
        };
        for subject in &taking.subjects {
            self.write(
                "INSERT INTO ledger (tenant_id, claim_id, subject, kind, group_id, service_id,
                 session_id, client, core_start, core_end, padded_start, padded_end, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                &[
                    id.into(),
                    subject.to_string().into(),
                    kind.into(),
                    taking.group.as_str().into(),
                    taking.service.as_str().into(),
                    session.into(),
                    client.into(),
                    taking.core.start.into(),
                    taking.core.end.into(),
                    taking.padded.start.into(),
                    taking.padded.end.into(),
                    expires_at.into(),
                ],
            )?;
        }
        Ok(())
    }

    /// Deletes the lapsed holds that overlap what is to be taken, with all that they take. The sweep leaves
    /// some, and a database that holds the rule against overlaps by itself knows no time.
    fn clear_lapsed(&self, taking: &Taking, now: UnixSeconds) -> Result<(), StoreError> {
        let sql = format!(
            "DELETE FROM ledger WHERE tenant_id = ?1 AND claim_id IN (SELECT claim_id FROM ledger
             WHERE tenant_id = ?1 AND padded_end > ?2 AND padded_start < ?3 AND expires_at <= ?4
             AND subject IN ({}))",
            placeholders(5, taking.subjects.len())
        );
        let mut parameters: Vec<Value> = vec![
            taking.padded.start.into(),
            taking.padded.end.into(),
            now.into(),
        ];
        parameters.extend(taking.subject_values());
        self.write(&sql, &parameters)
    }

    /// The guard behind the rule: no live claim of these subjects overlaps but seats of the same
    /// group, and one of those is left. Asked in the transaction that writes, of the store or of what it remembers
    /// since the last write to the ledger, so it holds even if the availability engine were wrong. Returns whether something that has lapsed is in the way.
    fn guard(&self, taking: &Taking, now: UnixSeconds) -> Result<bool, StoreError> {
        let rows = self.rows_within(taking.padded, &taking.subjects)?;
        let (live, lapsed): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.is_live(now));
        if !live.iter().all(|row| taking.is_shared_by(row)) {
            let detail = "the ledger refused a claim that overlaps another";
            return Err(StoreError(detail.to_owned()));
        }
        let mates: BTreeSet<&str> = live.iter().map(|row| row.id.as_str()).collect();
        // Every mate takes the same subjects, so each has a row for each of them.
        if mates.len() >= taking.seats as usize || live.len() != mates.len() * taking.subjects.len()
        {
            return Err(StoreError("the ledger refused a seat too many".to_owned()));
        }
        Ok(!lapsed.is_empty())
    }

    pub fn delete_claim(&self, id: &str) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM ledger WHERE tenant_id = ?1 AND claim_id = ?2",
            &[id.into()],
        )
    }

    /// Deletes holds that have lapsed, a bounded number at a time.
    pub fn sweep_lapsed_holds(&self, now: UnixSeconds) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM ledger WHERE tenant_id = ?1 AND claim_id IN
             (SELECT claim_id FROM ledger
             WHERE tenant_id = ?1 AND kind = 'hold' AND expires_at <= ?2 LIMIT 50)",
            &[now.into()],
        )
    }

    pub fn unfinished_bookings_of(
        &self,
        subject: &Subject,
        now: UnixSeconds,
    ) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(*) FROM ledger
             WHERE tenant_id = ?1 AND kind = 'booking' AND subject = ?2 AND core_end > ?3",
            &[subject.to_string().into(), now.into()],
        )
    }

    pub fn unfinished_bookings_of_service(
        &self,
        id: &ServiceId,
        now: UnixSeconds,
    ) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(*) FROM ledger
             WHERE tenant_id = ?1 AND kind = 'booking' AND service_id = ?2 AND core_end > ?3",
            &[id.as_str().into(), now.into()],
        )
    }
}

pub(super) fn interval(row: &mut Columns) -> Result<Interval, StoreError> {
    Ok(Interval::new(row.integer()?, row.integer()?))
}

#[cfg(all(test, feature = "rusqlite"))]
mod tests;
