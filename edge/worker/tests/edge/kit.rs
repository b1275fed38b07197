//! The kit: the whole edge over real tenants in memory. No network, no Worker; time stands still
//! unless a test moves it. Identity is a type: nobody, an owner, a page with its session, a booker.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use serde_json::{Value, json};
use slotstead_shared::{TenantId, UnixSeconds};
use slotstead_tenant::{
    Call, Moment, Refusal, Settings, Tenant,
    call::Answer,
    host::{
        body_of,
        vault::{InMemory, Sealing},
    },
    keyring::regional::SealingKeys,
    store::{remembering::Remembering, sqlite::Sqlite},
};
use slotstead_worker::{
    config::Config,
    edge::Edge,
    exchange::{Incoming, Method, Outgoing},
    platform::{Finished, Platform},
    region::{RegionError, RegionHost, host_of},
};

pub const ORIGIN: &str = "https://fjord-hair.example";
pub const OWN_ORIGIN: &str = "https://edge.example";
pub const OPERATOR_KEY: &str = "operator-key-of-at-least-32-characters";
/// Monday 1 March 2027, 07:00 in Oslo.
pub const NOW: UnixSeconds = 1_803_880_800;

/// Regions in memory.
pub struct Regions {
    settings: Settings,
    has_server: bool,
    tenants: RefCell<HashMap<TenantId, Tenant<Remembering<Sqlite>>>>,
    vault: InMemory,
    sealing_keys: SealingKeys,
    pub now: Cell<UnixSeconds>,
    counter: Cell<u64>,
    /// What every call fails with, after it was carried out.
    pub lost: RefCell<Option<RegionError>>,
}

impl Platform for Regions {
    fn now(&self) -> UnixSeconds {
        self.now.get()
    }

    fn random(&self) -> [u8; 16] {
        self.counter.set(self.counter.get() + 1);
        let mut bytes = [7; 16];
        bytes[..8].copy_from_slice(&self.counter.get().to_be_bytes());
        bytes
    }

    async fn call(&self, call: &Call) -> Result<Answer, RegionError> {
        // Across the border everything is JSON.
        let call: Call = serde_json::from_slice(&serde_json::to_vec(call).unwrap()).unwrap();
        let is_server = matches!(
            host_of(call.tenant.region()),
            RegionHost::RegionServer { .. }
        );
        if is_server && !self.has_server {
            return Err(RegionError::NotOpen);
        }
        let moment = Moment {
            now: self.now(),
            random: self.random(),
        };
        let mut tenants = self.tenants.borrow_mut();
        let tenant = tenants.entry(call.tenant.clone()).or_insert_with(|| {
            let store = Remembering::new(Sqlite::in_memory().unwrap());
            Tenant::open(store, self.settings.clone()).unwrap()
        });
        let sealing = Sealing {
            vault: &self.vault,
            keys: &self.sealing_keys,
        };
        let mut fill = |bytes: &mut [u8]| bytes.fill_with(|| self.random()[7]);
        let answer = sealing.execute(tenant, &call, moment, &mut fill, &mut |_| {});
        match self.lost.borrow().clone() {
            Some(error) => Err(error),
            None => Ok(serde_json::from_slice(&serde_json::to_vec(&answer).unwrap()).unwrap()),
        }
    }

    /// As a Durable Object does it.
    async fn call_for_body(&self, call: &Call) -> Result<Result<Finished, Refusal>, RegionError> {
        Ok(self.call(call).await?.map(|reply| match body_of(&reply) {
            Some(body) => Finished::Body(body),
            None => Finished::from(reply),
        }))
    }
}

/// An answer, read.
#[derive(Debug)]
pub struct Read {
    pub status: u16,
    pub body: Value,
    pub raw: Outgoing,
    pub log: String,
}

impl Read {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.raw.header(name)
    }

    /// Checks the status, and shows the body when it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Checks that it is a problem of this type, in all places that say so.
    #[track_caller]
    pub fn problem(self, status: u16, kind: &str) -> Self {
        assert_eq!(
            self.body["type"],
            format!("urn:slotstead:problem:{kind}"),
            "{}",
            self.body
        );
        assert_eq!(self.body["status"], status);
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(
            self.header("x-request-id"),
            self.body["request_id"].as_str()
        );
        self.expect(status)
    }

    pub fn text(&self, member: &str) -> String {
        self.body[member]
            .as_str()
            .unwrap_or_else(|| panic!("no {member} in {}", self.body))
            .to_owned()
    }
}

/// The edge and its regions.
pub struct World {
    pub edge: Edge,
    pub regions: Regions,
}

impl World {
    pub fn new() -> Self {
        Self::with(&[])
    }

    pub fn with(changes: &[(&str, &str)]) -> Self {
        let var = |name: &str| {
            let given = changes
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| *value);
            let value = given.or(match name {
                "PUBLIC_ORIGIN" => Some(OWN_ORIGIN),
                "TOKEN_KEY" => Some("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
                "ID_KEY" => Some("ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"),
                "OPERATOR_KEY" => Some(OPERATOR_KEY),
                "SEALING_KEYS_US" => Some("us-1:QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8"),
                "SEALING_KEYS_EU" => Some("eu-1:YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8"),
                _ => None,
            });
            value.map(str::to_owned)
        };
        let config = Config::read(var, |_| true).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let regions = Regions {
            settings: config.settings.clone(),
            has_server: config.region_server.is_some(),
            tenants: RefCell::default(),
            vault: InMemory::default(),
            sealing_keys: config
                .sealing_keys(slotstead_shared::Region::Eu)
                .expect("the European Union has sealing keys")
                .clone(),
            now: Cell::new(NOW),
            counter: Cell::new(0),
            lost: RefCell::new(None),
        };
        Self {
            edge: Edge { config },
            regions,
        }
    }

