//! CORS, exactly as wide as a tenant's origins. Never with credentials: there are no cookies.

use crate::exchange::Outgoing;

/// Seconds for which a browser may remember a preflight.
const MAX_AGE_SECONDS: u32 = 600;

/// Lets the page of `origin` read the answer.
#[must_use]
pub fn allow(outgoing: Outgoing, origin: &str) -> Outgoing {
    outgoing.with("access-control-allow-origin", origin).with(
        "access-control-expose-headers",
        "x-request-id, retry-after, idempotency-replayed",
    )
}

/// The answer to a preflight of an origin that the tenant allows.
#[must_use]
pub fn preflight(origin: &str, allowed: &str) -> Outgoing {
    Outgoing::done()
        .with("allow", allowed)
        .with("access-control-allow-origin", origin)
        .with("access-control-allow-methods", allowed)
        .with(
            "access-control-allow-headers",
            "authorization, content-type, idempotency-key",
        )
        .with("access-control-max-age", MAX_AGE_SECONDS.to_string())
}
