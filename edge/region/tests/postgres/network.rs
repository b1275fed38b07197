//! What is between the server and the database: names, a side that says nothing any more.

use std::{
    fs,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use slotstead_region::{postgres::Postgres, stores::Opened};
use slotstead_shared::Region;
use slotstead_tenant::{Store, store::Value};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::{Builder, Runtime},
    task::spawn_blocking,
};

use crate::kit::{PATIENT, World, database, open, sign_up, tenant};

/// Hands on what both sides say. Once it is mute, nothing that the server says; what the client says is heard
/// from then on.
struct Relay {
    port: u16,
    mute: Arc<AtomicBool>,
    heard: Arc<Mutex<Vec<u8>>>,
    _runtime: Runtime,
}

impl Relay {
    fn to(server: u16) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mute = Arc::new(AtomicBool::new(false));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (is_mute, listening) = (Arc::clone(&mute), Arc::clone(&heard));
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (from_client, to_client) = client.into_split();
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let (from_server, to_server) = server.into_split();
                let (mute, notes) = (Arc::clone(&is_mute), Arc::clone(&listening));
                tokio::spawn(hand_on(from_client, to_server, move |bytes| {
                    if mute.load(Ordering::Acquire) {
                        let mut heard = notes.lock().unwrap_or_else(PoisonError::into_inner);
                        heard.extend_from_slice(bytes);
                    }
                    true
                }));
                let mute = Arc::clone(&is_mute);
                let speaks = move |_: &[u8]| !mute.load(Ordering::Acquire);
                tokio::spawn(hand_on(from_server, to_client, speaks));
            }
        });
        Self {
            port,
            mute,
            heard,
            _runtime: runtime,
        }
    }

    /// What was heard, as far as it is text.
    fn heard(&self) -> String {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&heard).into_owned()
    }
}

async fn hand_on(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut pass: impl FnMut(&[u8]) -> bool,
) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if pass(&bytes[..count]) && to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
}

/// A tenant's store, reached over a relay.
fn relayed(world: &World) -> (Relay, Postgres, Opened) {
    let relay = Relay::to(world.cluster.port());
    let (direct, around) = (world.cluster.port().to_string(), relay.port.to_string());
    let url = world.url.replace(&direct, &around);
    let driver = Postgres::open(database(&url, 2), Region::Cbr, PATIENT).unwrap();
    sign_up(&driver, 1).unwrap();
    let opened = open(&driver, 1);
    (relay, driver, opened)
}

#[test]
fn after_a_lost_answer_nothing_more_is_asked() {
    const UP: &str = "UPDATE counters SET last_effect_id = last_effect_id + 1 WHERE tenant_id = ?1";
    let world = World::new();
    let (relay, _driver, opened) = relayed(&world);
    let id: [Value; 1] = [tenant(1).as_str().into()];
    let done = opened.store.transaction(&mut || {
        opened.store.run(UP, &id).unwrap();
        relay.mute.store(true, Ordering::Release);
        let lost = opened.store.run(UP, &id).unwrap_err().0;
        assert_eq!(lost, "the database did not answer in time");
        true
    });
    assert!(done.is_err() && !(opened.usable)());
    // Each word more would have been waited for as long.
    let heard = relay.heard();
    assert!(heard.contains(tenant(1).as_str()), "{heard:?}");
    let more = ["COMMIT", "ROLLBACK"];
    assert!(!more.iter().any(|word| heard.contains(word)), "{heard:?}");
}

#[test]
fn a_store_in_which_nothing_can_be_asked_is_opened_anew() {
    const LOOK: &str = "SELECT last_effect_id FROM counters WHERE tenant_id = ?1";
    let world = World::new();
    let (relay, _driver, opened) = relayed(&world);
    let id: [Value; 1] = [tenant(1).as_str().into()];
    opened.store.run(LOOK, &id).unwrap();
    relay.mute.store(true, Ordering::Release);
    // The region server takes the answer for lost then, and not for one of the tenant.
    let done = opened
        .store
        .transaction(&mut || opened.store.run(LOOK, &id).is_ok());
    assert!(
        done.is_ok(),
        "nothing was begun, so nothing had to be undone"
    );
    assert!(!(opened.usable)());
}

#[test]
fn names_are_found_while_every_thread_waits_for_a_connection() {
    const THREADS: u8 = 2;
    let world = World::new();
    let named = database(&world.url.replace("127.0.0.1", "localhost"), 4);
    let server = Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(usize::from(THREADS))
        .enable_all()
        .build()
        .unwrap();
    server.block_on(async {
        let open = move || Postgres::open(named, Region::Cbr, PATIENT);
        let driver = Arc::new(spawn_blocking(open).await.unwrap().unwrap());
        let callers: Vec<_> = (0..2 * THREADS)
            .map(|number| {
                let driver = Arc::clone(&driver);
                spawn_blocking(move || sign_up(&driver, number))
            })
            .collect();
        for caller in callers {
            caller.await.unwrap().unwrap();
        }
    });
}

/// How soon each side of the connection with this port asks the other, as the system has it: in hundredths
/// of a second.
fn questions(port: &str) -> Vec<i64> {
    let port = format!(":{:04X}", port.parse::<u16>().unwrap());
    loop {
        let sockets = fs::read_to_string("/proc/net/tcp").unwrap();
        let sides: Vec<Vec<&str>> = sockets
            .lines()
            .map(|line| line.split_whitespace().collect())
            .filter(|side: &Vec<&str>| side[1].ends_with(&port) || side[2].ends_with(&port))
            .collect();
        // 01: something is to be confirmed still.
        if sides.iter().all(|side| !side[5].starts_with("01:")) {
            let timer = |side: &Vec<&str>| {
                let due = side[5].strip_prefix("02:").expect("no question");
                i64::from_str_radix(due, 16).unwrap()
            };
            return sides.iter().map(timer).collect();
        }
    }
}

#[test]
fn each_side_finds_out_that_the_other_is_gone() {
    let world = World::new();
    let name = &world.name;
    let impatient = format!("ALTER ROLE {name} SET idle_session_timeout = '1h'");
    world.cluster.as_superuser(name, &impatient).unwrap();
    let driver = world.driver();
    let port = "SELECT client_port FROM pg_stat_activity
        WHERE usename = current_user AND application_name <> 'psql'";
    let asked = questions(&world.psql(port).unwrap());
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked.iter().all(|due| *due <= 500), "{asked:?}");
    let store = open(&driver, 1).store;
    let set = "SELECT current_setting('tcp_user_timeout'), current_setting('idle_session_timeout')";
    let set = store.run(set, &[]).unwrap();
    assert_eq!(set, [[Value::from("11000"), Value::from("0")]]);
}