    pub fn send(&self, request: &Incoming) -> Read {
        let (raw, written) = now_or_never(self.edge.answer(&self.regions, request));
        let body = serde_json::from_slice(raw.content.as_slice()).unwrap_or(Value::Null);
        Read {
            status: raw.status,
            body,
            log: written.line(3),
            raw,
        }
    }

    /// Signs a tenant up that offers 30 minutes from 09:00 to 11:00 in Oslo, every day.
    pub fn tenant(&self, region: &str) -> Owner<'_> {
        let request = post(
            "/v1/tenants",
            &json!({ "name": "Fjord Hair", "region": region }),
        );
        let signed_up = self.send(&bearer(request, OPERATOR_KEY)).expect(201);
        let owner = Owner {
            world: self,
            tenant: signed_up.text("tenant"),
            token: signed_up.body["token"]["secret"]
                .as_str()
                .unwrap()
                .to_owned(),
        };
        let rules: Vec<Value> = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ]
        .iter()
        .map(|weekday| json!({ "weekday": weekday, "start": "09:00", "end": "11:00" }))
        .collect();
        owner
            .put(
                "schedules/days",
                &json!({ "zone": "Europe/Oslo", "rules": rules }),
            )
            .expect(200);
        owner
            .put(
                "hosts/ingrid",
                &json!({ "name": "Ingrid", "schedule": "days" }),
            )
            .expect(200);
        let service = json!({
            "name": "Cut", "duration_minutes": 30, "slot_step_minutes": 30, "booking_window_days": 60, "hosts": ["ingrid"]
        });
        owner.put("services/cut", &service).expect(200);
        owner
            .put("origins", &json!({ "origins": [ORIGIN] }))
            .expect(200);
        owner
    }
}

/// The owner of a tenant.
pub struct Owner<'a> {
    pub world: &'a World,
    pub tenant: String,
    pub token: String,
}

impl Owner<'_> {
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/{}/{rest}", self.tenant)
    }

    pub fn get(&self, rest: &str) -> Read {
        self.world.send(&bearer(get(&self.path(rest)), &self.token))
    }

    pub fn put(&self, rest: &str, body: &Value) -> Read {
        self.world.send(&bearer(
            with_body(Method::Put, &self.path(rest), body),
            &self.token,
        ))
    }

    pub fn post(&self, rest: &str, body: &Value) -> Read {
        self.world
            .send(&bearer(post(&self.path(rest), body), &self.token))
    }

    pub fn delete(&self, rest: &str) -> Read {
        self.world.send(&bearer(
            request(Method::Delete, &self.path(rest)),
            &self.token,
        ))
    }

    /// A page of the allowed origin, with a session.
    pub fn page(&self) -> Page<'_> {
        let session = self
            .world
            .send(&from(request(Method::Post, &self.path("sessions")), ORIGIN))
            .expect(201);
        Page {
            owner: self,
            session: session.text("token"),
        }
    }
}

/// A page with a session.
pub struct Page<'a> {
    pub owner: &'a Owner<'a>,
    pub session: String,
}

impl Page<'_> {
    pub fn get(&self, rest: &str) -> Read {
        self.send(get(&self.owner.path(rest)))
    }

    pub fn send(&self, request: Incoming) -> Read {
        self.owner
            .world
            .send(&from(bearer(request, &self.session), ORIGIN))
    }

    pub fn book(&self, start: &str, key: &str) -> Read {
        let mut request = post(&self.owner.path("bookings"), &booking(start));
        request.headers.push(("idempotency-key".into(), key.into()));
        self.send(request)
    }
}

/// A booking of the service `cut` at `start`.
pub fn booking(start: &str) -> Value {
    json!({ "service": "cut", "start": start, "zone": "Europe/Oslo", "name": "Amal", "email": "amal@example.com" })
}

pub fn request(method: Method, path: &str) -> Incoming {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Incoming {
        method,
        https: true,
        host: "edge.example".into(),
        path: path.into(),
        query: query.into(),
        headers: vec![("cf-connecting-ip".into(), "192.0.2.1".into())],
        body: Ok(Vec::new()),
    }
}

pub fn get(path: &str) -> Incoming {
    request(Method::Get, path)
}

pub fn with_body(method: Method, path: &str, body: &Value) -> Incoming {
    let mut request = request(method, path);
    request
        .headers
        .push(("content-type".into(), "application/json".into()));
    request.body = Ok(serde_json::to_vec(body).unwrap());
    request
}

pub fn post(path: &str, body: &Value) -> Incoming {
    with_body(Method::Post, path, body)
}

pub fn bearer(mut request: Incoming, token: &str) -> Incoming {
    request
        .headers
        .push(("authorization".into(), format!("Bearer {token}")));
    request
}

pub fn from(mut request: Incoming, origin: &str) -> Incoming {
    request.headers.push(("origin".into(), origin.into()));
    request
}

/// Runs a future that waits for nothing.
fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing in these tests waits"),
    }
}
