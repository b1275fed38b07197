//! A value that goes out more than once and is written once.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::host::json_bytes;

/// A value and its JSON, which is made when it is first asked for. A clone shares both.
#[derive(Debug)]
pub struct Written<T>(Arc<Both<T>>);

#[derive(Debug)]
struct Both<T> {
    value: T,
    json: OnceLock<Vec<u8>>,
}

impl<T: Serialize> Written<T> {
    /// The JSON.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        self.0.json.get_or_init(|| json_bytes(&self.0.value))
    }
}

impl<T> From<T> for Written<T> {
    fn from(value: T) -> Self {
        let json = OnceLock::new();
        Self(Arc::new(Both { value, json }))
    }
}

impl<T> Clone for Written<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Written<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: PartialEq> PartialEq for Written<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Written<T> {}

impl<T: Serialize> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}
