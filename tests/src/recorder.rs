//! A listener on the line between the edge and a region server. TLS ends here and begins anew, with the
//! certificates of both ends, which nobody but the test has: so it reads what was said.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    net::{TcpListener, TcpStream},
    select,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor, TlsConnector,
    rustls::{
        ClientConfig, RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    },
};
use xtask::stack::{REGION_HOST, RegionServer};

/// The listener. Dropping it ends it.
pub struct Recorder {
    port: u16,
    ends: Arc<OnceLock<Ends>>,
    said: Said,
    task: JoinHandle<()>,
}

/// Every byte that was said, in both directions.
type Said = Arc<Mutex<Vec<u8>>>;

/// How it speaks to either end.
struct Ends {
    edge: TlsAcceptor,
    region: TlsConnector,
    region_port: u16,
}

impl Recorder {
    /// Listens on a free port of 127.0.0.1. What comes before [`Recorder::listen_to`] is turned away.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("loopback has free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let ends: Arc<OnceLock<Ends>> = Arc::default();
        let said = Said::default();
        let (known, heard) = (Arc::clone(&ends), Arc::clone(&said));
        let task = tokio::spawn(async move {
            while let Ok((edge, _)) = listener.accept().await {
                let (known, heard) = (Arc::clone(&known), Arc::clone(&heard));
                tokio::spawn(async move {
                    if let Some(ends) = known.get() {
                        // A connection that breaks is the business of its ends.
                        let _ = carry(edge, ends, &heard).await;
                    }
                });
            }
        });
        Self {
            port,
            ends,
            said,
            task,
        }
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on it is between this region server and its edge.
    pub fn listen_to(&self, server: &RegionServer) {
        let mut roots = RootCertStore::empty();
        for root in certificates(&server.certificate("region-ca.pem")) {
            roots.add(root).expect("it is an authority");
        }
        let edge = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                certificates(&server.certificate("region.pem")),
                key(&server.certificate("region.key")),
            )
            .expect("the region server uses them too");
        let region = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_client_auth_cert(
                certificates(&server.certificate("edge.pem")),
                key(&server.certificate("edge.key")),
            )
            .expect("the edge uses them too");
        let ends = Ends {
            edge: TlsAcceptor::from(Arc::new(edge)),
            region: TlsConnector::from(Arc::new(region)),
            region_port: server.port(),
        };
        assert!(self.ends.set(ends).is_ok(), "it listens to one server");
    }

    /// Everything that was said so far.
    #[must_use]
    pub fn said(&self) -> Vec<u8> {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn certificates(file: &Path) -> Vec<CertificateDer<'static>> {
    let found = CertificateDer::pem_file_iter(file).expect("the stack wrote it");
    found.map(|one| one.expect("it is PEM")).collect()
}

fn key(file: &Path) -> PrivateKeyDer<'static> {
    let text = fs::read(file).expect("the stack wrote it");
    PrivateKeyDer::from_pem_slice(&text).expect("it is PEM")
}

async fn carry(edge: TcpStream, ends: &Ends, said: &Said) -> std::io::Result<()> {
    let edge = ends.edge.accept(edge).await?;
    let region = TcpStream::connect(("127.0.0.1", ends.region_port)).await?;
    let name = ServerName::try_from(REGION_HOST).expect("a name");
    let region = ends.region.connect(name, region).await?;
    let (from_edge, to_edge) = split(edge);
    let (from_region, to_region) = split(region);
    select! {
        done = copy(from_edge, to_region, said) => done,
        done = copy(from_region, to_edge, said) => done,
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    said: &Said,
) -> std::io::Result<()> {
    let mut chunk = vec![0; 16 * 1024];
    while let count @ 1.. = from.read(&mut chunk).await? {
        said.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(&chunk[..count]);
        to.write_all(&chunk[..count]).await?;
        to.flush().await?;
    }
    Ok(())
}
