//! A calendar server that can be told how to misbehave, and the calendars it serves.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::DateTime;
use serde_json::json;
use slotstead_shared::{
    Stamp, UnixSeconds,
    wire::{Feed, FeedStatus, Items},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
};

use crate::{
    tenant::{HOST, TestTenant},
    wait::{wait_for, wait_until},
};

/// How long a fetch that was made due may take, with everything else the machine does.
pub const SOON: Duration = Duration::from_secs(30);

/// What the server says.
#[derive(Debug, Clone)]
pub enum Says {
    /// 200 with this calendar, and 304 to who has it already.
    Calendar(String),
    /// This status, with this type and body.
    Status(u16, &'static str, Vec<u8>),
    /// A redirect.
    Redirect(String),
    /// 200 that promises more bytes than it sends.
    Truncated(String),
    /// 200 with this body, said to be encoded that way.
    Encoded(&'static str, Vec<u8>),
    /// 200 with this calendar, once [`FeedServer::let_go`] lets a request go.
    Held(String),
    /// 200 with a calendar that never ends, some bytes at a time.
    Drip,
}

#[derive(Debug)]
struct State {
    says: Says,
    requests: Vec<String>,
    /// Requests under way, and the most there ever were.
    open: usize,
    most_open: usize,
    /// Held requests take one place each.
    gate: Arc<Semaphore>,
}

/// The server. Dropping it stops it.
#[derive(Debug)]
pub struct FeedServer {
    port: u16,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl FeedServer {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start(says: Says) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("loopback has free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(Mutex::new(State {
            says,
            requests: Vec::new(),
            open: 0,
            most_open: 0,
            gate: Arc::new(Semaphore::new(0)),
        }));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that went away is none of the server's business.
                    let _ = answer(connection, &shared).await;
                    lock(&shared).open -= 1;
                });
            }
        });
        Self { port, state, task }
    }

    /// The feed's address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/secret-path/ingrid.ics", self.port)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Requests under way, and the most there ever were at once.
    #[must_use]
    pub fn open(&self) -> (usize, usize) {
        let state = self.state();
        (state.open, state.most_open)
    }

    /// Lets held requests go, as many as this.
    pub fn let_go(&self, count: usize) {
        self.state().gate.add_permits(count);
    }

    /// What it says from now on.
    pub fn say(&self, says: Says) {
        self.state().says = says;
    }

    /// The heads of the requests it got.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }
}

