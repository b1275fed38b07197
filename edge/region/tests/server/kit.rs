//! The kit: a region server in this process, and clients with one certificate or another.

use std::{
    fs::{self, Permissions},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use slotstead_region::{
    Fetcher,
    certificates::{Authority, Issued, Side, Validity},
    config::Limits,
    region::Region,
    server::{Listening, serve},
    stores::Stores,
    tls::{self, Material},
    vault::Keys,
};
use slotstead_shared::{Region as RegionName, TenantId, ids::TokenId, wire::SignUp};
use slotstead_tenant::{
    Actor, Answer, Call, Command, Reply, Settings,
    host::{ANSWERED, CALL_HEADER, Form, json_bytes, keys::IdKey},
    keyring::regional::SealingKeys,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, spawn_blocking},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

pub const HOST: &str = "localhost";

/// A folder that is gone with this value.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("slotstead-region-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes a file that others cannot read.
pub fn write_secret(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
}

pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

pub fn valid() -> Validity {
    Validity::days(now(), -1, 1)
}

pub fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

fn key(pem: &str) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap()
}

/// The region's own keys.
pub const SEALING_KEYS: &str = "k1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

pub fn id_key() -> IdKey {
    IdKey::new([7; 32])
}

/// A running region server of Canberra, with the edge that it lets in.
pub struct Server {
    pub address: SocketAddr,
    pub admin: SocketAddr,
    pub region_ca: Authority,
    pub edge_ca: Authority,
    pub edge: Issued,
    pub region: Arc<Region>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    pub folder: Folder,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(|_, _| ()).await
    }

    /// One with other certificates or limits than usual. It may fetch from this machine.
    pub async fn with(change: impl FnOnce(&mut Material, &mut Limits)) -> Self {
        let folder = Folder::new();
        let region_ca = Authority::new("region", valid()).unwrap();
        let edge_ca = Authority::new("edge", valid()).unwrap();
        let shown = region_ca.issue(Side::Region, HOST, valid()).unwrap();
        let edge = edge_ca.issue(Side::Edge, "edge", valid()).unwrap();
        let mut material = Material {
            chain: vec![der(&shown.certificate)],
            key: key(&shown.key),
            edge_roots: vec![der(edge_ca.certificate())],
            pinned: Vec::new(),
        };
        let mut limits = Limits {
            connections: 64,
            open_stores: 16,
            effects: 4,
            idle: Duration::from_secs(30),
            stop: Duration::from_secs(10),
        };
        change(&mut material, &mut limits);
        let settings = Settings {
            private_feeds: true,
            ..Settings::default()
        };
        let keys = SealingKeys::parse(SEALING_KEYS).unwrap();
        std::fs::create_dir_all(folder.0.join("keys")).unwrap();
        let keys = Keys::open(&folder.0.join("keys"), keys).unwrap();
        let at = folder.0.clone();
        let driver = spawn_blocking(move || crate::stores::driver(&at))
            .await
            .unwrap();
        let stores = Stores::new(driver, settings, 16);
        let fetcher = Fetcher::new(tls::outside().unwrap(), true);
        let region = Arc::new(Region::new(
            RegionName::Cbr,
            Some(id_key()),
            stores,
            keys,
            fetcher,
            &limits,
        ));
        let (stop, stopping) = watch::channel(false);
        let mut tasks = vec![tokio::spawn(
            Arc::clone(&region).run(stopping.clone(), limits.stop),
        )];
        let mut addresses = Vec::new();
        for tls in [Some(tls::server(material).unwrap()), None] {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            addresses.push(listener.local_addr().unwrap());
            let side = Listening { listener, tls };
            let served = serve(side, Arc::clone(&region), limits, stopping.clone());
            tasks.push(tokio::spawn(served));
        }
        Self {
            address: addresses[0],
            admin: addresses[1],
            region_ca,
            edge_ca,
            edge,
            region,
            stop,
            tasks,
            folder,
        }
    }

    /// Stops it, and waits until what was in flight is done.
    pub async fn stop(&mut self) {
        self.stop.send(true).unwrap();
        for task in self.tasks.drain(..) {
            task.await.unwrap();
        }
    }

    /// A client with this certificate, or none.
    pub fn client(
        &self,
        shown: Option<&Issued>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> TlsConnector {
        connector(self.region_ca.certificate(), shown, versions)
    }

    /// The edge, connected.
    pub async fn edge(&self) -> TlsStream<TcpStream> {
        let tcp = TcpStream::connect(self.address).await.unwrap();
        self.client(Some(&self.edge), rustls::ALL_VERSIONS)
            .connect(ServerName::try_from(HOST).unwrap(), tcp)
            .await
            .unwrap()
    }

    /// One request of the edge: the status and the body.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> (u16, Vec<u8>) {
        exchange(self.edge().await, request).await
    }

    /// A call of the edge.
    pub async fn call(&self, call: &Call) -> Answer {
        let (status, body) = self.send(post(Form::Whole.path(), json_bytes(call))).await;
        assert_eq!(status, ANSWERED, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// Signs a tenant up.
    pub async fn sign_up(&self, number: u8) -> Owner {
        let tenant = id_key().new_tenant(RegionName::Cbr, [number; 16]);
        let token = TokenId::from_random([number; 16]);
        let created = self.call(&creation(&tenant, &token)).await;
        assert!(matches!(created, Ok(Reply::Created { .. })), "{created:?}");
        Owner { tenant, token }
    }
}

/// A tenant and its owner's token.
pub struct Owner {
    pub tenant: TenantId,
    pub token: TokenId,
}

impl Owner {
    pub fn call(&self, command: Command) -> Call {
        Call {
            tenant: self.tenant.clone(),
            actor: Actor::Owner {
                token: self.token.clone(),
            },
            command,
        }
    }
}

pub fn creation(tenant: &TenantId, token: &TokenId) -> Call {
    Call {
        tenant: tenant.clone(),
        actor: Actor::Operator,
        command: Command::CreateTenant {
            sign_up: SignUp {
                name: "Murrumbidgee Optics".to_owned(),
                region: RegionName::Cbr,
            },
            token: token.clone(),
        },
    }
}

pub fn connector(
    region_ca: &str,
    shown: Option<&Issued>,
    versions: &[&'static SupportedProtocolVersion],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(der(region_ca)).unwrap();
    let config = ClientConfig::builder_with_provider(tls::provider())
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let config = match shown {
        Some(shown) => config
            .with_client_auth_cert(vec![der(&shown.certificate)], key(&shown.key))
            .unwrap(),
        None => config.with_no_client_auth(),
    };
    TlsConnector::from(Arc::new(config))
}

pub async fn exchange(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> (u16, Vec<u8>) {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(async move {
        let _ = connection.await;
    });
    let answer = sender.send_request(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, body.to_vec())
}

pub fn post(path: &str, body: Vec<u8>) -> Request<Full<Bytes>> {
    let request = Request::post(path).header("host", HOST);
    request.body(Full::new(body.into())).unwrap()
}

pub fn get(path: &str) -> Request<Full<Bytes>> {
    let request = Request::get(path).header("host", HOST);
    request.body(Full::default()).unwrap()
}

/// A call that travels as a header.
pub fn ask(form: Form, call: &Call) -> Request<Full<Bytes>> {
    let mut request = get(form.path());
    let call = String::from_utf8(json_bytes(call)).unwrap();
    request
        .headers_mut()
        .insert(CALL_HEADER, call.parse().unwrap());
    request
}
