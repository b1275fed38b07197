//! The same script of commands on every region host, and the same bytes from each: the tenant over
//! SQLite in memory, the Durable Object in the live runtime, the region server over mutual TLS, once on
//! SQLite and once on PostgreSQL.

use std::cell::RefCell;

use data_encoding::BASE64URL_NOPAD;
use slotstead_shared::TenantId;
use slotstead_tenant::{
    Moment, Settings, Tenant,
    host::{
        self, CALL_HEADER, Form, REFUSED,
        keys::IdKey,
        vault::{InMemory, Sealing},
    },
    keyring::regional::SealingKeys,
    store::{remembering::Remembering, sqlite::Sqlite},
};
use slotstead_tests::{
    Region, Server,
    conformance::{By, Exchange, Host, every_command, play, played_commands},
    tenant::now,
};
use xtask::{
    ports::free_port,
    stack::{Door, Options},
};

/// The tenant in memory, hosted by hand.
struct Memory {
    id: TenantId,
    tenant: RefCell<Tenant<Remembering<Sqlite>>>,
    vault: InMemory,
    keys: SealingKeys,
    calls: RefCell<u8>,
}

impl Host for Memory {
    fn tenant(&self) -> TenantId {
        self.id.clone()
    }

    async fn ask(&self, form: Form, _by: By, call: Vec<u8>) -> (u16, Vec<u8>) {
        let call = match host::read_call(&call) {
            Ok(call) => call,
            Err(why) => return (REFUSED, why.into_bytes()),
        };
        let mut calls = self.calls.borrow_mut();
        *calls += 1;
        let moment = Moment {
            now: now(),
            random: [*calls; 16],
        };
        let sealing = Sealing {
            vault: &self.vault,
            keys: &self.keys,
        };
        // Whatever they are, nobody sees them.
        let mut fill = |bytes: &mut [u8]| bytes.fill(*calls);
        let mut log = |why: &str| panic!("{why}");
        let mut tenant = self.tenant.borrow_mut();
        let answer = sealing.execute(&mut *tenant, &call, moment, &mut fill, &mut log);
        host::written(&answer, form)
    }
}

/// A region host behind the door.
struct Live {
    id: TenantId,
    /// Where the door has it.
    path: String,
    client: reqwest::Client,
}

impl Live {
    fn new(port: u16, id: TenantId, kind: &str) -> Self {
        Self {
            path: format!("http://127.0.0.1:{port}/{kind}"),
            client: reqwest::Client::new(),
            id,
        }
    }
}

impl Host for Live {
    fn tenant(&self) -> TenantId {
        self.id.clone()
    }

    async fn ask(&self, form: Form, by: By, call: Vec<u8>) -> (u16, Vec<u8>) {
        let url = format!("{}{}", self.path, form.path());
        let request = match by {
            By::Body => self.client.post(url).body(call),
            By::Header => self.client.get(url).header(CALL_HEADER, call),
        };
        let answer = request.send().await.expect("the door answers");
        let status = answer.status().as_u16();
        let body = answer.bytes().await.expect("the answer is whole");
        (status, body.to_vec())
    }
}

#[test]
fn the_script_has_every_command() {
    assert_eq!(played_commands(), every_command());
}

/// A server with a door, and the door's port.
fn with_door(name: &str, change: impl FnOnce(Options) -> Options) -> (Server, u16) {
    let script = xtask::paths::root().join("tests/src/door.js");
    let port = free_port().expect("loopback has free ports");
    let server = Server::start(name, |options| {
        let mut options = change(options);
        options.door = Some(Door { port, script });
        options
    });
    (server, port)
}

fn key(server: &Server) -> IdKey {
    let key = BASE64URL_NOPAD.decode(server.stack.id_key().as_bytes());
    IdKey::new(key.expect("it is base64url").try_into().expect("32 bytes"))
}

async fn play_on_postgres() -> Vec<Exchange> {
    let (server, port) = with_door("postgres", Options::with_canberra_on_postgres);
    let id = key(&server).new_tenant(Region::Cbr, [4; 16]);
    play(&Live::new(port, id, "server")).await
}

#[tokio::test]
async fn every_region_host_answers_with_the_same_bytes() {
    let (server, port) = with_door("conformance", Options::with_canberra);
    let key = key(&server);
    let id = |region, number| key.new_tenant(region, [number; 16]);

    let settings = Settings {
        rates: slotstead_tenant::RateLimits {
            bookings_per_minute: 1_000,
            ..slotstead_tenant::RateLimits::default()
        },
        private_feeds: true,
        places: Vec::new(),
        own_origin: server.stack.origin(),
    };
    let store = Remembering::new(Sqlite::in_memory().expect("memory takes a store"));
    let memory = Memory {
        id: id(Region::Cbr, 1),
        tenant: RefCell::new(Tenant::open(store, settings).expect("it migrates")),
        vault: InMemory::default(),
        keys: SealingKeys::parse(&format!("k1:{}", BASE64URL_NOPAD.encode(&[7; 32])))
            .expect("it is a list of keys"),
        calls: RefCell::new(0),
    };
    let in_memory = play(&memory).await;
    let object = id(Region::Eu, 2);
    let name = format!("object/{}", key.object_name(&object));
    let in_object = play(&Live::new(port, object, &name)).await;
    let in_server = play(&Live::new(port, id(Region::Cbr, 3), "server")).await;
    let on_postgres = play_on_postgres().await;

    for (number, expected) in in_memory.iter().enumerate() {
        assert_eq!(&in_object[number], expected, "step {number} in the object");
        assert_eq!(&in_server[number], expected, "step {number} in the server");
        let there = &on_postgres[number];
        assert_eq!(there, expected, "step {number} on PostgreSQL");
    }
    let with = |status| {
        let found = in_memory
            .iter()
            .filter(|step: &&Exchange| step.status == status);
        found.count()
    };
    // The script is worth something only if it sees each kind of answer.
    assert!(with(host::FINISHED) >= 2 && with(REFUSED) >= 1 && with(host::ANSWERED) > 60);
}
