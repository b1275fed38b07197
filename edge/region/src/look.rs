//! What `check` looks at besides the configuration. It changes nothing, and a server may run meanwhile.

use crate::{
    config::{Config, Mistake},
    mounted,
    vault::Lacking,
};

/// What is wrong on the disks that the configuration names.
#[must_use]
pub fn look(config: &Config) -> Vec<Mistake> {
    let mut wrong = keyrings(config);
    wrong.extend(mounted::empty_disk(config));
    wrong
}

fn keyrings(config: &Config) -> Vec<Mistake> {
    match Lacking::look(&config.keys, &config.sealing) {
        Ok(lacking) => lacking.mistakes().collect(),
        Err(error) => {
            let wrong = format!("cannot be read: {error}");
            vec![Mistake::new("keys.folder", wrong)]
        }
    }
}
