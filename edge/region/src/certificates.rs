//! Certificates for both ends of the way between the edge and a region: made at once, each side signed
//! by an authority of its own whose key is never written. Who needs others makes a new set.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

/// Days before now from which a certificate is good: clocks differ.
const EARLIER_DAYS: i64 = 1;

/// Whom a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The region server, under its host name.
    Region,
    /// The edge.
    Edge,
}

/// From when until when a certificate is good.
#[derive(Debug, Clone, Copy)]
pub struct Validity {
    from: OffsetDateTime,
    until: OffsetDateTime,
}

impl Validity {
    /// From `from` days after `now` to `until` days after it.
    #[must_use]
    pub fn days(now: i64, from: i64, until: i64) -> Self {
        let now = OffsetDateTime::from_unix_timestamp(now).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self {
            from: now.saturating_add(Duration::days(from)),
            until: now.saturating_add(Duration::days(until)),
        }
    }
}

/// A certificate and its key, both in PEM.
#[derive(Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// Signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    /// A new one, called `name`.
    pub fn new(name: &str, validity: Validity) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = named(name, Vec::new(), validity)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            certificate,
        })
    }

    /// Its own certificate, in PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate for `side`, called `name`.
    pub fn issue(
        &self,
        side: Side,
        name: &str,
        validity: Validity,
    ) -> Result<Issued, rcgen::Error> {
        let (usage, hosts) = match side {
            Side::Region => (ExtendedKeyUsagePurpose::ServerAuth, vec![name.to_owned()]),
            Side::Edge => (ExtendedKeyUsagePurpose::ClientAuth, Vec::new()),
        };
        let key = KeyPair::generate()?;
        let mut params = named(name, hosts, validity)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        Ok(Issued {
            certificate: params.signed_by(&key, &self.issuer)?.pem(),
            key: key.serialize_pem(),
        })
    }
}

fn named(
    name: &str,
    hosts: Vec<String>,
    validity: Validity,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params.not_before = validity.from;
    params.not_after = validity.until;
    Ok(params)
}

/// Why there are no certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertificatesError {
    /// A certificate could not be made.
    #[error("a certificate could not be made: {0}")]
    Made(#[from] rcgen::Error),
    /// A file could not be written; none that exists is replaced.
    #[error("{file} could not be written: {error}")]
    Written {
        /// Which.
        file: String,
        /// Why.
        error: io::Error,
    },
}

/// Makes a set for the region server at `host` and writes it into `folder`: `region.pem` and `.key`,
/// `edge.pem` and `.key`, and `region-ca.pem` and `edge-ca.pem`, by which each knows the other.
pub fn write(folder: &Path, host: &str, days: u32) -> Result<(), CertificatesError> {
    let validity = Validity::days(crate::moment::now(), -EARLIER_DAYS, days.into());
    let region_ca = Authority::new(&format!("Slotstead region {host}"), validity)?;
    let edge_ca = Authority::new(&format!("Slotstead edge of {host}"), validity)?;
    let region = region_ca.issue(Side::Region, host, validity)?;
    let edge = edge_ca.issue(Side::Edge, "slotstead-edge", validity)?;
    let files = [
        ("region-ca.pem", region_ca.certificate(), 0o644),
        ("edge-ca.pem", edge_ca.certificate(), 0o644),
        ("region.pem", &region.certificate, 0o644),
        ("region.key", &region.key, 0o600),
        ("edge.pem", &edge.certificate, 0o644),
        ("edge.key", &edge.key, 0o600),
    ];
    for (name, text, mode) in files {
        let file = folder.join(name);
        write_new(&file, text, mode).map_err(|error| CertificatesError::Written {
            file: file.display().to_string(),
            error,
        })?;
    }
    Ok(())
}

fn write_new(file: &Path, text: &str, mode: u32) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(file)?
        .write_all(text.as_bytes())
}
