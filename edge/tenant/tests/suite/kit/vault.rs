//! A vault in memory that can be told to be away.

use std::cell::Cell;

use slotstead_shared::TenantId;
use slotstead_tenant::{
    Moment,
    host::vault::{InMemory, Vault, VaultError},
    keyring::Versioned,
};

pub const SEALING_KEYS: &str = "k1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

#[derive(Default)]
pub struct TestVault {
    objects: InMemory,
    pub away: Cell<bool>,
    /// Times that it was asked, with or without success.
    pub asked: Cell<u32>,
}

impl TestVault {
    fn ask(&self) -> Result<(), VaultError> {
        self.asked.set(self.asked.get() + 1);
        if self.away.get() {
            return Err(VaultError("away on purpose".to_owned()));
        }
        Ok(())
    }
}

impl Vault for TestVault {
    fn load(&self, tenant: &TenantId, name: &str) -> Result<Option<Versioned>, VaultError> {
        self.ask()?;
        self.objects.load(tenant, name)
    }

    fn store(
        &self,
        tenant: &TenantId,
        name: &str,
        bytes: &[u8],
        after: Option<&str>,
    ) -> Result<Option<String>, VaultError> {
        self.ask()?;
        self.objects.store(tenant, name, bytes, after)
    }
}

/// Bytes that are other bytes in every call, and the same in every run.
pub fn fill(moment: Moment) -> impl FnMut(&mut [u8]) {
    let mut count = 0_u64;
    move |bytes| {
        for part in bytes.chunks_mut(32) {
            count += 1;
            let text = format!("{count} {:?}", moment.random);
            part.copy_from_slice(&hmac_sha256::Hash::hash(text.as_bytes())[..part.len()]);
        }
    }
}
