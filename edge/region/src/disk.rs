//! Files that are there whole or not at all, and the folders that tenants have among them.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;
use slotstead_shared::TenantId;

/// Makes `path` hold `bytes`, through to the disk, or be as before. That it has its name is for whoever flushes
/// the folder.
pub fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = new(path);
    let done = write(&new, bytes).and_then(|()| fs::rename(&new, path));
    if done.is_err() {
        // It takes room that may be short, and nobody reads it.
        let _ = fs::remove_file(&new);
    }
    done
}

/// Where that which is to be `path` is written.
pub fn new(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// An empty file at `path`. Not where somebody else's link leads: a share is written by others too.
pub fn create(path: &Path) -> io::Result<File> {
    no_link(OpenOptions::new().write(true).create(true).truncate(true)).open(path)
}

/// The same options, for a file that is no link.
pub fn no_link(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
}

/// Whether something can be written to a folder, through to the disk.
pub fn try_out(folder: &Path) -> io::Result<()> {
    write(&folder.join("health"), b"ok")
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The tenants that have a folder of their own in `folder`, in the order of their ids.
pub fn tenants(folder: &Path) -> io::Result<Vec<TenantId>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        found.extend(name.to_str().and_then(|name| name.parse().ok()));
    }
    found.sort();
    Ok(found)
}
