//! The one file that turns what went wrong into a status code and a problem document (RFC 9457).
//!
//! Every arm is written out: a new refusal must be thought about here before it compiles.

use slotstead_shared::{
    Reason,
    problem::{FieldError, Problem, ProblemKind},
    wire::{Scope, Slot},
};
use slotstead_tenant::{Refusal, host::json_bytes};

use crate::{
    exchange::{Content, Outgoing},
    region::{RETRY_AFTER_SECONDS, RegionError},
    routes::MalformedId,
};

/// Why a request is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The tenant said no.
    Refused(Refusal),
    /// There was no answer from the region.
    Region {
        /// How it failed.
        error: RegionError,
        /// What the caller can do about a change whose outcome is unknown.
        retry: Retry,
    },
    /// The request as such cannot be read.
    InvalidRequest {
        /// A sentence.
        detail: String,
        /// The header it is about.
        field: Option<&'static str>,
    },
    /// Fields are wrong.
    InvalidFields(Vec<FieldError>),
    /// No token, or a forged one.
    Unauthenticated,
    /// A genuine token whose time is over.
    TokenExpired,
    /// The token does not allow this.
    NotAllowed,
    /// The owner's token does not have this scope.
    ScopeMissing(Scope),
    /// Not from a page that the tenant allows.
    OriginNotAllowed,
    /// There is no such thing, or it is somebody else's.
    NotFound,
    /// There can be no such thing: its id in the path is malformed.
    MalformedId(MalformedId),
    /// The path exists, not with this method.
    MethodNotAllowed {
        /// The methods it has.
        allow: String,
    },
    /// The body is too large.
    TooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// It came over plain HTTP.
    HttpsRequired,
    /// The edge is configured wrongly.
    Misconfigured,
    /// Something that cannot be, was. The words are for the log.
    Internal(String),
}

/// What the caller can do when the outcome of a change is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Nothing was to be changed: just try again.
    Freely,
    /// The request carried an idempotency key: the same key never does it twice.
    WithSameKey,
    /// Doing it twice changes nothing more.
    Again,
    /// It may be there already: look first.
    AfterALook,
}

