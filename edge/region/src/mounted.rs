//! An empty disk in the place of the stores: lost, or not mounted. It looks like that of a region that is only
//! beginning, and every tenant would be told that there is no such tenant.

use std::{io::ErrorKind, path::Path};

use crate::{
    config::{Config, Mistake},
    disk, stores,
};

/// What is wrong where there is no store, but something that belongs to tenants.
#[must_use]
pub fn empty_disk(config: &Config) -> Option<Mistake> {
    if config.database.is_some() || has_stores(&config.data) {
        return None;
    }
    let backup = config.backup.as_ref().map(|backup| &backup.folder);
    let mut others = Vec::new();
    for (name, path) in [
        ("keys.folder", Some(&config.keys)),
        ("backup.folder", backup),
    ] {
        let theirs = path.map(|path| disk::tenants(path).unwrap_or_default());
        let mut theirs = theirs.into_iter().flatten();
        if theirs.any(|tenant| tenant.region() == config.region) {
            others.push(name);
        }
    }
    if others.is_empty() {
        return None;
    }
    let (data, others) = (config.data.display(), others.join(" and "));
    let wrong = format!(
        "{data} holds no store, but there are tenants in {others}: mount the disk with the stores, or restore them \
         with `restore FILE --all --in-place`; to begin anew, first move the tenants' folders out of {others}"
    );
    Some(Mistake::new("data", wrong))
}

fn has_stores(data: &Path) -> bool {
    match stores::tenants(data) {
        Ok(tenants) => !tenants.is_empty(),
        // Whoever opens a folder that cannot be read says so.
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}
