//! A store that is replaced while one of its effects is under way.

use std::{fs, path::Path, process, sync::Arc, time::Instant};

use slotstead_region::backup::{self, Backup, Places};
use slotstead_shared::wire::{Feed, FeedStatus};
use slotstead_tenant::{
    Command,
    store::sqlite::{Sqlite, log_of},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    feeds::{CALENDAR, becomes, feed_id, follow, ok},
    kit::{Owner, Server},
};

/// A calendar with so many events.
fn events(count: usize) -> Vec<u8> {
    let (before, event) = CALENDAR.split_at(CALENDAR.find("BEGIN:VEVENT").unwrap());
    let (event, after) = event.split_at(event.find("END:VCALENDAR").unwrap());
    let events = (1..=count).map(|number| {
        let day = format!("202703{number:02}T");
        event
            .replace("UID:1", &format!("UID:{number}"))
            .replace("20270301T", &day)
    });
    let events: String = events.collect();
    ok("", format!("{before}{events}{after}").as_bytes())
}

/// Somebody who asks for the calendar.
async fn asked(calendars: &TcpListener) -> TcpStream {
    let (mut stream, _) = calendars.accept().await.unwrap();
    let read = stream.read(&mut [0; 4_096]).await.unwrap();
    assert_ne!(read, 0);
    stream
}

async fn answer(mut stream: TcpStream, calendar: &[u8]) {
    stream.write_all(calendar).await.unwrap();
    // Nothing more is said, and nothing more is read than that.
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

/// Puts the store as it is now where a restored one takes its place from.
fn keep(data: &Path, owner: &Owner) {
    let store = data.join(format!("{}.sqlite", owner.tenant));
    let restored = data.join("restored").join(store.file_name().unwrap());
    fs::create_dir(data.join("restored")).unwrap();
    for (from, to) in [
        (store.clone(), restored.clone()),
        (log_of(&store), log_of(&restored)),
    ] {
        // Closing a file in this process would take SQLite's lock from it.
        let copied = process::Command::new("cp").arg(from).arg(to).status();
        assert!(copied.unwrap().success());
    }
    drop(Sqlite::in_file(&restored).unwrap());
    assert!(!log_of(&restored).exists());
}

async fn effects_done(server: &Server) -> String {
    let page = server.region.figures().await;
    let lines = page.lines();
    let mut lines = lines.filter(|line| line.starts_with("slotstead_effects_done_total"));
    lines.next().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_asked_for_the_store_before_is_not_taken_for_the_answer_to_the_one_after() {
    let server = Server::start().await;
    let owner = server.sign_up(1).await;
    let calendars = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = calendars.local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/mia.ics");
    let first = async { answer(asked(&calendars).await, &events(1)).await };
    tokio::join!(follow(&server, &owner, &url), first);
    let has = |blocks| {
        move |feed: &Feed| feed.busy_blocks == blocks && feed.status == FeedStatus::Current
    };
    becomes(&server, &owner, "the first answer", has(1)).await;

    let data = server.folder.0.join("stores");
    keep(&data, &owner);
    let sync = owner.call(Command::SyncFeed { id: feed_id() });
    server.call(&sync).await.unwrap();
    let before = asked(&calendars).await;
    let places = Places {
        folder: server.folder.0.join("backup"),
        data,
    };
    let backup = Arc::new(Backup::new(places, None, 60, backup::clock()));
    server
        .region
        .replace(owner.tenant.clone(), backup)
        .await
        .unwrap();
    server.call(&sync).await.unwrap();
    let after = asked(&calendars).await;
    let done = effects_done(&server).await;
    answer(before, &events(2)).await;
    let begun = Instant::now();
    while effects_done(&server).await == done {
        assert!(begun.elapsed().as_secs() < 30, "it was not read");
        tokio::task::yield_now().await;
    }
    answer(after, &events(3)).await;
    becomes(&server, &owner, "its own answer", has(3)).await;
}
