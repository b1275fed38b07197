//! The kit: a tenant in a store that can be told to fail, and short words for its calls.

mod random;
mod store;
mod values;
mod vault;

use std::rc::Rc;

use serde_json::{Value as Json, json};
use slotstead_shared::{
    Region, TenantId, UnixSeconds,
    ids::{BookingId, TokenId},
    wire,
};
use slotstead_tenant::{
    Actor, Answer, Call, Command, Moment, Reply, Settings, Store, Tenant,
    effect::{Action, Effect, Outcome},
    host::vault::Sealing,
    keyring::{KeyTask, regional::SealingKeys},
    store::{Row, Value, remembering::Remembering, sqlite::Sqlite},
};

pub use random::Random;
pub use store::Fault;
use store::{Asked, Controls, TestStore};
pub use values::*;
pub use vault::{SEALING_KEYS, TestVault, fill};

pub const ORIGIN: &str = "https://shop.example";
pub const OWN_ORIGIN: &str = "https://edge.example";
/// Monday 1 March 2027, 08:00 in Oslo.
pub const MONDAY: &str = "2027-03-01T08:00:00+01:00";

/// One tenant, its store, and a clock that only tests move.
pub struct World {
    /// Over a store that remembers, as in the object: a memory that is wrong breaks every test.
    tenant: Tenant<Remembering<TestStore>>,
    sqlite: Rc<Sqlite>,
    controls: Rc<Controls>,
    pub vault: Rc<TestVault>,
    pub sealing_keys: SealingKeys,
    pub id: TenantId,
    pub now: UnixSeconds,
    /// Whether calls and answers go through JSON, as they do across the border.
    pub as_json: bool,
    calls: u64,
    saved_calls: u64,
}

/// Enough for every test that is not about rates.
pub fn settings() -> Settings {
    let mut settings = Settings {
        own_origin: OWN_ORIGIN.to_owned(),
        ..Settings::default()
    };
    settings.rates.sessions_per_minute = 10_000;
    settings.rates.holds_per_minute = 10_000;
    settings.rates.slots_per_minute = 10_000;
    settings.rates.bookings_per_minute = 10_000;
    settings.rates.bookings_per_day = 10_000;
    settings.rates.live_holds = 10_000;
    settings
}

pub fn tenant_id(number: u8) -> TenantId {
    TenantId::assemble(Region::Eu, [number; 16], |_| [0; 10])
}

pub fn token_id(number: u8) -> TokenId {
    TokenId::from_random([number; 16])
}

pub fn owner() -> Actor {
    Actor::Owner { token: token_id(1) }
}

pub fn visitor() -> Actor {
    Actor::Visitor {
        origin: ORIGIN.to_owned(),
        client: "client".to_owned(),
    }
}

pub fn booker(booking: &BookingId) -> Actor {
    Actor::Booker {
        booking: booking.clone(),
        client: "client".to_owned(),
        token: None,
    }
}

impl World {
    /// An open store without a tenant.
    pub fn empty(settings: Settings) -> Self {
        let sqlite = Rc::new(Sqlite::in_memory().unwrap());
        let controls = Rc::new(Controls::default());
        let store = Remembering::new(TestStore {
            sqlite: Rc::clone(&sqlite),
            controls: Rc::clone(&controls),
        });
        let tenant = Tenant::open(store, settings).unwrap();
        Self {
            tenant,
            sqlite,
            controls,
            vault: Rc::default(),
            sealing_keys: SealingKeys::parse(SEALING_KEYS).unwrap(),
            id: tenant_id(1),
            now: at(MONDAY),
            as_json: true,
            calls: 0,
            saved_calls: 0,
        }
    }

    /// A tenant that signed up, with nothing set up.
    pub fn signed_up(settings: Settings) -> Self {
        let mut world = Self::empty(settings);
        let sign_up = wire(json!({ "name": "Fjord Physio", "region": "eu" }));
        world
            .ask(
                &Actor::Operator,
                Command::CreateTenant {
                    sign_up,
                    token: token_id(1),
                },
            )
            .unwrap();
        world
    }

    /// Two hosts in Oslo, 09:00 to 17:00 from Monday to Friday, one service of 30 minutes.
    pub fn demo() -> Self {
        Self::demo_with(settings())
    }

    pub fn demo_with(settings: Settings) -> Self {
        let mut world = Self::signed_up(settings);
        world.own(Command::PutOrigins {
            origins: wire(json!({ "origins": [ORIGIN] })),
        });
        world.put_schedule("weekdays", &weekdays("Europe/Oslo"));
        world.put_host("ingrid", "weekdays");
        world.put_host("amal", "weekdays");
        world.put_service("consult", &consult());
        world
    }

