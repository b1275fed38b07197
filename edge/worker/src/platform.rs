//! What the edge needs of the platform under it, and nothing more.

use std::future::Future;

use slotstead_shared::UnixSeconds;
use slotstead_tenant::{Call, call::Answer};

use crate::region::RegionError;

/// The platform: a clock, randomness, and the way to the regions.
pub trait Platform {
    /// Now.
    fn now(&self) -> UnixSeconds;

    /// Fresh random bytes.
    fn random(&self) -> [u8; 16];

    /// Carries a call to the region of its tenant, and to no other, within the deadline.
    fn call(&self, call: &Call) -> impl Future<Output = Result<Answer, RegionError>>;
}
