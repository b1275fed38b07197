//! Which region host runs the tenants of a region, and how a call to it can fail.

use slotstead_shared::Region;
use slotstead_tenant::Command;

/// Seconds that a call to a region may take. A local read answers in milliseconds; a cold start
/// with migrations in one or two seconds. A browser's own patience ends at about 30.
pub const DEADLINE_SECONDS: u32 = 10;

/// Seconds after which another try makes sense when a region could not be reached.
pub const RETRY_AFTER_SECONDS: u32 = 5;

/// A region host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionHost {
    /// A Durable Object that the platform keeps inside this jurisdiction.
    DurableObject {
        /// The platform's name of it.
        jurisdiction: &'static str,
    },
    /// Our own region server, which is not open yet: every call is refused, none goes elsewhere.
    RegionServer,
}

/// The region host that runs the tenants of `region`.
#[must_use]
pub const fn host_of(region: Region) -> RegionHost {
    match region {
        Region::Us => RegionHost::DurableObject { jurisdiction: "us" },
        Region::Eu => RegionHost::DurableObject { jurisdiction: "eu" },
        Region::Cbr => RegionHost::RegionServer,
    }
}

/// Whether a Durable Object that says it is in `actual` may hold a tenant of `region`.
/// Without a word from the platform the answer is no.
#[must_use]
pub fn may_hold(region: Region, actual: Option<&str>) -> bool {
    match host_of(region) {
        RegionHost::DurableObject { jurisdiction } => actual == Some(jurisdiction),
        RegionHost::RegionServer => false,
    }
}

/// Whether a command only reads, so that no effect can have become due through it.
#[must_use]
pub const fn only_reads(command: &Command) -> bool {
    match command {
        Command::CheckOrigin
        | Command::OpenSession
        | Command::OfferSlots { .. }
        | Command::OfferMoves { .. }
        | Command::Explain { .. }
        | Command::GetBooking { .. }
        | Command::ListBookings { .. }
        | Command::GetProfile
        | Command::GetOrigins
        | Command::ListTokens
        | Command::ListServices
        | Command::ListHosts
        | Command::ListResources
        | Command::ListSchedules
        | Command::ListOverrides { .. }
        | Command::ListFields
        | Command::ListFeeds => true,
        Command::CreateTenant { .. }
        | Command::IssueToken { .. }
        | Command::RevokeToken { .. }
        | Command::PutProfile { .. }
        | Command::PutOrigins { .. }
        | Command::PutService { .. }
        | Command::DeleteService { .. }
        | Command::PutHost { .. }
        | Command::DeleteHost { .. }
        | Command::PutResource { .. }
        | Command::DeleteResource { .. }
        | Command::PutSchedule { .. }
        | Command::DeleteSchedule { .. }
        | Command::PutOverride { .. }
        | Command::PutOverrides { .. }
        | Command::DeleteOverride { .. }
        | Command::PutField { .. }
        | Command::DeleteField { .. }
        | Command::PutFeed { .. }
        | Command::DeleteFeed { .. }
        | Command::SyncFeed { .. }
        | Command::PlaceHold { .. }
        | Command::ReleaseHold { .. }
        | Command::Book { .. }
        | Command::Reschedule { .. }
        | Command::Cancel { .. }
        | Command::TakeEffects { .. }
        | Command::SettleEffect { .. } => false,
    }
}

/// There was no answer from the region. No other region was tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// The region takes no tenants yet.
    #[error("the region is not open yet")]
    NotOpen,
    /// The answer did not arrive within the deadline. The call may have been carried out.
    #[error("the region did not answer in {DEADLINE_SECONDS} s")]
    TimedOut,
    /// The connection broke. The call may have been carried out.
    #[error("the region could not be reached: {0}")]
    Broken(String),
    /// The region host refused to work: wrong jurisdiction or a broken configuration. Nothing was done.
    #[error("the region host refused: {0}")]
    Refused(String),
}

impl RegionError {
    /// Whether the call may have been carried out all the same.
    #[must_use]
    pub const fn outcome_is_unknown(&self) -> bool {
        match self {
            Self::TimedOut | Self::Broken(_) => true,
            Self::NotOpen | Self::Refused(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_and_the_reasons_only_read() {
        let explain = Command::Explain {
            service: "cut".parse().unwrap(),
            date: "2027-03-02".parse().unwrap(),
            time: None,
            duration_minutes: None,
        };
        assert!(only_reads(&explain));
        for list in [
            Command::ListResources,
            Command::ListServices,
            Command::ListFeeds,
        ] {
            assert!(only_reads(&list), "{list:?}");
        }
        assert!(!only_reads(&Command::TakeEffects { at_most: 1 }));
    }

    #[test]
    fn an_object_outside_its_jurisdiction_holds_nothing() {
        assert!(may_hold(Region::Eu, Some("eu")));
        assert!(may_hold(Region::Us, Some("us")));
        for (region, actual) in [
            (Region::Eu, None),
            (Region::Eu, Some("us")),
            (Region::Us, Some("eu")),
            (Region::Us, Some("")),
            (Region::Cbr, Some("cbr")),
            (Region::Cbr, None),
        ] {
            assert!(!may_hold(region, actual), "{region} in {actual:?}");
        }
    }
}
