//! Malformed HTTP and JSON on a raw socket: refused with a problem document by the edge, or by the runtime
//! before the edge sees it. Whatever it was, nothing is written and the server is well.

use slotstead_shared::limits;
use slotstead_tests::{
    Anonymous, Region, Server, TestTenant,
    wire_bytes::{Answered, send},
};

/// Who says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The edge, with a problem document of this status.
    Edge(u16),
    /// The runtime, with this status and no problem: the request has no form that reaches a Worker.
    Runtime(u16),
    /// The runtime, by hanging up.
    HangUp,
}

struct Case {
    name: String,
    bytes: Vec<u8>,
    by: By,
}

fn case(name: impl Into<String>, bytes: impl Into<Vec<u8>>, by: By) -> Case {
    Case {
        name: name.into(),
        bytes: bytes.into(),
        by,
    }
}

#[track_caller]
fn check(case: &Case, answer: &Answered) {
    let told = format!("{}: {}", case.name, String::from_utf8_lossy(&answer.0));
    let statuses = answer.statuses();
    match case.by {
        By::Edge(status) => {
            assert_eq!(statuses, [status], "{told}");
            assert!(answer.is_problem(), "{told}");
        }
        By::Runtime(status) => {
            assert_eq!(statuses, [status], "{told}");
            assert!(!answer.is_problem(), "the edge saw it: {told}");
        }
        By::HangUp => assert!(answer.0.is_empty(), "{told}"),
    }
}

/// Sends every case to a tenant's profile with its owner's own token: what gets through would be written.
async fn refused(cases: impl FnOnce(&TestTenant) -> Vec<Case>) {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let path = tenant.path("profile");
    let before = tenant.client.get(&tenant.owner, &path).await.text();
    let cases = cases(&tenant);
    for case in &cases {
        check(case, &send(server.stack.port(), &case.bytes).await);
    }
    let after = tenant.client.get(&tenant.owner, &path).await.text();
    assert_eq!(before, after, "a malformed request was carried out");
    let tenants = tenant.client.get(&Anonymous, "/healthz").await;
    assert_eq!(tenants.status, 200, "the server is not well");
    println!("{} malformed requests refused", cases.len());
}

/// A request line and the headers of an owner who may, up to the empty line.
fn head(tenant: &TestTenant, line: &str, more: &str) -> String {
    let token = &tenant.owner.token;
    format!(
        "{line}\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n{more}\r\n"
    )
}

const JSON: &str = "Content-Type: application/json\r\n";
const EVIL: &str = r#"{"name":"Evil"}"#;

#[tokio::test]
async fn request_lines_and_headers_that_are_none() {
    refused(|tenant| {
        let line = |line: &str| head(tenant, line, "");
        let with = |more: &str| head(tenant, "GET /healthz HTTP/1.1", more);
        let (bad, unknown) = (By::Runtime(400), By::Runtime(501));
        let long = "a".repeat(70_000);
        vec![
            case("nothing", "", By::HangUp),
            case("bytes", &b"\x00\x01\x02\r\n\r\n"[..], bad),
            case("no version", line("GET /"), bad),
            case("version 0.9", line("GET / HTTP/0.9"), bad),
            case("version 2.0", line("GET / HTTP/2.0"), bad),
            case("two spaces", line("GET  /  HTTP/1.1"), bad),
            case("tabs", line("GET\t/\tHTTP/1.1"), bad),
            case("lower case", line("get / HTTP/1.1"), unknown),
            case("a method of nobody", line("EVIL / HTTP/1.1"), unknown),
            case(
                "a tunnel",
                line("CONNECT evil.example:80 HTTP/1.1"),
                By::Runtime(500),
            ),
            case("NUL in the path", line("GET /a\0b HTTP/1.1"), bad),
            case("CR in the path", line("GET /a\rb HTTP/1.1"), bad),
            case(
                "bytes in the path",
                &b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
                bad,
            ),
            case(
                "a path of 70 KB",
                line(&format!("GET /{long} HTTP/1.1")),
                By::Runtime(414),
            ),
            case("NUL in a header", with("X-A: a\0b\r\n"), bad),
            case("CR in a header", with("X-A: a\rX-B: b\r\n"), bad),
            case("a folded header", with("X-A: a\r\n b\r\n"), bad),
            case("a space before the colon", with("X-A : a\r\n"), bad),
            case("no colon", with("X-A\r\n"), bad),
            case("no name", with(": a\r\n"), bad),
            case(
                "headers of 600 KB",
                with(&format!("X-A: {}\r\n", "a".repeat(600_000))),
                By::Runtime(431),
            ),
            case(
                "20,000 headers",
                with(&"X-A: a\r\n".repeat(20_000)),
                By::Runtime(431),
            ),
            case(
                "no host",
                "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
                bad,
            ),
            case("two hosts", with("Host: evil.example\r\n"), By::Edge(400)),
            case(
                "a host that is none",
                "GET /healthz HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n",
                By::Edge(400),
            ),
            // The runtime makes the name `localhost*` of it, which is not this machine.
            case(
                "all of the server",
                line("OPTIONS * HTTP/1.1"),
                By::Edge(403),
            ),
        ]
    })
    .await;
}

