//! The secrets of a local stack: made once from the system's randomness, kept in its state directory.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, Result};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// What the Worker needs as secret bindings.
#[derive(Clone)]
pub struct Secrets {
    /// Key of the signatures of tokens.
    pub token_key: String,
    /// Key of the tags in ids.
    pub id_key: String,
    /// What a sign-up asks for.
    pub operator_key: String,
    /// The sealing keys of the United States.
    pub sealing_keys_us: String,
    /// The sealing keys of the European Union.
    pub sealing_keys_eu: String,
    /// The sealing keys of Canberra.
    pub sealing_keys_cbr: String,
}

impl Secrets {
    /// The secrets in `file`, made when there are none.
    pub fn load_or_create(file: &Path) -> Result<Self> {
        if let Ok(text) = fs::read_to_string(file) {
            return Self::parse(&text).with_context(|| {
                format!(
                    "{} is damaged or of an older version; `cargo xtask run --fresh` starts anew",
                    file.display()
                )
            });
        }
        let secrets = Self {
            token_key: random(32)?,
            id_key: random(32)?,
            operator_key: format!("op_{}", random(32)?),
            sealing_keys_us: sealing_key()?,
            sealing_keys_eu: sealing_key()?,
            sealing_keys_cbr: sealing_key()?,
        };
        secrets.write(file)?;
        Ok(secrets)
    }

    /// Whole or not at all: what these keys made is worth nothing without them.
    fn write(&self, file: &Path) -> io::Result<()> {
        let unfinished = file.with_extension("unfinished");
        let mut out = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        out.write_all(self.to_json().to_string().as_bytes())?;
        out.sync_all()?;
        fs::rename(unfinished, file)
    }

    fn parse(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)?;
        let get = |name: &str| {
            value[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("{name} is missing"))
        };
        Ok(Self {
            token_key: get("token_key")?,
            id_key: get("id_key")?,
            operator_key: get("operator_key")?,
            sealing_keys_us: get("sealing_keys_us")?,
            sealing_keys_eu: get("sealing_keys_eu")?,
            sealing_keys_cbr: get("sealing_keys_cbr")?,
        })
    }

    fn to_json(&self) -> Value {
        json!({
            "token_key": self.token_key,
            "id_key": self.id_key,
            "operator_key": self.operator_key,
            "sealing_keys_us": self.sealing_keys_us,
            "sealing_keys_eu": self.sealing_keys_eu,
            "sealing_keys_cbr": self.sealing_keys_cbr,
        })
    }
}

/// A list of one sealing key.
fn sealing_key() -> Result<String> {
    Ok(format!("development-1:{}", random(32)?))
}

/// `count` random bytes as base64url.
pub fn random(count: usize) -> Result<String> {
    let mut bytes = vec![0; count];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_and_a_damaged_file_is_an_error() {
        let name = format!("slotstead-secrets-{}.json", std::process::id());
        let file = std::env::temp_dir().join(name);
        let _ = fs::remove_file(&file);
        let made = Secrets::load_or_create(&file).unwrap().to_json();
        let read = Secrets::load_or_create(&file).unwrap().to_json();
        assert_eq!(made, read);
        let keys = made.as_object().unwrap().values();
        let different: std::collections::BTreeSet<_> = keys.clone().map(Value::to_string).collect();
        assert_eq!(different.len(), keys.count());

        // A state from before there were sealing keys.
        let mut older = made.clone();
        older.as_object_mut().unwrap().remove("sealing_keys_eu");
        for wrong in [older.to_string(), r#"{"token_key":"x"}"#.to_owned()] {
            fs::write(&file, wrong).unwrap();
            let error = Secrets::load_or_create(&file).err().unwrap();
            assert!(error.to_string().contains("--fresh"), "{error}");
        }
        fs::remove_file(file).unwrap();
    }
}
