//! The secrets of a local stack: made once from the system's randomness, kept in its state directory.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, Result};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// What the Worker needs as secret bindings.
#[derive(Clone)]
pub struct Secrets {
    /// Seed of the key that signs tokens.
    pub token_seed: String,
    /// Key of the tags in ids.
    pub id_key: String,
    /// What a sign-up asks for.
    pub operator_key: String,
}

impl Secrets {
    /// The secrets in `file`, made when there are none.
    pub fn load_or_create(file: &Path) -> Result<Self> {
        if let Ok(text) = fs::read_to_string(file) {
            return Self::parse(&text).with_context(|| {
                format!("{} is damaged; start again with --fresh", file.display())
            });
        }
        let made = Self {
            token_seed: random(32)?,
            id_key: random(32)?,
            operator_key: format!("op_{}", random(32)?),
        };
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)?;
        out.write_all(made.to_json().to_string().as_bytes())?;
        Ok(made)
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
            token_seed: get("token_seed")?,
            id_key: get("id_key")?,
            operator_key: get("operator_key")?,
        })
    }

    fn to_json(&self) -> Value {
        json!({
            "token_seed": self.token_seed,
            "id_key": self.id_key,
            "operator_key": self.operator_key,
        })
    }
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
    fn secrets_survive_being_written_and_a_damaged_file_is_an_error() {
        let made = Secrets {
            token_seed: random(32).unwrap(),
            id_key: random(32).unwrap(),
            operator_key: random(32).unwrap(),
        };
        let read = Secrets::parse(&made.to_json().to_string()).unwrap();
        assert_eq!(read.token_seed, made.token_seed);
        assert_eq!(read.id_key, made.id_key);
        assert_eq!(read.operator_key, made.operator_key);
        assert!(Secrets::parse("{\"token_seed\":\"x\"}").is_err());
    }
}