#[tokio::test]
async fn bodies_whose_length_has_two_readings() {
    refused(|tenant| {
        let put = format!("PUT {} HTTP/1.1", tenant.path("profile"));
        let length = EVIL.len();
        let body = |more: &str, body: &str| format!("{}{body}", head(tenant, &put, more));
        let chunked = |rest: &str| body("Transfer-Encoding: chunked\r\n", rest);
        let bad = By::Runtime(400);
        vec![
            case(
                "two lengths",
                body(
                    &format!("Content-Length: 2\r\nContent-Length: {length}\r\n"),
                    EVIL,
                ),
                bad,
            ),
            case(
                "two lengths in one",
                body(&format!("Content-Length: 2, {length}\r\n"), EVIL),
                bad,
            ),
            case(
                "a negative length",
                body("Content-Length: -1\r\n", EVIL),
                bad,
            ),
            case(
                "a length with a sign",
                body(&format!("Content-Length: +{length}\r\n"), EVIL),
                bad,
            ),
            case(
                "a length in hex",
                body("Content-Length: 0xf\r\n", EVIL),
                bad,
            ),
            case(
                "a length beyond numbers",
                body(&format!("Content-Length: {}\r\n", "9".repeat(30)), EVIL),
                bad,
            ),
            case(
                "an unknown coding",
                body(
                    &format!("Transfer-Encoding: xchunked\r\nContent-Length: {length}\r\n"),
                    EVIL,
                ),
                bad,
            ),
            case(
                "two codings",
                body(
                    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                    "0\r\n\r\n",
                ),
                bad,
            ),
            // RFC 9112 section 6.3: the coding counts, so the body is empty and the length is nobody's.
            case(
                "a length and a coding",
                body(
                    &format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
                    &format!("0\r\n\r\n{EVIL}"),
                ),
                By::Edge(400),
            ),
            case(
                "a chunk size of letters",
                chunked(&format!("zz\r\n{EVIL}\r\n0\r\n\r\n")),
                By::Edge(400),
            ),
            case(
                "a negative chunk",
                chunked(&format!("-f\r\n{EVIL}\r\n0\r\n\r\n")),
                By::Edge(400),
            ),
            case(
                "a chunk beyond numbers",
                chunked(&format!("{}\r\n{EVIL}\r\n0\r\n\r\n", "f".repeat(20))),
                By::Edge(400),
            ),
            case(
                "a chunk that breaks off",
                chunked(&format!("ff\r\n{EVIL}")),
                By::Edge(400),
            ),
            case(
                "a body that breaks off",
                body("Content-Length: 400\r\n", EVIL),
                By::Edge(400),
            ),
            case(
                "no last chunk",
                chunked(&format!("{length:x}\r\n{EVIL}\r\n")),
                By::Edge(400),
            ),
        ]
    })
    .await;
}

