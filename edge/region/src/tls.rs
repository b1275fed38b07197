//! Who is let in: TLS 1.2 or newer, with a certificate of the edge. Everybody else is refused in the
//! handshake, so before a byte of HTTP is read.

use std::{fs, path::Path, sync::Arc};

use data_encoding::HEXLOWER;
use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use sha2::{Digest, Sha256};

/// The SHA-256 of a certificate.
pub type Fingerprint = [u8; 32];

/// What the server shows, and whom it trusts.
#[derive(Debug)]
pub struct Material {
    /// The server's certificate, then the ones between it and its root.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
    /// Who signs the edge's certificates.
    pub edge_roots: Vec<CertificateDer<'static>>,
    /// If there are any, the edge's certificate has to be one of these.
    pub pinned: Vec<Fingerprint>,
}

/// The certificates in a PEM file; at least one.
pub fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = read(file)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(format!("{} holds no certificate", file.display())),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

/// The private key in a PEM file.
pub fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, String> {
    // The error could quote what is in the file.
    PrivateKeyDer::from_pem_slice(&read(file)?)
        .map_err(|_| format!("{} holds no private key in PEM", file.display()))
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))
}

/// The fingerprint of a certificate.
#[must_use]
pub fn fingerprint(certificate: &CertificateDer<'_>) -> Fingerprint {
    Sha256::digest(certificate).into()
}

/// A fingerprint from 64 hexadecimal digits, with or without colons.
#[must_use]
pub fn parse_fingerprint(text: &str) -> Option<Fingerprint> {
    let digits = text.replace(':', "").to_ascii_lowercase();
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

/// The configuration of the listening side.
pub fn server(material: Material) -> Result<Arc<ServerConfig>, Error> {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    for root in material.edge_roots {
        roots.add(root)?;
    }
    let by_chain = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
        .build()
        .map_err(|error| Error::General(error.to_string()))?;
    let verifier = EdgeOnly {
        by_chain,
        pinned: material.pinned,
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(material.chain, material.key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The configuration with which feeds are fetched: the system's roots.
pub fn outside() -> Result<Arc<ClientConfig>, String> {
    let mut config = client(system_roots()?)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The configuration with which the database is asked: it has to be proved by one of `roots`, or by one of the
/// system's if there are none.
pub fn database(roots: Vec<CertificateDer<'static>>) -> Result<Arc<ClientConfig>, String> {
    let mut trusted = RootCertStore::empty();
    if roots.is_empty() {
        trusted = system_roots()?;
    }
    for root in roots {
        trusted.add(root).map_err(|error| error.to_string())?;
    }
    client(trusted).map(Arc::new)
}

fn client(roots: RootCertStore) -> Result<ClientConfig, String> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| error.to_string())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn system_roots() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(found.certs);
    if taken == 0 {
        let detail = "the system has no root certificates (install ca-certificates)";
        return Err(detail.to_owned());
    }
    Ok(roots)
}

/// Lets in whom the chain proves and, if some are pinned, only those.
#[derive(Debug)]
struct EdgeOnly {
    by_chain: Arc<dyn ClientCertVerifier>,
    pinned: Vec<Fingerprint>,
}

impl ClientCertVerifier for EdgeOnly {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.by_chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self
            .by_chain
            .verify_client_cert(end_entity, intermediates, now)?;
        if self.pinned.is_empty() || self.pinned.contains(&fingerprint(end_entity)) {
            Ok(verified)
        } else {
            Err(rustls::CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_chain
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by_chain
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_chain.supported_verify_schemes()
    }
}

/// The provider that everything here uses; for tests that speak to the server.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
