//! What the edge needs of the platform under it, and nothing more.

use std::future::Future;

use slotstead_shared::UnixSeconds;
use slotstead_tenant::{Call, Refusal, Reply, call::Answer};

use crate::region::RegionError;

/// The platform: a clock, randomness, and the way to the regions.
pub trait Platform {
    /// Now.
    fn now(&self) -> UnixSeconds;

    /// Fresh random bytes.
    fn random(&self) -> [u8; 16];

    /// Carries a call to the region of its tenant, and to no other, within the deadline.
    fn call(&self, call: &Call) -> impl Future<Output = Result<Answer, RegionError>>;

    /// Like [`Platform::call`], for a reply that goes out as it is: a region that can gives the finished
    /// body, so that a month of free times is not taken apart and put together again on its way.
    fn call_for_body(
        &self,
        call: &Call,
    ) -> impl Future<Output = Result<Result<Finished, Refusal>, RegionError>> {
        async { Ok(self.call(call).await?.map(Finished::from)) }
    }
}

/// What is ready to be sent, or nearly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    /// The body.
    Body(Vec<u8>),
    /// The body, which the platform passes on to whoever asks, without handing it out.
    AtHand,
    /// The reply, from a region that leaves the body to the edge.
    Reply(Box<Reply>),
}

impl From<Reply> for Finished {
    fn from(reply: Reply) -> Self {
        Self::Reply(Box::new(reply))
    }
}
