//! The timer: a feed is fetched without anybody asking, and what is hostile fails in its own words.

use std::{
    io::Write as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use slotstead_shared::{
    ids::{FeedId, HostId, ScheduleId},
    limits::FEED_BYTES,
    wire::{Feed, FeedInput, FeedStatus, HostInput, ScheduleInput},
};
use slotstead_tenant::{Command, Reply};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use crate::kit::{Owner, Server};

/// How long a fetch may take, with everything else the machine does.
const SOON: Duration = Duration::from_secs(30);

pub const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//\r\nBEGIN:VEVENT\r\nUID:1\r\n\
    DTSTAMP:20270101T000000Z\r\nDTSTART:20270301T090000Z\r\nDTEND:20270301T100000Z\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

/// A calendar server that says the same bytes to everybody.
struct Calendars {
    port: u16,
    says: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Calendars {
    async fn start(says: Vec<u8>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let says = Arc::new(Mutex::new(says));
        let shared = Arc::clone(&says);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = shared.lock().unwrap().clone();
                let mut head = [0; 4_096];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(&answer).await;
            }
        });
        Self { port, says, task }
    }

    fn say(&self, says: Vec<u8>) {
        *self.says.lock().unwrap() = says;
    }
}

impl Drop for Calendars {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub async fn follow(server: &Server, owner: &Owner, url: &str) {
    let schedule: ScheduleInput = serde_json::from_value(serde_json::json!({
        "zone": "Australia/Sydney", "rules": [{ "weekday": "monday", "start": "09:00", "end": "17:00" }]
    }))
    .unwrap();
    let id: ScheduleId = "days".parse().unwrap();
    let host: HostInput =
        serde_json::from_value(serde_json::json!({ "name": "Mia", "schedule": "days" })).unwrap();
    let feed: FeedInput =
        serde_json::from_value(serde_json::json!({ "host": "mia", "url": url })).unwrap();
    let mia: HostId = "mia".parse().unwrap();
    for command in [
        Command::PutSchedule { id, schedule },
        Command::PutHost { id: mia, host },
        Command::PutFeed {
            id: feed_id(),
            feed,
        },
    ] {
        server.call(&owner.call(command)).await.unwrap();
    }
}

pub fn feed_id() -> FeedId {
    "mia".parse().unwrap()
}

/// The feed once it is as expected; asked again and again, with a bound.
pub async fn becomes(
    server: &Server,
    owner: &Owner,
    what: &str,
    is: impl Fn(&Feed) -> bool,
) -> Feed {
    let deadline = Instant::now() + SOON;
    loop {
        match server.call(&owner.call(Command::ListFeeds)).await {
            Ok(Reply::Feeds(feeds)) if feeds.first().is_some_and(&is) => {
                return feeds.into_iter().next().unwrap();
            }
            Ok(Reply::Feeds(feeds)) => assert!(Instant::now() < deadline, "{what}: {feeds:?}"),
            other => panic!("{other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_feed_is_read_by_the_timer_and_what_is_hostile_changes_nothing() {
    let server = Server::start().await;
    let owner = server.sign_up(5).await;
    let calendars = Calendars::start(ok("", CALENDAR.as_bytes())).await;
    let url = format!("http://127.0.0.1:{}/mia.ics", calendars.port);
    follow(&server, &owner, &url).await;
    let is_current = |feed: &Feed| feed.status == FeedStatus::Current;
    let feed = becomes(&server, &owner, "a plain calendar", is_current).await;
    assert_eq!(feed.busy_blocks, 1);

    let redirect =
        |to: &str| format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
    let bomb = gzip(&vec![b' '; FEED_BYTES + 1]);
    let half = ok("", CALENDAR.as_bytes());
    let half_gzip = gzip(CALENDAR.as_bytes());
    for (what, says, sentence) in [
        (
            "a bomb",
            ok("content-encoding: gzip\r\n", &bomb),
            "larger than 5 MB",
        ),
        (
            "half of what was compressed",
            ok(
                "content-encoding: gzip\r\n",
                &half_gzip[..half_gzip.len() / 2],
            ),
            "could not be reached",
        ),
        (
            "half an answer",
            half[..half.len() - 9].to_vec(),
            "could not be reached",
        ),
        ("no answer", Vec::new(), "could not be reached"),
        (
            "a private address",
            redirect("http://10.0.0.1/").into_bytes(),
            "does not lead to a public server",
        ),
        (
            "Azure's own address",
            redirect("http://168.63.129.16/").into_bytes(),
            "does not lead to a public server",
        ),
        (
            "a circle",
            redirect("/mia.ics").into_bytes(),
            "redirects too often",
        ),
    ] {
        calendars.say(says);
        server
            .call(&owner.call(Command::SyncFeed { id: feed_id() }))
            .await
            .unwrap();
        let failing = |feed: &Feed| {
            feed.error
                .as_ref()
                .is_some_and(|error| error.contains(sentence))
        };
        let feed = becomes(&server, &owner, what, failing).await;
        assert_eq!(feed.busy_blocks, 1, "{what} threw the known event away");
        calendars.say(ok("content-encoding: gzip\r\n", &gzip(CALENDAR.as_bytes())));
        server
            .call(&owner.call(Command::SyncFeed { id: feed_id() }))
            .await
            .unwrap();
        becomes(&server, &owner, "compressed", is_current).await;
    }
}
