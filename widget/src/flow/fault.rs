//! Why something failed, in the terms of the booker: what to say and whether to try again.

use slotstead_shared::problem::{Problem, ProblemKind};

use super::Millis;
use crate::api::{Outcome, Silence};

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The device has no network.
    Offline,
    /// The edge or the tenant's region cannot be reached.
    Unreachable,
    /// Too many requests; another makes sense from this moment.
    Limited {
        /// When.
        until: Millis,
    },
    /// The page may not carry this booker.
    Origin,
    /// There is no such tenant or service.
    Missing,
    /// The tenant offers nothing yet.
    NoServices,
    /// The page's address holds no capability.
    BadLink,
    /// The capability has expired or is not genuine.
    LinkOver,
    /// The service of the booking is not offered any more.
    ServiceGone,
    /// Refused for a reason that the server gave in words.
    Refused(String),
}

impl Fault {
    /// The fault in an outcome that is not a success.
    pub(super) fn of(outcome: &Outcome, now: Millis) -> Self {
        match outcome {
            Outcome::Refused(problem) => Self::of_problem(problem, now),
            Outcome::Silent(Silence::Offline) => Self::Offline,
            // A success that reaches this was an answer to another question: as good as none.
            Outcome::Done(_)
            | Outcome::Silent(Silence::Broken | Silence::TimedOut | Silence::Garbled) => {
                Self::Unreachable
            }
        }
    }

    fn of_problem(problem: &Problem, now: Millis) -> Self {
        match problem.kind {
            ProblemKind::RateLimited => Self::Limited {
                until: limit_end(problem, now),
            },
            ProblemKind::OriginNotAllowed => Self::Origin,
            ProblemKind::NotFound => Self::Missing,
            ProblemKind::RegionUnavailable | ProblemKind::Internal | ProblemKind::Misconfigured => {
                Self::Unreachable
            }
            ProblemKind::InvalidRequest
            | ProblemKind::InvalidField
            | ProblemKind::Unauthenticated
            | ProblemKind::TokenExpired
            | ProblemKind::NotAllowed
            | ProblemKind::MethodNotAllowed
            | ProblemKind::SlotTaken
            | ProblemKind::SlotNotOffered
            | ProblemKind::BookingClosed
            | ProblemKind::IdempotencyKeyReused
            | ProblemKind::Conflict
            | ProblemKind::TooLarge
            | ProblemKind::UnsupportedMediaType
            | ProblemKind::HttpsRequired => Self::Refused(problem.detail.clone()),
        }
    }

    /// Whether trying again can help.
    #[must_use]
    pub const fn can_retry(&self) -> bool {
        match self {
            Self::Offline | Self::Unreachable | Self::Limited { .. } | Self::Refused(_) => true,
            Self::Origin
            | Self::Missing
            | Self::NoServices
            | Self::BadLink
            | Self::LinkOver
            | Self::ServiceGone => false,
        }
    }

    /// When another try makes sense, if that is known.
    #[must_use]
    pub const fn until(&self) -> Option<Millis> {
        match self {
            Self::Limited { until } => Some(*until),
            _ => None,
        }
    }
}

/// When a rate limit ends; ten seconds if the server does not say.
pub(super) fn limit_end(problem: &Problem, now: Millis) -> Millis {
    now + u64::from(problem.retry_after_seconds.unwrap_or(10)) * 1_000
}
