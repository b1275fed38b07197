//! The kit: a tenant in a store that can be told to fail, and short words for its calls.

use std::{cell::Cell, cell::RefCell, rc::Rc};

use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use slotstead_shared::{
    Region, Stamp, TenantId, UnixSeconds,
    ids::{BookingId, HoldId, TokenId},
    wire,
};
use slotstead_tenant::{
    Actor, Answer, Call, Command, Moment, Refusal, Reply, Settings, Store, StoreError, Tenant,
    effect::{Action, Effect, FetchResponse, Outcome},
    store::{Row, Value, sqlite::Sqlite},
};

pub const ORIGIN: &str = "https://shop.example";
pub const OWN_ORIGIN: &str = "https://edge.example";
/// Monday 1 March 2027, 08:00 in Oslo.
pub const MONDAY: &str = "2027-03-01T08:00:00+01:00";

pub fn at(text: &str) -> UnixSeconds {
    text.parse::<Stamp>().expect(text).unix_seconds()
}

/// A value of the wire from its JSON.
pub fn wire<T: DeserializeOwned>(value: Json) -> T {
    serde_json::from_value(value).unwrap()
}

// ---------------------------------------------------------------- the store

/// How a store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The n-th step from now (counted from 1) fails, whether a statement or a commit; a failed
    /// commit keeps nothing.
    AtStep(u32),
    /// The next commit of a transaction is kept, and reported as failed.
    AfterCommit,
}

#[derive(Default)]
pub struct Controls {
    fault: Cell<Option<Fault>>,
    failed: Cell<bool>,
    log: RefCell<Option<Vec<(String, Vec<Value>)>>>,
}

impl Controls {
    /// Counts a step; whether it fails.
    fn step(&self) -> Result<(), StoreError> {
        match self.fault.get() {
            Some(Fault::AtStep(1)) => {
                self.fault.set(None);
                self.failed.set(true);
                Err(StoreError("failed on purpose".to_owned()))
            }
            Some(Fault::AtStep(steps)) => {
                self.fault.set(Some(Fault::AtStep(steps - 1)));
                Ok(())
            }
            Some(Fault::AfterCommit) | None => Ok(()),
        }
    }
}

/// An SQLite store in memory that fails when it is told to.
pub struct TestStore {
    sqlite: Rc<Sqlite>,
    controls: Rc<Controls>,
}

impl Store for TestStore {
    fn run(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.controls.step()?;
        if let Some(log) = self.controls.log.borrow_mut().as_mut() {
            log.push((sql.to_owned(), parameters.to_vec()));
        }
        self.sqlite.run(sql, parameters)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreError> {
        self.controls.step()?;
        let mut commit = Ok(());
        let mut committed = false;
        self.sqlite.transaction(&mut || {
            let wanted = work();
            if wanted {
                commit = self.controls.step();
            }
            committed = wanted && commit.is_ok();
            committed
        })?;
        commit?;
        if committed && self.controls.fault.get() == Some(Fault::AfterCommit) {
            self.controls.fault.set(None);
            self.controls.failed.set(true);
            return Err(StoreError("failed on purpose, after keeping the write".to_owned()));
        }
        Ok(())
    }
}

// ---------------------------------------------------------------- the world

/// One tenant, its store, and a clock that only tests move.
pub struct World {
    tenant: Tenant<TestStore>,
    sqlite: Rc<Sqlite>,
    controls: Rc<Controls>,
    pub id: TenantId,
    pub now: UnixSeconds,
    calls: u64,
}

/// Enough for every test that is not about rates.
pub fn settings() -> Settings {
    let mut settings = Settings { own_origin: OWN_ORIGIN.to_owned(), ..Settings::default() };
    settings.rates.sessions_per_minute = 10_000;
    settings.rates.holds_per_minute = 10_000;
    settings.rates.bookings_per_minute = 10_000;
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
    Actor::Visitor { origin: ORIGIN.to_owned(), client: "client".to_owned() }
}

pub fn booker(booking: &BookingId) -> Actor {
    Actor::Booker { booking: booking.clone(), client: "client".to_owned() }
}

impl World {
    /// An open store without a tenant.
    pub fn empty(settings: Settings) -> Self {
        let sqlite = Rc::new(Sqlite::in_memory().unwrap());
        let controls = Rc::new(Controls::default());
        let store = TestStore { sqlite: Rc::clone(&sqlite), controls: Rc::clone(&controls) };
        let tenant = Tenant::open(store, settings).unwrap();
        Self { tenant, sqlite, controls, id: tenant_id(1), now: at(MONDAY), calls: 0 }
    }

