//! Who is let in, and that nobody else gets a byte of HTTP.

use rustls::{
    SupportedProtocolVersion,
    pki_types::ServerName,
    version::{TLS12, TLS13},
};
use slotstead_region::{
    certificates::{Authority, Issued, Side, Validity},
    tls::fingerprint,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::kit::{HOST, Server, der, now, valid};

/// What comes back for a request that ends the connection.
async fn ask(
    server: &Server,
    shown: Option<&Issued>,
    version: &'static SupportedProtocolVersion,
) -> Vec<u8> {
    let tcp = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from(HOST).unwrap();
    let mut got = Vec::new();
    // With TLS 1.3 a client's handshake ends before the server has looked at its certificate.
    let Ok(mut stream) = server.client(shown, &[version]).connect(name, tcp).await else {
        return got;
    };
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    if stream.write_all(request).await.is_ok() {
        // Ends with an alert when the server refuses.
        let _ = stream.read_to_end(&mut got).await;
    }
    got
}

fn is_answer(got: &[u8]) -> bool {
    got.starts_with(b"HTTP/1.1 200 OK")
}

#[tokio::test]
async fn the_edge_is_let_in_with_tls_1_2_and_newer() {
    let server = Server::start().await;
    for version in [&TLS12, &TLS13] {
        let got = ask(&server, Some(&server.edge), version).await;
        assert!(is_answer(&got), "{version:?}");
    }
}

#[tokio::test]
async fn nobody_else_gets_a_byte() {
    let server = Server::start().await;
    let foreign_ca = Authority::new("edge", valid()).unwrap();
    let expired = Validity::days(now(), -3, -1);
    let later = Validity::days(now(), 1, 3);
    let issued = |ca: &Authority, side, validity| ca.issue(side, HOST, validity).unwrap();
    let strangers = [
        ("no certificate", None),
        (
            "a foreign authority",
            Some(issued(&foreign_ca, Side::Edge, valid())),
        ),
        (
            "the region's own authority",
            Some(issued(&server.region_ca, Side::Edge, valid())),
        ),
        (
            "an expired certificate",
            Some(issued(&server.edge_ca, Side::Edge, expired)),
        ),
        (
            "a certificate of tomorrow",
            Some(issued(&server.edge_ca, Side::Edge, later)),
        ),
        (
            "a certificate of a server",
            Some(issued(&server.edge_ca, Side::Region, valid())),
        ),
    ];
    for (what, shown) in &strangers {
        for version in [&TLS12, &TLS13] {
            let got = ask(&server, shown.as_ref(), version).await;
            assert!(got.is_empty(), "{what} with {version:?}: {got:?}");
        }
    }
    // And the edge still is.
    assert!(is_answer(&ask(&server, Some(&server.edge), &TLS13).await));
}

#[tokio::test]
async fn of_the_edges_authority_only_the_pinned_certificate_is_let_in() {
    let mut pinned = None;
    let ca = Authority::new("edge", valid()).unwrap();
    let known = ca.issue(Side::Edge, "known", valid()).unwrap();
    let other = ca.issue(Side::Edge, "other", valid()).unwrap();
    let server = Server::with(|material, _| {
        material.edge_roots = vec![der(ca.certificate())];
        material.pinned = vec![fingerprint(&der(&known.certificate))];
        pinned = Some(material.pinned.clone());
    })
    .await;
    assert_eq!(pinned.map(|pinned| pinned.len()), Some(1));
    for version in [&TLS12, &TLS13] {
        assert!(is_answer(&ask(&server, Some(&known), version).await));
        let got = ask(&server, Some(&other), version).await;
        assert!(got.is_empty(), "{version:?}");
    }
}

/// A greeting of TLS 1.1 (RFC 4346, 7.4.1.2), by hand: no library here speaks it any more.
fn greeting_of_tls_1_1(extensions: &[u8]) -> Vec<u8> {
    let mut hello = vec![3, 2];
    hello.extend([0x5a; 32]);
    // No session; ECDHE-ECDSA-AES128-SHA and RSA-AES128-SHA; no compression.
    hello.extend([0, 0, 4, 0xc0, 0x09, 0x00, 0x2f, 1, 0]);
    if !extensions.is_empty() {
        hello.extend([0, u8::try_from(extensions.len()).unwrap()]);
        hello.extend(extensions);
    }
    let length = u8::try_from(hello.len()).unwrap();
    let mut handshake = vec![1, 0, 0, length];
    handshake.extend(hello);
    let length = u8::try_from(handshake.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length];
    record.extend(handshake);
    record
}

/// The group P-256, uncompressed points, and ECDSA with it and SHA-256: with these the version alone is old.
const MODERN: [u8; 22] = [
    0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3,
];

#[tokio::test]
async fn tls_1_1_and_plain_http_end_before_http() {
    const ALERT: u8 = 21;
    let server = Server::start().await;
    let bare = greeting_of_tls_1_1(&[]);
    let modern = greeting_of_tls_1_1(&MODERN);
    let plain = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec();
    for sent in [bare, modern, plain] {
        let mut tcp = TcpStream::connect(server.address).await.unwrap();
        tcp.write_all(&sent).await.unwrap();
        let mut got = Vec::new();
        // Reset or closed: either is an end.
        let _ = tcp.read_to_end(&mut got).await;
        // An alert at most, of seven bytes, and fatal.
        assert!(
            got.is_empty() || (got.len() == 7 && got[0] == ALERT && got[5] == 2),
            "{got:?}"
        );
    }
}