impl Drop for FeedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(mut connection: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    {
        let mut state = lock(state);
        state.open += 1;
        state.most_open = state.most_open.max(state.open);
    }
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16_384 {
        head.push(connection.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let (says, gate) = {
        let mut state = lock(state);
        state.requests.push(head.clone());
        (state.says.clone(), Arc::clone(&state.gate))
    };
    if matches!(says, Says::Held(_))
        && let Ok(permit) = gate.acquire().await
    {
        permit.forget();
    }
    connection.write_all(&response(&says, &head)).await?;
    if matches!(says, Says::Drip) {
        drip(&mut connection).await?;
    }
    connection.shutdown().await
}

/// Goes on until the client has had enough, which shows as a write that fails.
async fn drip(connection: &mut TcpStream) -> std::io::Result<()> {
    loop {
        connection.write_all(b"X-DRIP:1\r\n").await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn response(says: &Says, head: &str) -> Vec<u8> {
    let build = |status: &str, headers: &str, length: usize, body: &[u8]| {
        let mut bytes = format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        bytes
    };
    match says {
        Says::Calendar(text) => {
            // Short, and different for different calendars: all that a tag has to be.
            let sum = text.bytes().fold(5_381_u64, |sum, byte| {
                sum.wrapping_mul(33).wrapping_add(u64::from(byte))
            });
            let etag = format!("\"{sum:x}\"");
            if head.contains(&etag) {
                return build("304 Not Modified", &format!("etag: {etag}\r\n"), 0, b"");
            }
            let headers = format!("content-type: text/calendar; charset=utf-8\r\netag: {etag}\r\n");
            build("200 OK", &headers, text.len(), text.as_bytes())
        }
        Says::Status(status, content_type, body) => {
            let headers = format!("content-type: {content_type}\r\n");
            build(&format!("{status} Told so"), &headers, body.len(), body)
        }
        Says::Redirect(to) => build("302 Found", &format!("location: {to}\r\n"), 0, b""),
        Says::Encoded(encoding, body) => {
            let headers =
                format!("content-type: text/calendar\r\ncontent-encoding: {encoding}\r\n");
            build("200 OK", &headers, body.len(), body)
        }
        Says::Held(text) => build(
            "200 OK",
            "content-type: text/calendar\r\n",
            text.len(),
            text.as_bytes(),
        ),
        Says::Drip => {
            b"HTTP/1.1 200 OK\r\ncontent-type: text/calendar\r\nconnection: close\r\n\r\n\
            BEGIN:VCALENDAR\r\n"
                .to_vec()
        }
        Says::Truncated(text) => {
            let headers = "content-type: text/calendar\r\n";
            build("200 OK", headers, text.len() + 1_000, text.as_bytes())
        }
    }
}

/// A calendar with one event for each `[start, end)`; `canary` stands in every field of each.
#[must_use]
pub fn calendar(events: &[(UnixSeconds, UnixSeconds)], canary: &str) -> String {
    let mut text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//{canary}//EN\r\nX-WR-CALNAME:{canary}\r\n"
    );
    for (number, (start, end)) in events.iter().enumerate() {
        let (start, end) = (utc(*start), utc(*end));
        let _ = write!(
            text,
            "BEGIN:VEVENT\r\nUID:{number}-{canary}@example.com\r\nDTSTAMP:20260101T000000Z\r\n\
             DTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:{canary}\r\nDESCRIPTION:With {canary}\r\n\
             LOCATION:{canary} street\r\nORGANIZER;CN={canary}:mailto:{canary}@example.com\r\n\
             ATTENDEE;CN={canary}:mailto:{canary}@example.com\r\nCOMMENT:{canary}\r\n\
             CATEGORIES:{canary}\r\nURL:https://example.com/{canary}\r\nX-NOTE:{canary}\r\n\
             BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:{canary}\r\n\
             END:VALARM\r\nEND:VEVENT\r\n"
        );
    }
    text + "END:VCALENDAR\r\n"
}

fn utc(at: UnixSeconds) -> String {
    let at = DateTime::from_timestamp(at, 0).expect("test events are in this century");
    format!("{}", at.naive_utc().format("%Y%m%dT%H%M%SZ"))
}

/// The half hour from `start`.
#[must_use]
pub fn half_hour(start: Stamp) -> (UnixSeconds, UnixSeconds) {
    (start.unix_seconds(), start.unix_seconds() + 1_800)
}

impl TestTenant {
    /// Connects the host to a feed.
    pub async fn connect_feed(&self, url: &str) -> Feed {
        let body = json!({ "host": HOST, "url": url });
        self.client
            .put(&self.owner, &self.path("feeds/private"), &body)
            .await
            .expect(200)
    }

    /// How the feed fares.
    pub async fn feed(&self) -> Feed {
        let feeds: Items<Feed> = self
            .client
            .get(&self.owner, &self.path("feeds"))
            .await
            .expect(200);
        feeds
            .items
            .into_iter()
            .next()
            .expect("the test connected one")
    }

    /// Makes the feed's fetch due now.
    pub async fn sync_feed(&self) {
        let path = self.path("feeds/private/sync");
        self.client
            .post_empty(&self.owner, &path)
            .await
            .expect_status(202);
    }

    /// Waits until the feed has this status.
    pub async fn feed_becomes(&self, status: FeedStatus) -> Feed {
        wait_for(&format!("the feed is {status:?}"), SOON, || async {
            let feed = self.feed().await;
            (feed.status == status).then_some(feed)
        })
        .await
    }

    /// Connects the host to a server that says a calendar, and waits until it was read.
    pub async fn follow(&self, server: &FeedServer) -> Feed {
        self.connect_feed(&server.url()).await;
        self.feed_becomes(FeedStatus::Current).await
    }

    /// Waits until the server was asked again, after making the fetch due.
    pub async fn sync_and_wait(&self, server: &FeedServer) {
        let before = server.requests().len();
        self.sync_feed().await;
        wait_until("the feed is fetched again", SOON, || async {
            server.requests().len() > before
        })
        .await;
    }
}