#[tokio::test]
async fn a_body_of_a_byte_too_many_that_come_one_by_one() {
    refused(|tenant| {
        let put = format!("PUT {} HTTP/1.1", tenant.path("profile"));
        let chunked = |more: &str| {
            let head = head(
                tenant,
                &put,
                &format!("{more}Transfer-Encoding: chunked\r\n"),
            );
            format!("{head}{}", "1\r\n \r\n".repeat(limits::BODY_BYTES + 1))
        };
        vec![
            case("chunks", chunked(""), By::Edge(413)),
            // The coding counts, and the length says nothing (RFC 9112 section 6.1).
            case("both", chunked("Content-Length: 2\r\n"), By::Edge(413)),
        ]
    })
    .await;
}

#[tokio::test]
async fn paths_that_mean_something_else() {
    refused(|tenant| {
        let mine = tenant.path("profile");
        let put = |path: &str| {
            let more = format!("Content-Length: {}\r\n", EVIL.len());
            format!(
                "{}{EVIL}",
                head(tenant, &format!("PUT {path} HTTP/1.1"), &more)
            )
        };
        let (none, not_here) = (By::Edge(404), By::Edge(405));
        let id = &tenant.id;
        vec![
            case("a NUL, encoded", put(&format!("{mine}%00")), none),
            case(
                "a line break, encoded",
                put(&format!("{mine}%0d%0aX-A:%20b")),
                none,
            ),
            case(
                "a letter, encoded",
                put(&mine.replace("profile", "%70rofile")),
                none,
            ),
            case(
                "a slash, encoded",
                put(&mine.replace("/profile", "%2fprofile")),
                none,
            ),
            case(
                "two slashes",
                put(&mine.replace("/profile", "//profile")),
                none,
            ),
            case("a slash at the end", put(&format!("{mine}/")), none),
            case("a parameter of the path", put(&format!("{mine};a=b")), none),
            case(
                "dots, encoded twice",
                put(&format!("/v1/{id}/%252e%252e/{id}/profile")),
                none,
            ),
            case("dots above the root", put("/../../../../etc/passwd"), none),
            case(
                "dots to the root",
                put(&format!("/v1/{id}/..%2f..%2f")),
                none,
            ),
            // These are one path by the rules for addresses; the tenant in what is left is what counts.
            case(
                "dots to nobody",
                put(&format!("/v1/{id}/../eu_0/profile")),
                none,
            ),
            case(
                "encoded dots to nobody",
                put(&format!("/v1/{id}/%2e%2e/eu_0/profile")),
                none,
            ),
            case(
                "backslashes to nobody",
                put(&format!("/v1/{id}\\..\\eu_0\\profile")),
                none,
            ),
            case(
                "dots to a page",
                put(&format!("/v1/{id}/../../healthz")),
                not_here,
            ),
            case(
                "an address of elsewhere",
                put(&format!("http://evil.example/v1/{id}/nothing")),
                none,
            ),
        ]
    })
    .await;
}