    /// A tenant that signed up, with nothing set up.
    pub fn signed_up(settings: Settings) -> Self {
        let mut world = Self::empty(settings);
        let sign_up = wire(json!({ "name": "Fjord Physio", "region": "eu" }));
        world.ask(&Actor::Operator, Command::CreateTenant { sign_up, token: token_id(1) }).unwrap();
        world
    }

    /// Two hosts in Oslo, 09:00 to 17:00 from Monday to Friday, one service of 30 minutes.
    pub fn demo() -> Self {
        Self::demo_with(settings())
    }

    pub fn demo_with(settings: Settings) -> Self {
        let mut world = Self::signed_up(settings);
        world.own(Command::PutOrigins { origins: wire(json!({ "origins": [ORIGIN] })) });
        world.put_schedule("weekdays", &weekdays("Europe/Oslo"));
        world.put_host("ingrid", "weekdays");
        world.put_host("amal", "weekdays");
        world.put_service("consult", &consult());
        world
    }

    /// Opens the tenant again over the same store, as after a crash.
    pub fn reopen(&mut self, settings: Settings) {
        let store =
            TestStore { sqlite: Rc::clone(&self.sqlite), controls: Rc::clone(&self.controls) };
        self.tenant = Tenant::open(store, settings).unwrap();
    }

    /// The one boundary: every call of every test goes through here.
    pub fn ask(&mut self, actor: &Actor, command: Command) -> Answer {
        let tenant = self.id.clone();
        self.call(&Call { tenant, actor: actor.clone(), command })
    }

    pub fn call(&mut self, call: &Call) -> Answer {
        self.calls += 1;
        let mut random = [0; 16];
        random[..8].copy_from_slice(&self.calls.to_be_bytes());
        // What crosses the border does so as JSON.
        let text = serde_json::to_string(call).unwrap();
        let call: Call = serde_json::from_str(&text).unwrap();
        let answer = self.tenant.execute(&call, Moment { now: self.now, random });
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer);
        answer
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

    pub fn take_log(&self) -> Vec<(String, Vec<Value>)> {
        self.controls.log.borrow_mut().take().unwrap_or_default()
    }

    pub fn sql(&self, sql: &str) -> Vec<Row> {
        self.sqlite.run(sql, &[]).unwrap()
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
        self.own(Command::PutSchedule { id: slug(id), schedule: wire(schedule.clone()) })
    }

    pub fn put_host(&mut self, id: &str, schedule: &str) -> Reply {
        let host = wire(json!({ "name": title(id), "schedule": schedule }));
        self.own(Command::PutHost { id: slug(id), host })
    }

    pub fn put_service(&mut self, id: &str, service: &Json) -> Reply {
        self.own(Command::PutService { id: slug(id), service: wire(service.clone()) })
    }

    pub fn put_feed(&mut self, id: &str, host: &str) -> Reply {
        let url = format!("https://calendar.example/secret/{id}.ics");
        self.own(Command::PutFeed { id: slug(id), feed: wire(json!({ "host": host, "url": url })) })
    }

    pub fn feed(&mut self, id: &str) -> wire::Feed {
        let Reply::Feeds(feeds) = self.own(Command::ListFeeds) else { panic!() };
        feeds.into_iter().find(|feed| feed.id.as_str() == id).unwrap()
    }

    pub fn bookings(&mut self) -> Vec<wire::Booking> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let Reply::Bookings(page) =
                self.own(Command::ListBookings { from: None, to: None, after })
            else {
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

    pub fn take(&mut self) -> Vec<Effect> {
        match self.ask(&Actor::RegionHost, Command::TakeEffects { at_most: 100 }) {
            Ok(Reply::Effects(effects)) => effects,
            other => panic!("{other:?}"),
        }
    }

    pub fn settle(&mut self, effect: &Effect, outcome: Outcome) -> Answer {
        self.ask(&Actor::RegionHost, Command::SettleEffect { id: effect.id, outcome })
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
            Ok(Reply::Slots(slots)) => slots,
            other => panic!("{other:?}"),
        }
    }

    /// The starts offered in March 2027, in Oslo, as text.
    pub fn starts(&mut self, service: &str) -> Vec<String> {
        starts(&self.slots(service, "2027-03-01", "2027-04-01", "Europe/Oslo"))
    }

    pub fn offers(&mut self, service: &str, start: &str) -> bool {
        self.starts(service).iter().any(|offered| at(offered) == at(start))
    }

