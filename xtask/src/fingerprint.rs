//! Fingerprints of inputs: what was built from the same bytes is not built again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// A hash over files and words, each with its length, so that no two lists read alike.
#[derive(Default)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Adds a word: a version, a setting.
    pub fn word(&mut self, word: &str) -> &mut Self {
        self.bytes(word.as_bytes())
    }

    /// Adds every file of `inputs`, folders with all below them, by name and content. Hidden
    /// files, `target` and `node_modules` are nobody's source.
    pub fn files(&mut self, root: &Path, inputs: &[&str]) -> Result<&mut Self> {
        let mut files = Vec::new();
        for input in inputs {
            collect(&root.join(input), &mut files)?;
        }
        files.sort();
        for file in files {
            let name = file.strip_prefix(root).unwrap_or(&file);
            self.bytes(name.as_os_str().as_encoded_bytes());
            let content =
                fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            self.bytes(&content);
        }
        Ok(self)
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes.len().to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// The hash as text.
    #[must_use]
    pub fn finish(&self) -> String {
        HEXLOWER.encode(&self.0.clone().finalize())
    }
}

/// Whether `stamp` holds `fingerprint`.
#[must_use]
pub fn is_current(stamp: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == fingerprint)
}

/// The first characters of a file's hash, for its name.
#[must_use]
pub fn short(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes)[..8])
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries =
        fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let skipped =
            name.to_string_lossy().starts_with('.') || name == "target" || name == "node_modules";
        if !skipped {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(root: &Path) -> String {
        Fingerprint::default()
            .files(root, &["src", "Cargo.toml"])
            .unwrap()
            .finish()
    }

    #[test]
    fn it_changes_with_names_and_contents_and_with_nothing_else() {
        let root = std::env::temp_dir().join(format!("slotstead-print-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("src/a.rs", "a");
        write("src/deep/b.rs", "b");
        write("Cargo.toml", "");
        let before = of(&root);
        write("src/.swp", "x");
        write("src/target/x", "x");
        write("other", "x");
        assert_eq!(of(&root), before);
        write("src/a.rs", "A");
        let changed = of(&root);
        assert_ne!(changed, before);
        write("src/a.rs", "a");
        assert_eq!(of(&root), before);
        fs::rename(root.join("src/a.rs"), root.join("src/c.rs")).unwrap();
        assert_ne!(of(&root), before);
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn words_cannot_be_shifted_into_one_another() {
        let of = |words: &[&str]| {
            let mut print = Fingerprint::default();
            for word in words {
                print.word(word);
            }
            print.finish()
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
    }
}