/// What a path that leads nowhere is answered with.
impl From<Option<MalformedId>> for Failure {
    fn from(malformed: Option<MalformedId>) -> Self {
        malformed.map_or(Self::NotFound, Self::MalformedId)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A failure in words.
struct Words {
    kind: ProblemKind,
    status: u16,
    detail: String,
    errors: Vec<FieldError>,
    alternatives: Vec<Slot>,
    retry_after_seconds: Option<u32>,
    header: Option<(&'static str, String)>,
}

impl Words {
    fn new(kind: ProblemKind, status: u16, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status,
            detail: detail.into(),
            errors: Vec::new(),
            alternatives: Vec::new(),
            retry_after_seconds: None,
            header: None,
        }
    }

    fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    fn alternatives(mut self, alternatives: Vec<Slot>) -> Self {
        self.alternatives = alternatives;
        self
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.header = Some((name, value.into()));
        self
    }
}

/// The answer to a failed request.
#[must_use]
pub fn answer(failure: &Failure, request_id: &str) -> Outgoing {
    let words = words(failure);
    let problem = Problem {
        kind: words.kind,
        title: title(words.kind).to_owned(),
        status: words.status,
        detail: words.detail,
        errors: words.errors,
        alternatives: words.alternatives,
        retry_after_seconds: words.retry_after_seconds,
        request_id: request_id.to_owned(),
    };
    let mut outgoing = Outgoing::of(
        words.status,
        "application/problem+json",
        Content::Bytes(json_bytes(&problem)),
    );
    if let Some(seconds) = words.retry_after_seconds {
        outgoing = outgoing.with("retry-after", seconds.to_string());
    }
    if let Some((name, value)) = words.header {
        outgoing = outgoing.with(name, value);
    }
    outgoing
}

/// What the log says of a failure that somebody should look at. No tenant's data.
#[must_use]
pub fn log_detail(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Refused(Refusal::Store { detail }) => Some(format!("store: {detail}")),
        Failure::Refused(refusal @ Refusal::Keys) => Some(refusal.to_string()),
        Failure::Region { error, .. } => Some(error.to_string()),
        Failure::Internal(detail) => Some(detail.clone()),
        Failure::Misconfigured => Some("misconfigured".to_owned()),
        Failure::Refused(_)
        | Failure::InvalidRequest { .. }
        | Failure::InvalidFields(_)
        | Failure::Unauthenticated
        | Failure::TokenExpired
        | Failure::NotAllowed
        | Failure::ScopeMissing(_)
        | Failure::OriginNotAllowed
        | Failure::NotFound
        | Failure::MalformedId(_)
        | Failure::MethodNotAllowed { .. }
        | Failure::TooLarge
        | Failure::UnsupportedMediaType
        | Failure::HttpsRequired => None,
    }
}

fn words(failure: &Failure) -> Words {
    use ProblemKind as Kind;
    match failure {
        Failure::Refused(refusal) => refusal_words(refusal),
        Failure::Region { error, retry } => region_words(error, *retry),
        Failure::InvalidRequest { detail, field } => Words::new(Kind::InvalidRequest, 400, detail)
            .errors(
                field
                    .iter()
                    .map(|field| FieldError::new(*field, detail))
                    .collect(),
            ),
        Failure::InvalidFields(errors) => invalid_fields(errors),
        Failure::Unauthenticated => unauthenticated(
            "Send a token: `Authorization: Bearer …`. The one that came, if any, is not one of ours.",
        ),
        Failure::TokenExpired => Words::new(
            Kind::TokenExpired,
            401,
            "This token has expired. Get a new one and try again; nothing was changed.",
        )
        .header(
            "www-authenticate",
            "Bearer error=\"invalid_token\", error_description=\"expired\"",
        ),
        Failure::NotAllowed => not_allowed(),
        Failure::ScopeMissing(scope) => scope_missing(*scope),
        Failure::OriginNotAllowed => origin_not_allowed(),
        Failure::NotFound => not_found("There is no such thing here, or it is not yours."),
        Failure::MalformedId(MalformedId { name, detail }) => {
            not_found(format!("The `{name}` in this address is {detail}."))
                .errors(vec![FieldError::new(*name, format!("This is {detail}"))])
        }
        Failure::MethodNotAllowed { allow } => Words::new(
            Kind::MethodNotAllowed,
            405,
            format!("This address answers to {allow} only."),
        )
        .header("allow", allow),
        Failure::TooLarge => Words::new(
            Kind::TooLarge,
            413,
            format!(
                "The body is larger than {} bytes. Nothing was changed.",
                slotstead_shared::limits::BODY_BYTES
            ),
        ),
        Failure::UnsupportedMediaType => Words::new(
            Kind::UnsupportedMediaType,
            415,
            "The body must be `content-type: application/json`.",
        ),
        Failure::HttpsRequired => Words::new(
            Kind::HttpsRequired,
            403,
            "This came over plain HTTP, so nothing was read and nothing is told. Use https.",
        ),
        Failure::Misconfigured => Words::new(
            Kind::Misconfigured,
            500,
            "This server is configured wrongly and does nothing until that is mended. Its operator finds each mistake in the log.",
        ),
        Failure::Internal(_) => internal(),
    }
}

fn refusal_words(refusal: &Refusal) -> Words {
    use ProblemKind as Kind;
    match refusal {
        Refusal::NoTenant => not_found("There is no such thing here, or it is not yours."),
        Refusal::TenantExists => Words::new(Kind::Conflict, 409, "This tenant exists already. Sign up again to get another one."),
        Refusal::TokenRevoked => unauthenticated("This token was revoked."),
        Refusal::NotAllowed => not_allowed(),
        Refusal::OriginNotAllowed => origin_not_allowed(),
        Refusal::RateLimited { retry_after_seconds } => Words::new(
            Kind::RateLimited,
            429,
            format!("That was too often. Nothing was changed; try again in {retry_after_seconds} seconds."),
        )
        .retry_after(*retry_after_seconds),
        Refusal::Invalid(errors) => invalid_fields(errors),
        Refusal::NotFound { what, field } => {
            let detail = format!("There is no such {what} here.");
            let error = field.as_ref().map(|field| FieldError::new(field, &detail));
            not_found(&detail).errors(error.into_iter().collect())
        }
        Refusal::Conflict { detail } => Words::new(Kind::Conflict, 409, detail),
        Refusal::SlotTaken { alternatives } => Words::new(
            Kind::SlotTaken,
            409,
            "This time is no longer free. Nothing was booked, and what you wrote is kept. These are the nearest free times.",
        )
        .alternatives(alternatives.clone()),
        Refusal::SlotNotOffered { reason, alternatives } => {
            let why = reason_words(*reason);
            Words::new(Kind::SlotNotOffered, 409, format!("{why} Nothing was booked."))
                .errors(vec![FieldError::new("start", why)])
                .alternatives(alternatives.clone())
        }
        Refusal::BookingClosed => Words::new(Kind::BookingClosed, 409, "This booking is cancelled or has begun, so it can no longer be changed."),
        Refusal::IdempotencyKeyReused => Words::new(
            Kind::IdempotencyKeyReused,
            422,
            "This idempotency key came before with another request. Nothing was changed; use a new key for a new request.",
        )
        .errors(vec![FieldError::new("Idempotency-Key", "Use a new key for a new request")]),
        Refusal::Keys => Words::new(
            Kind::RegionUnavailable,
            503,
            "What is stored of people cannot be opened right now. Nothing was changed. Try again in a few seconds.",
        )
        .retry_after(RETRY_AFTER_SECONDS),
        Refusal::Store { .. } => internal(),
    }
}

fn region_words(error: &RegionError, retry: Retry) -> Words {
    let known =
        "Bookings cannot be reached right now. Nothing was changed. Try again in a few seconds.";
    let detail = match (error.outcome_is_unknown(), retry) {
        (false, _) | (true, Retry::Freely) => known,
        (true, Retry::WithSameKey) => {
            "The answer was lost, so we cannot say yet whether it was done. Try again with the same idempotency key: it is never done twice, and you get the first answer."
        }
        (true, Retry::Again) => {
            "The answer was lost, so we cannot say yet whether it was done. Try again: doing it twice changes nothing more."
        }
        (true, Retry::AfterALook) => {
            "The answer was lost, so we cannot say yet whether it was done. Look whether it is there before you try again."
        }
    };
    Words::new(ProblemKind::RegionUnavailable, 503, detail).retry_after(RETRY_AFTER_SECONDS)
}

fn invalid_fields(errors: &[FieldError]) -> Words {
    let detail = match errors {
        [only] => format!(
            "`{}` is not right: {}. Nothing was changed.",
            only.field,
            only.detail.trim_end_matches('.')
        ),
        _ => format!(
            "{} fields are not right; each is named in `errors`. Nothing was changed.",
            errors.len()
        ),
    };
    Words::new(ProblemKind::InvalidField, 422, detail).errors(errors.to_vec())
}

fn unauthenticated(detail: &str) -> Words {
    Words::new(ProblemKind::Unauthenticated, 401, detail).header("www-authenticate", "Bearer")
}

fn not_allowed() -> Words {
    Words::new(
        ProblemKind::NotAllowed,
        403,
        "This token does not allow that. Nothing was changed.",
    )
}

/// With the challenge of RFC 6750 section 3.1.
fn scope_missing(scope: Scope) -> Words {
    let name = scope.as_str();
    Words::new(
        ProblemKind::NotAllowed,
        403,
        format!(
            "This token does not have the scope `{name}`, which that takes. Nothing was changed."
        ),
    )
    .header(
        "www-authenticate",
        format!("Bearer error=\"insufficient_scope\", scope=\"{name}\""),
    )
}

fn origin_not_allowed() -> Words {
    Words::new(
        ProblemKind::OriginNotAllowed,
        403,
        "This page's origin is not on the list of origins that may carry the booker. Its owner can add it.",
    )
}

fn not_found(detail: impl Into<String>) -> Words {
    Words::new(ProblemKind::NotFound, 404, detail)
}

fn internal() -> Words {
    Words::new(
        ProblemKind::Internal,
        500,
        "Something failed on our side, and it is written down. Nothing was changed; try again in a while.",
    )
}

fn reason_words(reason: Reason) -> &'static str {
    match reason {
        Reason::InGap => "The clocks skip this time on this day.",
        Reason::Past => "This time has passed.",
        Reason::TooSoon => "This time is too soon to be booked.",
        Reason::TooFar => "This time is too far ahead to be booked yet.",
        Reason::Holiday => "This day is a public holiday.",
        Reason::Override => "This day has other hours, and this time is not among them.",
        Reason::OutsideHours => {
            "This time is outside the hours that can be booked, or would end after them."
        }
        Reason::OffStep => "Bookings do not start at this time.",
        Reason::Unknown => "This time is not known well enough to be offered.",
        Reason::Limit => "No more bookings are taken in this day, week or month.",
        Reason::NoSeat => "All seats are taken.",
        Reason::Resource => "Something that is needed for this is not free.",
        Reason::Busy | Reason::Held | Reason::Booked | Reason::Buffer => "This time is not free.",
    }
}