    pub fn hold(&mut self, service: &str, start: &str, session: &str) -> Answer {
        let hold = wire(json!({ "service": service, "start": start, "zone": "Europe/Oslo" }));
        self.ask(&visitor(), Command::PlaceHold { hold, session: session.to_owned() })
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

// ---------------------------------------------------------------- values

pub fn slug<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

fn title(id: &str) -> String {
    id[..1].to_uppercase() + &id[1..]
}

pub fn weekdays(zone: &str) -> Json {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let rule = |day| json!({ "weekday": day, "start": "09:00", "end": "17:00" });
    json!({ "zone": zone, "rules": days.map(rule) })
}

pub fn consult() -> Json {
    json!({
        "name": "Consultation", "location": "Bryggen 5, Bergen", "duration_minutes": 30,
        "slot_step_minutes": 30, "booking_window_days": 60, "hosts": ["ingrid"],
    })
}

/// `base` with these members set.
pub fn with(mut base: Json, members: Json) -> Json {
    let Json::Object(members) = members else { panic!() };
    base.as_object_mut().unwrap().extend(members);
    base
}

pub fn offer(service: &str, from: &str, to: &str, zone: &str) -> Command {
    Command::OfferSlots {
        service: slug(service),
        from: slug(from),
        to: slug(to),
        zone: zone.to_owned(),
    }
}

pub fn starts(slots: &wire::Slots) -> Vec<String> {
    slots.days.iter().flat_map(|day| &day.slots).map(|slot| slot.start.to_string()).collect()
}

pub fn new_booking(start: &str, hold: Option<&HoldId>) -> Json {
    let mut booking = json!({
        "service": "consult", "start": start, "zone": "Europe/Oslo",
        "name": "Amal Berg", "email": "amal@example.com",
    });
    if let Some(hold) = hold {
        booking["hold"] = json!(hold);
    }
    booking
}

pub fn book(key: &str, start: &str, hold: Option<&HoldId>) -> Command {
    book_with(key, new_booking(start, hold))
}

pub fn book_with(key: &str, booking: Json) -> Command {
    Command::Book { idempotency_key: key.to_owned(), booking: wire(booking) }
}

pub fn reschedule(key: &str, id: &BookingId, start: &str) -> Command {
    Command::Reschedule {
        idempotency_key: key.to_owned(),
        id: id.clone(),
        to: wire(json!({ "start": start, "zone": "Europe/Oslo" })),
    }
}

pub fn booking(answer: Answer) -> wire::Booking {
    match answer {
        Ok(Reply::Booking { booking, .. }) => *booking,
        other => panic!("{other:?}"),
    }
}

pub fn held(answer: Answer) -> wire::Hold {
    match answer {
        Ok(Reply::Hold(hold)) => hold,
        other => panic!("{other:?}"),
    }
}

/// The fields that a refusal names.
pub fn wrong(answer: Answer) -> Vec<String> {
    match answer {
        Err(Refusal::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
        other => panic!("{other:?}"),
    }
}

pub fn is_conflict(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::Conflict { .. }))
}

pub fn is_missing(answer: &Answer) -> bool {
    matches!(answer, Err(Refusal::NotFound { .. }))
}

pub fn alternatives(answer: Answer) -> Vec<String> {
    match answer {
        Err(Refusal::SlotTaken { alternatives } | Refusal::SlotNotOffered { alternatives, .. }) => {
            alternatives.iter().map(|slot| slot.start.to_string()).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// An iCalendar file with these events, each a start and an end in UTC basic format.
pub fn calendar(events: &[(&str, &str)]) -> String {
    use std::fmt::Write as _;

    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//kit//EN\r\n".to_owned();
    for (number, (start, end)) in events.iter().enumerate() {
        write!(
            text,
            "BEGIN:VEVENT\r\nUID:{number}@kit\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:{start}\r\n\
             DTEND:{end}\r\nSUMMARY:CANARY\r\nEND:VEVENT\r\n"
        )
        .unwrap();
    }
    text + "END:VCALENDAR\r\n"
}

pub fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Outcome {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Outcome::Fetched(FetchResponse {
        status,
        headers: headers.collect(),
        body: body.as_bytes().to_vec(),
    })
}

pub fn fetched(calendar: &str) -> Outcome {
    response(200, &[("content-type", "text/calendar"), ("etag", "\"1\"")], calendar)
}

pub fn header<'a>(effect: &'a Effect, name: &str) -> Option<&'a str> {
    let Action::Fetch(request) = &effect.action;
    request
        .headers
        .iter()
        .find(|(header, _)| header == name)
        .map(|(_, value)| value.as_str())
}

// ---------------------------------------------------------------- randomness

/// `SplitMix64` (Steele, Lea, Flood 2014): small, seeded, the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Less than `limit`. The bias of the remainder is far below what a test could notice.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let length = u64::try_from(items.len()).unwrap();
        if length == 0 { None } else { items.get(usize::try_from(self.below(length)).unwrap()) }
    }
}