#[tokio::test]
async fn json_that_is_none_or_too_much() {
    refused(|tenant| {
        let put = |media: &str, body: &[u8]| {
            let token = &tenant.owner.token;
            let mut bytes = format!(
                "PUT {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
                 {media}Content-Length: {}\r\n\r\n",
                tenant.path("profile"),
                body.len()
            )
            .into_bytes();
            bytes.extend_from_slice(body);
            bytes
        };
        let json = |body: &str| put(JSON, body.as_bytes());
        let (bad, wrong, media) = (By::Edge(400), By::Edge(422), By::Edge(415));
        let mut cases = vec![
            case("invalid UTF-8", put(JSON, b"{\"name\":\"\xff\xfe\"}"), bad),
            case("an overlong NUL", put(JSON, b"{\"name\":\"\xc0\x80\"}"), bad),
            case("half a surrogate", json(r#"{"name":"\ud800"}"#), bad),
            case("UTF-16", put(JSON, b"\xff\xfe{\0}\0"), bad),
            case("a byte order mark", json("\u{feff}{\"name\":\"Evil\"}"), bad),
            case("a NUL at the end", json("{\"name\":\"Evil\"}\0"), bad),
            case("two values", json(&format!("{EVIL}{EVIL}")), bad),
            case("a comment", json(r#"{"name":"Evil"/**/}"#), bad),
            case("a comma too many", json(r#"{"name":"Evil",}"#), bad),
            case("single quotes", json("{'name':'Evil'}"), bad),
            case("not a number", json(r#"{"name":NaN}"#), bad),
            case("a name twice", json(r#"{"name":"Good","name":"Evil"}"#), wrong),
            case("a name twice, once escaped", json(r#"{"name":"Good","\u006eame":"Evil"}"#), wrong),
            case("a prototype", json(r#"{"name":"Evil","__proto__":{}}"#), wrong),
            case("a control character", json(r#"{"name":"Evil\u0000"}"#), wrong),
            case("a huge number", json(&format!(r#"{{"name":{}}}"#, "9".repeat(5_000))), bad),
            case("a huge exponent", json(r#"{"name":1e99999}"#), bad),
            case("50,000 levels", json(&"[".repeat(50_000)), bad),
            case("50,000 objects", json(&r#"{"a":"#.repeat(30_000)), bad),
            case("no media type", put("", EVIL.as_bytes()), media),
            case("a body too long", json(&" ".repeat(limits::BODY_BYTES + 1)), By::Edge(413)),
        ];
        for other in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=a",
            "application/jsonp",
            "application/xml",
            "application/json, text/plain",
        ] {
            let header = format!("Content-Type: {other}\r\n");
            cases.push(case(other, put(&header, EVIL.as_bytes()), media));
        }
        // As much again, without a length to go by.
        let mut endless = head(
            tenant,
            &format!("PUT {} HTTP/1.1", tenant.path("profile")),
            "Transfer-Encoding: chunked\r\n",
        );
        for _ in 0..=limits::BODY_BYTES / 0x1000 {
            endless.push_str("1000\r\n");
            endless.push_str(&" ".repeat(0x1000));
            endless.push_str("\r\n");
        }
        endless.push_str("0\r\n\r\n");
        cases.push(case("a body too long, in chunks", endless, By::Edge(413)));
        cases
    })
    .await;
}

/// One connection, two requests: what follows the first is a request of its own, with its own rights.
#[tokio::test]
async fn what_follows_a_request_has_no_part_of_its_rights() {
    let server = Server::shared();
    let tenant = TestTenant::new(&server.client(), Region::Eu).await;
    let path = tenant.path("profile");
    let token = &tenant.owner.token;
    let second = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    for (name, framing) in [
        ("by length", "Content-Length: 2\r\n\r\n{}".to_owned()),
        (
            "by chunks",
            "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n".to_owned(),
        ),
        (
            "by both",
            format!(
                "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
                12 + second.len()
            ),
        ),
        // A GET has no use for a body; it must not become the next request either.
        ("as the body of a GET", String::new()),
    ] {
        let line = if framing.is_empty() { "GET" } else { "PUT" };
        let framing = if framing.is_empty() {
            format!("Content-Length: {}\r\n\r\n", second.len())
        } else {
            framing
        };
        let first = format!(
            "{line} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\n{framing}"
        );
        let answer = send(server.stack.port(), format!("{first}{second}").as_bytes()).await;
        let wanted: &[u16] = match name {
            "as the body of a GET" => &[200],
            // The runtime takes the coding and hangs up, as RFC 9112 section 6.1 asks.
            "by both" => &[422],
            _ => &[422, 401],
        };
        let told = String::from_utf8_lossy(&answer.0);
        assert_eq!(answer.statuses(), wanted, "{name}: {told}");
    }
}
