//! The keyring of a tenant: the keys that seal what is stored of people, kept outside the tenant's store.

pub mod regional;

/// How long an object of a keyring may be.
pub const OBJECT_BYTES: usize = 64 * 1024;
