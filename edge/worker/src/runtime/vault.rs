//! The bucket with the keyrings of a region's tenants: in R2, bound to the jurisdiction of the region's Durable
//! Objects. What a Durable Object deletes, its platform can bring back for 30 days; what a bucket deletes is gone.
//!
//! The platform logs the names of objects outside the jurisdiction, so a folder is `IdKey::vault_name`.

use std::{future::Future, pin::pin, time::Duration};

use futures_util::{
    StreamExt,
    future::{Either, select},
};
use slotstead_shared::Region;
use slotstead_tenant::keyring::OBJECT_BYTES;
use worker::{Conditional, Delay, Env};

use crate::region::{RegionHost, host_of};

/// Seconds that a call to the bucket may take. It is less than a call to the region may.
const DEADLINE_SECONDS: u64 = 4;

/// The bucket of a region.
pub struct Bucket(worker::Bucket);

impl Bucket {
    /// The bucket of `region`, which has to be one with Durable Objects.
    pub fn of(env: &Env, region: Region) -> Result<Self, String> {
        match host_of(region) {
            RegionHost::DurableObject { bucket, .. } => {
                let bucket = env.bucket(bucket).map_err(|error| error.to_string())?;
                Ok(Self(bucket))
            }
            RegionHost::RegionServer { .. } => Err(format!("{region} has no bucket")),
        }
    }

    /// The bytes of an object and their version, if it is there.
    pub async fn load(
        &self,
        folder: &str,
        object: &str,
    ) -> Result<Option<(Vec<u8>, String)>, String> {
        in_time(async {
            let found = self.0.get(format!("{folder}/{object}")).execute();
            let Some(found) = found.await.map_err(|error| error.to_string())? else {
                return Ok(None);
            };
            Ok(Some((read(&found).await?, found.etag())))
        })
        .await
    }

    /// Stores an object if it still has the version `after`, or if it is absent without one. Gives its new version,
    /// or nothing when the condition does not hold and so nothing was stored. After an error nobody
    /// knows: the object may have been stored, or be stored a little later.
    pub async fn store(
        &self,
        folder: &str,
        object: &str,
        bytes: Vec<u8>,
        after: Option<&str>,
    ) -> Result<Option<String>, String> {
        if bytes.len() > OBJECT_BYTES {
            return Err(too_large());
        }
        let condition = match after {
            Some(version) => Conditional {
                etag_matches: Some(version.to_owned()),
                ..Conditional::default()
            },
            None => Conditional {
                etag_does_not_match: Some("*".to_owned()),
                ..Conditional::default()
            },
        };
        let put = self.0.put(format!("{folder}/{object}"), bytes);
        in_time(async {
            let stored = put.only_if(condition).execute().await;
            let stored = stored.map_err(|error| error.to_string())?;
            Ok(stored.map(|stored| stored.etag()))
        })
        .await
    }
}

/// All bytes of an object, whatever size it claims.
async fn read(found: &worker::Object) -> Result<Vec<u8>, String> {
    let body = found.body().ok_or("the bucket sent no bytes")?;
    let mut chunks = body.stream().map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| error.to_string())?;
        if bytes.len() + chunk.len() > OBJECT_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large() -> String {
    format!("the object has more than {OBJECT_BYTES} bytes")
}

async fn in_time<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let deadline = Delay::from(Duration::from_secs(DEADLINE_SECONDS));
    match select(pin!(work), deadline).await {
        Either::Left((result, _)) => result,
        Either::Right(((), _)) => Err(format!("the bucket did not answer in {DEADLINE_SECONDS} s")),
    }
}
