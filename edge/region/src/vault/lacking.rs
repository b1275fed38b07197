//! Keyrings that nothing here opens: the regional key that they are sealed under is not in the configuration.

use std::{collections::BTreeMap, io, path::Path};

use slotstead_tenant::keyring::{Object, objects::regional_key_of, regional::SealingKeys};

use super::read;
use crate::{config::Mistake, disk};

/// How many there are, by the name of the key that is missing.
#[derive(Debug)]
pub struct Lacking(BTreeMap<String, usize>);

impl Lacking {
    /// Looks at every keyring in `folder`. It need not be locked for this.
    pub fn look(folder: &Path, regional: &SealingKeys) -> io::Result<Self> {
        let mut lacking = BTreeMap::new();
        for tenant in disk::tenants(folder)? {
            let ring = read(folder, &tenant, &Object::Ring.name())?;
            let name = ring.and_then(|ring| regional_key_of(&ring));
            if let Some(name) = name.filter(|name| regional.get(name).is_none()) {
                *lacking.entry(name).or_default() += 1;
            }
        }
        Ok(Self(lacking))
    }

    /// How many keyrings there are.
    #[must_use]
    pub fn keyrings(&self) -> usize {
        self.0.values().sum()
    }

    /// What is wrong with the configuration: each key that is missing.
    pub fn mistakes(&self) -> impl Iterator<Item = Mistake> {
        self.0.iter().map(|(name, keyrings)| {
            Mistake::new(
                "keys.sealing_file",
                format!(
                    "has no key called {name}, so that tenants cannot be booked, {keyrings} of them: put it back behind \
                     the first one, and start the server again"
                ),
            )
        })
    }
}
