//! The objects of a bucket, each in a file: there before and after a `kill -9` or a power cut, and always whole.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::UNIX_EPOCH,
};

use sha2::{Digest, Sha256};

/// Where what is being written is until it is whole. No object can have this name.
const UNFINISHED: &str = ".unfinished";

/// The objects in a folder.
pub struct Objects {
    folder: PathBuf,
    /// Held from looking at a condition until what depends on it is on the disk.
    writing: Mutex<()>,
}

/// An object as it was at one moment.
#[derive(Debug)]
pub struct Object {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// When it was stored, since 1970.
    pub modified_millis: u64,
}

impl Object {
    /// As with R2, the same bytes have the same version.
    pub fn version(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(&self.bytes)[..16])
    }
}

/// The file of an object below the folder. `None` for a name that is not plain words with slashes in between.
pub fn path(name: &str) -> Option<PathBuf> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let words = name.split('/');
    words
        .map(|word| {
            let is_plain = word.bytes().all(plain) && !word.starts_with('.');
            (is_plain && !word.is_empty()).then_some(word)
        })
        .collect()
}

impl Objects {
    /// The objects in `folder`, which is made when it is not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            writing: Mutex::new(()),
        })
    }

    /// The object in the file `path`.
    pub fn get(&self, path: &Path) -> io::Result<Option<Object>> {
        // One open file, so that bytes and time are of the same object.
        let mut file = match File::open(self.folder.join(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let modified = file.metadata()?.modified()?;
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut file, &mut bytes)?;
        Ok(Some(Object {
            bytes,
            modified_millis: u64::try_from(since.as_millis()).unwrap_or_default(),
        }))
    }

    /// Stores an object if the one that is there now `allows` it. Gives what is there then, or nothing.
    pub fn put(
        &self,
        path: &Path,
        bytes: &[u8],
        allows: impl FnOnce(Option<&Object>) -> bool,
    ) -> io::Result<Option<Object>> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if !allows(self.get(path)?.as_ref()) {
            return Ok(None);
        }
        let target = self.folder.join(path);
        let parent = target.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent)?;
        let unfinished = self.folder.join(UNFINISHED);
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, &target)?;
        self.sync(parent)?;
        self.get(path)
    }

    /// Deletes an object, if it is there.
    pub fn delete(&self, path: &Path) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let target = self.folder.join(path);
        match fs::remove_file(&target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => {
                removed?;
                self.sync(target.parent().unwrap_or(&self.folder))
            }
        }
    }

    /// Puts the names in `folder`, and those that lead to it, on the disk.
    fn sync(&self, folder: &Path) -> io::Result<()> {
        let ours = folder.ancestors();
        ours.take_while(|folder| folder.starts_with(&self.folder))
            .try_for_each(|folder| File::open(folder)?.sync_all())
    }
}
