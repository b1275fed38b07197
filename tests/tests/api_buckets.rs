//! The stand-in for R2 through the runtime's own binding: whether it keeps what R2 promises, and how it fails.

use std::fs;

use slotstead_tests::{
    Server,
    proxy::{Line, Proxy},
};
use xtask::{
    ports::free_port,
    stack::{Door, Options},
};

/// The buckets as a Worker sees them.
struct Buckets {
    base: String,
    http: reqwest::Client,
}

impl Buckets {
    /// A stack with a door to its buckets.
    fn start(name: &str, change: impl FnOnce(Options) -> Options) -> (Server, Self) {
        let script = xtask::paths::root().join("tests/src/buckets.js");
        let port = free_port().expect("loopback has free ports");
        let server = Server::start(name, |options| {
            let mut options = change(options);
            options.door = Some(Door { port, script });
            options
        });
        let buckets = Self {
            base: format!("http://127.0.0.1:{port}"),
            http: reqwest::Client::new(),
        };
        (server, buckets)
    }

    /// The status, the version, the bytes.
    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, String, Vec<u8>) {
        let response = request.send().await.expect("the door answers");
        let version = response.headers().get("version");
        let version = version.map(|value| value.to_str().unwrap_or_default().to_owned());
        let status = response.status().as_u16();
        let bytes = response.bytes().await.expect("the door answers whole");
        (status, version.unwrap_or_default(), bytes.to_vec())
    }

    async fn load(&self, name: &str) -> (u16, String, Vec<u8>) {
        self.send(self.http.get(format!("{}/{name}", self.base)))
            .await
    }

    /// Stores after a version, or only if nothing is there.
    async fn store(&self, name: &str, bytes: &[u8], after: Option<&str>) -> (u16, String) {
        let mut request = self.http.put(format!("{}/{name}", self.base));
        if let Some(version) = after {
            request = request.header("if-match", version);
        }
        let (status, version, _) = self.send(request.body(bytes.to_vec())).await;
        (status, version)
    }
}

#[tokio::test]
async fn an_object_is_stored_if_nothing_is_there_or_if_it_is_unchanged() {
    let (server, buckets) = Buckets::start("buckets", |options| options);
    let ring = "KEYS_EU/tenant/ring";
    assert_eq!(buckets.load(ring).await.0, 404);
    let page = vec![b'{'; 64 * 1024];
    let (status, first) = buckets.store(ring, &page, None).await;
    assert_eq!(status, 200);
    assert_eq!(buckets.load(ring).await, (200, first.clone(), page));
    assert_eq!(buckets.store(ring, b"{}", None).await.0, 412);

    let (status, second) = buckets.store(ring, b"{}", Some(&first)).await;
    assert_eq!(status, 200);
    assert_eq!(buckets.store(ring, b"[]", Some(&first)).await.0, 412);
    let absent = "KEYS_EU/tenant/page-0";
    assert_eq!(buckets.store(absent, b"[]", Some(&second)).await.0, 412);
    assert_eq!(buckets.load(ring).await, (200, second, b"{}".to_vec()));

    // Each bucket has its own objects, in files.
    assert_eq!(buckets.load("KEYS_US/tenant/ring").await.0, 404);
    let file = server.stack.keys_eu().folder().join("tenant/ring");
    assert_eq!(fs::read(file).expect("it is there"), b"{}");
    let other = fs::read_dir(server.stack.keys_us().folder());
    assert_eq!(other.expect("it is a folder").count(), 0);
}

#[tokio::test]
async fn what_the_bucket_refuses_and_what_never_arrives_are_errors() {
    let (proxy, target) = Proxy::start().await;
    let (server, buckets) = Buckets::start("bucket-errors", |mut options| {
        options.keys_eu_at = Some(proxy.port());
        options
    });
    target.set(server.stack.keys_eu().port());
    let (ring, bad) = ("KEYS_EU/tenant/ring", "KEYS_EU/tenant/.ring");
    assert_eq!(buckets.store(ring, b"{}", None).await.0, 200);
    // By the code that R2 has for it.
    let (status, _, said) = buckets.load(bad).await;
    let said = String::from_utf8_lossy(&said);
    assert!(status == 500 && said.contains("10020"), "{status} {said}");
    let big = vec![b' '; (1 << 20) + 1];
    assert_eq!(buckets.store("KEYS_EU/tenant/big", &big, None).await.0, 500);

    for line in [Line::Cut, Line::Half] {
        proxy.set(line);
        assert_eq!(buckets.load(ring).await.0, 500, "{line:?}");
        assert_eq!(buckets.store(ring, b"{}", None).await.0, 500, "{line:?}");
    }
    // The other region goes on.
    assert_eq!(
        buckets.store("KEYS_US/tenant/ring", b"{}", None).await.0,
        200
    );
    proxy.set(Line::Good);
    assert_eq!(buckets.load(ring).await.2, b"{}");
}
