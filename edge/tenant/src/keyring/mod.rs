//! The keyring of a tenant: the keys that seal what is stored of people, kept outside the tenant's store.

pub mod regional;