    /// Opens the tenant again over the same store, as after a crash.
    pub fn reopen(&mut self, settings: Settings) {
        let store = Remembering::new(TestStore {
            sqlite: Rc::clone(&self.sqlite),
            controls: Rc::clone(&self.controls),
        });
        self.tenant = Tenant::open(store, settings).unwrap();
    }

    /// The one boundary: every call of every test goes through here.
    pub fn ask(&mut self, actor: &Actor, command: Command) -> Answer {
        let tenant = self.id.clone();
        self.call(&Call {
            tenant,
            actor: actor.clone(),
            command,
        })
    }

    pub fn call(&mut self, call: &Call) -> Answer {
        self.calls += 1;
        let mut random = [0; 16];
        random[..8].copy_from_slice(&self.calls.to_be_bytes());
        let moment = Moment {
            now: self.now,
            random,
        };
        if !self.as_json {
            return self.execute(call, moment);
        }
        let call: Call = serde_json::from_str(&serde_json::to_string(call).unwrap()).unwrap();
        let answer = self.execute(&call, moment);
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer);
        answer
    }

    /// With the keys that the call needs, as every region host does it.
    fn execute(&mut self, call: &Call, moment: Moment) -> Answer {
        let sealing = Sealing {
            vault: &*self.vault,
            keys: &self.sealing_keys,
        };
        let mut fill = fill(moment);
        let tenant = &mut self.tenant;
        sealing.execute(tenant, call, moment, &mut fill, &mut |_| {})
    }

    pub fn next_due(&self) -> Option<UnixSeconds> {
        self.tenant.next_due().unwrap()
    }

    pub fn pass(&mut self, seconds: i64) {
        self.now += seconds;
    }

    // ------------------------------------------------------------ the store

    pub fn fail(&self, fault: Fault) {
        self.controls.failed.set(false);
        self.controls.fault.set(Some(fault));
    }

    /// Takes the fault back; whether it had struck.
    pub fn heal(&self) -> bool {
        self.controls.fault.set(None);
        self.controls.failed.replace(false)
    }

    pub fn start_log(&self) {
        *self.controls.log.borrow_mut() = Some(Vec::new());
    }

    pub fn take_log(&self) -> Vec<Asked> {
        self.controls.log.borrow_mut().take().unwrap_or_default()
    }

    pub fn sql(&self, sql: &str) -> Vec<Row> {
        self.sqlite.run(sql, &[]).unwrap()
    }

    /// How SQLite goes about a statement.
    pub fn plan(&self, (sql, parameters): &Asked) -> Vec<String> {
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        let steps = self.sqlite.run(&sql, parameters).unwrap();
        steps.iter().map(|step| format!("{:?}", step[3])).collect()
    }

    /// Keeps all rows as they are now, for [`Self::restore`].
    pub fn save(&mut self) {
        for table in self.tables() {
            self.sql(&format!(
                "CREATE TABLE saved_{table} AS SELECT * FROM {table}"
            ));
        }
        self.saved_calls = self.calls;
    }

    /// Puts all rows back as they were saved, and opens the tenant again: a new world, without
    /// another set-up.
    pub fn restore(&mut self, settings: Settings) {
        let tables = self.tables();
        for saved in tables.iter().filter(|table| table.starts_with("saved_")) {
            let table = &saved["saved_".len()..];
            self.sql(&format!("DELETE FROM {table}"));
            self.sql(&format!("INSERT INTO {table} SELECT * FROM {saved}"));
        }
        self.calls = self.saved_calls;
        self.reopen(settings);
    }

    pub fn tables(&self) -> Vec<String> {
        let rows = self.sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
        rows.into_iter()
            .map(|row| match &row[0] {
                Value::Text(name) => name.clone(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    /// Everything in the store.
    pub fn dump(&self) -> String {
        let table = |name: String| {
            let mut rows: Vec<String> = self
                .sql(&format!("SELECT * FROM {name}"))
                .into_iter()
                .map(|row| format!("{row:?}"))
                .collect();
            rows.sort();
            format!("{name}\n{}\n", rows.join("\n"))
        };
        self.tables().into_iter().map(table).collect()
    }

    // ------------------------------------------------------------ the owner

    /// As the owner, with success.
    pub fn own(&mut self, command: Command) -> Reply {
        self.ask(&owner(), command).unwrap()
    }

    pub fn put_schedule(&mut self, id: &str, schedule: &Json) -> Reply {
        self.own(Command::PutSchedule {
            id: slug(id),
            schedule: wire(schedule.clone()),
        })
    }

    pub fn put_host(&mut self, id: &str, schedule: &str) -> Reply {
        let host = wire(json!({ "name": title(id), "schedule": schedule }));
        self.own(Command::PutHost { id: slug(id), host })
    }

    pub fn put_service(&mut self, id: &str, service: &Json) -> Reply {
        self.own(Command::PutService {
            id: slug(id),
            service: wire(service.clone()),
        })
    }

    pub fn put_feed(&mut self, id: &str, host: &str) -> Reply {
        let url = format!("https://calendar.example/secret/{id}.ics");
        self.own(Command::PutFeed {
            id: slug(id),
            feed: wire(json!({ "host": host, "url": url })),
        })
    }

    pub fn feed(&mut self, id: &str) -> wire::Feed {
        let Reply::Feeds(feeds) = self.own(Command::ListFeeds) else {
            panic!()
        };
        feeds
            .into_iter()
            .find(|feed| feed.id.as_str() == id)
            .unwrap()
    }

    pub fn bookings(&mut self) -> Vec<wire::Booking> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let Reply::Bookings(page) = self.own(Command::ListBookings {
                from: None,
                to: None,
                after,
            }) else {
                panic!()
            };
            all.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return all,
            }
        }
    }

    // ------------------------------------------------------------ the region host

    /// The fetches that are due. What is due in the vault is carried out.
    pub fn take(&mut self) -> Vec<Effect> {
        let mut fetches = Vec::new();
        for effect in self.take_all() {
            match effect.action {
                Action::Fetch(_) => fetches.push(effect),
                Action::Keys(task) => {
                    let outcome = self.carry_out(task);
                    self.settle(&effect, outcome).unwrap();
                }
            }
        }
        fetches
    }

    pub fn take_all(&mut self) -> Vec<Effect> {
        match self.ask(&Actor::RegionHost, Command::TakeEffects { at_most: 100 }) {
            Ok(Reply::Effects(effects)) => effects,
            other => panic!("{other:?}"),
        }
    }

    pub fn seal_anew(&self) -> bool {
        let sealing = Sealing {
            vault: &*self.vault,
            keys: &self.sealing_keys,
        };
        let mut fill = fill(Moment {
            now: self.now,
            random: [2; 16],
        });
        sealing.seal_anew(&self.tenant, &mut fill, &mut |_| {})
    }

    pub fn carry_out(&mut self, task: KeyTask) -> Outcome {
        let sealing = Sealing {
            vault: &*self.vault,
            keys: &self.sealing_keys,
        };
        self.calls += 1;
        let mut random = [1; 16];
        random[..8].copy_from_slice(&self.calls.to_be_bytes());
        let mut fill = fill(Moment {
            now: self.now,
            random,
        });
        sealing.carry_out(&self.tenant, task, &mut fill, &mut |_| {})
    }

    pub fn settle(&mut self, effect: &Effect, outcome: Outcome) -> Answer {
        self.ask(
            &Actor::RegionHost,
            Command::SettleEffect {
                id: effect.id,
                outcome,
            },
        )
    }

    /// Takes the one effect that is due and settles it with this calendar.
    pub fn read_feed(&mut self, calendar: &str) {
        let effects = self.take();
        assert_eq!(effects.len(), 1);
        self.settle(&effects[0], fetched(calendar)).unwrap();
    }

    // ------------------------------------------------------------ visitors

    pub fn slots(&mut self, service: &str, from: &str, to: &str, zone: &str) -> wire::Slots {
        let command = offer(service, from, to, zone);
        match self.ask(&visitor(), command) {
            Ok(Reply::Slots(slots)) => (*slots).clone(),
            other => panic!("{other:?}"),
        }
    }

    /// The starts offered in March 2027, in Oslo, as text.
    pub fn starts(&mut self, service: &str) -> Vec<String> {
        starts(&self.slots(service, "2027-03-01", "2027-04-01", "Europe/Oslo"))
    }

    pub fn offers(&mut self, service: &str, start: &str) -> bool {
        self.starts(service)
            .iter()
            .any(|offered| at(offered) == at(start))
    }

    pub fn hold(&mut self, service: &str, start: &str, session: &str) -> Answer {
        let hold = wire(json!({ "service": service, "start": start, "zone": "Europe/Oslo" }));
        self.ask(
            &visitor(),
            Command::PlaceHold {
                hold,
                session: session.to_owned(),
            },
        )
    }

    pub fn book(&mut self, key: &str, start: &str) -> Answer {
        self.ask(&visitor(), book(key, start, None))
    }

    pub fn booked(&mut self, key: &str, start: &str) -> wire::Booking {
        booking(self.book(key, start))
    }

    pub fn reschedule(&mut self, key: &str, id: &BookingId, start: &str) -> Answer {
        self.ask(&booker(id), reschedule(key, id, start))
    }

    pub fn cancel(&mut self, id: &BookingId) -> Answer {
        self.ask(&booker(id), Command::Cancel { id: id.clone() })
    }
}
