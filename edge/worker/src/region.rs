//! Which region host runs the tenants of a region, and how a call to it can fail.

use slotstead_shared::Region;
use slotstead_tenant::{
    call::Answer,
    host::{ANSWERED, REFUSED},
};

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
        /// The binding of the bucket, in the same jurisdiction, that has the keyrings of its tenants.
        bucket: &'static str,
        /// The secret with the keys that seal them.
        sealing_keys: &'static str,
    },
    /// Our own region server. Where none is configured every call is refused; none goes elsewhere.
    RegionServer {
        /// The binding over which the edge shows its certificate.
        binding: &'static str,
    },
}

/// The region host that runs the tenants of `region`.
#[must_use]
pub const fn host_of(region: Region) -> RegionHost {
    match region {
        Region::Us => RegionHost::DurableObject {
            jurisdiction: "us",
            bucket: "KEYS_US",
            sealing_keys: "SEALING_KEYS_US",
        },
        Region::Eu => RegionHost::DurableObject {
            jurisdiction: "eu",
            bucket: "KEYS_EU",
            sealing_keys: "SEALING_KEYS_EU",
        },
        Region::Cbr => RegionHost::RegionServer {
            binding: "REGION_CBR",
        },
    }
}

/// Whether a Durable Object that says it is in `actual` may hold a tenant of `region`.
/// Without a word from the platform the answer is no.
#[must_use]
pub fn may_hold(region: Region, actual: Option<&str>) -> bool {
    match host_of(region) {
        RegionHost::DurableObject { jurisdiction, .. } => actual == Some(jurisdiction),
        RegionHost::RegionServer { .. } => false,
    }
}

/// There was no answer from the region. No other region was tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// The edge knows no region server of this region.
    #[error("the region is not open")]
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

/// An answer as the region host wrote it.
pub fn read_answer(status: u16, body: &[u8]) -> Result<Answer, RegionError> {
    match status {
        // The error itself could quote what is in the answer.
        ANSWERED => serde_json::from_slice(body).map_err(|error| {
            let column = error.column();
            RegionError::Broken(format!("the answer is malformed at column {column}"))
        }),
        REFUSED => Err(RegionError::Refused(
            String::from_utf8_lossy(body).into_owned(),
        )),
        status => Err(RegionError::Broken(format!("status {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use slotstead_tenant::{
        Refusal, Reply,
        host::{Form, written},
    };

    use super::*;

    #[test]
    fn an_answer_is_read_as_it_was_written_and_half_of_it_is_broken() {
        for answer in [Ok(Reply::Done), Err(Refusal::NoTenant)] {
            let (status, body) = written(&answer, Form::Whole);
            assert_eq!(read_answer(status, &body), Ok(answer));
            let half = read_answer(status, &body[..body.len() / 2]);
            assert!(half.unwrap_err().outcome_is_unknown());
        }
        let refused = read_answer(REFUSED, b"the wrong region").unwrap_err();
        assert!(!refused.outcome_is_unknown());
        // Whatever else comes back, nobody knows what was done.
        for status in [203, 204, 302, 404, 500, 503] {
            let error = read_answer(status, b"{}").unwrap_err();
            assert!(error.outcome_is_unknown(), "{status}");
        }
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
