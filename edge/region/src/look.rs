//! What `check` looks at besides the configuration. It changes nothing, and a server may run meanwhile.

use std::path::Path;

use rustix::fs::{Access, access};

use crate::{
    config::{Config, Mistake},
    mounted,
    vault::Lacking,
};

/// What is wrong on the disks that the configuration names.
#[must_use]
pub fn look(config: &Config) -> Vec<Mistake> {
    let mut wrong = folders(config);
    wrong.extend(mounted::empty_disk(config));
    wrong.extend(keyrings(config));
    wrong
}

fn folders(config: &Config) -> Vec<Mistake> {
    let data = config.database.is_none().then_some(&config.data);
    let backup = config.backup.as_ref();
    let named = [
        ("data", data),
        ("keys.folder", Some(&config.keys)),
        ("backup.folder", backup.map(|backup| &backup.folder)),
        ("backup.keys_folder", backup.map(|backup| &backup.keys)),
    ];
    let named = named.into_iter();
    named
        .filter_map(|(setting, path)| folder(setting, path?))
        .collect()
}

/// A folder has to be there, and to be this user's to work in. Nothing is written to find out: it would belong to
/// whoever asks.
fn folder(setting: &str, path: &Path) -> Option<Mistake> {
    let shown = path.display();
    let wrong = if path.is_dir() {
        let error = access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).err()?;
        format!(
            "{shown} cannot be used by this user: {error}; the server needs to read and to write there"
        )
    } else {
        format!("{shown} is no folder: make it, or mount its disk")
    };
    Some(Mistake::new(setting, wrong))
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