/// The type in words (RFC 9457 section 3.1.3): the same for every occurrence.
#[must_use]
pub const fn title(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::InvalidRequest => "The request cannot be read",
        ProblemKind::InvalidField => "A field is not right",
        ProblemKind::Unauthenticated => "A token is needed",
        ProblemKind::TokenExpired => "The token has expired",
        ProblemKind::NotAllowed => "Not allowed",
        ProblemKind::OriginNotAllowed => "This page is not allowed",
        ProblemKind::NotFound => "Not found",
        ProblemKind::MethodNotAllowed => "Not with this method",
        ProblemKind::SlotTaken => "The time is no longer free",
        ProblemKind::SlotNotOffered => "The time is not offered",
        ProblemKind::BookingClosed => "The booking can no longer be changed",
        ProblemKind::IdempotencyKeyReused => "The idempotency key was used before",
        ProblemKind::Conflict => "Something is in the way",
        ProblemKind::TooLarge => "The body is too large",
        ProblemKind::UnsupportedMediaType => "The body is not JSON",
        ProblemKind::RateLimited => "Too many requests",
        ProblemKind::HttpsRequired => "HTTPS is required",
        ProblemKind::RegionUnavailable => "The region cannot be reached",
        ProblemKind::Misconfigured => "The server is misconfigured",
        ProblemKind::Internal => "Something failed on our side",
    }
}

#[cfg(test)]
mod tests;
