//! A desk: a flow with a clock, and with what it asked for kept for the tests to answer.

use slotstead_shared::{
    Date, Stamp,
    ids::{BookingId, HoldId},
    problem::{FieldError, Problem, ProblemKind},
    wire::{
        BookedView, Booking, BookingStatus, Field, FieldInput, FieldKind, Hold, OfferedService,
        Profile, Session, Slot, SlotDay, Slots,
    },
};

use crate::{
    api::{Call, HttpRequest, Outcome, Place, Reply, Silence},
    capability::Capability,
    dates::Locale,
    flow::{Effect, Event, Flow, Focus, Millis, Setup, Ticket},
    form::Key,
    words::Language,
};

pub(super) struct Desk {
    pub flow: Flow,
    pub now: Millis,
    /// Asked and not answered yet.
    pub asked: Vec<(Ticket, Call, Box<HttpRequest>)>,
    /// Everything ever asked.
    pub history: Vec<(Call, Box<HttpRequest>)>,
    pub said: Vec<String>,
    pub focus: Vec<Focus>,
}

pub(super) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn stamp(text: &str) -> Stamp {
    text.parse().unwrap()
}

pub(super) fn service(id: &str) -> OfferedService {
    OfferedService {
        id: id.parse().unwrap(),
        name: "First consultation".to_owned(),
        description: None,
        location: None,
        duration_minutes: 45,
        other_durations_minutes: Vec::new(),
        zone: "Europe/Oslo".to_owned(),
        hosts: vec!["Ingrid".to_owned()],
        together: false,
        host_choices: Vec::new(),
    }
}

pub(super) fn setup() -> Setup {
    Setup {
        place: Place {
            edge: "https://edge.example".to_owned(),
            tenant: "us_x".to_owned(),
        },
        service: None,
        manage: None,
        zone: "Europe/London".to_owned(),
        today: date("2027-03-02"),
        locale: Locale::default(),
        language: Language::English,
    }
}

pub(super) fn session(services: &[&str], token: &str) -> Outcome {
    session_of(services.iter().map(|id| service(id)).collect(), token)
}

pub(super) fn session_of(services: Vec<OfferedService>, token: &str) -> Outcome {
    Outcome::Done(Reply::Session(Box::new(Session {
        token: token.to_owned(),
        expires_in_seconds: 900,
        profile: Profile {
            name: "Fjord".to_owned(),
            accent: None,
        },
        services,
        fields: vec![Field {
            id: "note".parse().unwrap(),
            input: FieldInput {
                label: "Note".to_owned(),
                kind: FieldKind::LongText,
                required: false,
                options: Vec::new(),
                position: 0,
            },
        }],
    })))
}

pub(super) const ELEVENTH: &str = "2027-03-11T13:30:00+00:00";
pub(super) const ELEVENTH_LATER: &str = "2027-03-11T14:15:00+00:00";
pub(super) const TWELFTH: &str = "2027-03-12T09:00:00+00:00";

pub(super) fn slot(start: &str) -> Slot {
    Slot {
        start: stamp(start),
        service_start: None,
        seats_left: None,
    }
}

/// Slots for a request, out of these starts.
pub(super) fn slots_of(call: &Call, starts: &[&str]) -> Outcome {
    let Call::Slots {
        service,
        from,
        to,
        zone,
        ..
    } = call
    else {
        panic!("a question for slots: {call:?}")
    };
    let mut days: Vec<SlotDay> = Vec::new();
    for start in starts {
        let slot = slot(start);
        let date = slot.start.date();
        if !(*from <= date && date < *to) {
            continue;
        }
        match days.last_mut() {
            Some(day) if day.date == date => day.slots.push(slot),
            _ => days.push(SlotDay {
                date,
                slots: vec![slot],
            }),
        }
    }
    let next_free = starts
        .iter()
        .map(|start| slot(start))
        .find(|slot| slot.start.date() >= *to);
    Outcome::Done(Reply::Slots(Slots {
        service: service.clone(),
        zone: zone.clone(),
        service_zone: "Europe/Oslo".to_owned(),
        today: date("2027-03-02"),
        now: stamp("2027-03-02T08:00:00+00:00"),
        last_date: date("2027-05-20"),
        next_free: next_free.filter(|_| days.is_empty()),
        days,
    }))
}

pub(super) fn problem(kind: ProblemKind) -> Problem {
    Problem {
        kind,
        title: "title".to_owned(),
        status: 400,
        detail: "What the server said.".to_owned(),
        errors: Vec::new(),
        alternatives: Vec::new(),
        retry_after_seconds: None,
        request_id: String::new(),
    }
}

pub(super) fn refused(kind: ProblemKind) -> Outcome {
    Outcome::Refused(Box::new(problem(kind)))
}

pub(super) fn wrong(fields: &[&str]) -> Outcome {
    let mut problem = problem(ProblemKind::InvalidField);
    problem.errors = fields
        .iter()
        .map(|field| FieldError::new(*field, "Not right"))
        .collect();
    Outcome::Refused(Box::new(problem))
}

pub(super) fn taken(alternatives: &[&str]) -> Outcome {
    let mut problem = problem(ProblemKind::SlotTaken);
    problem.alternatives = alternatives.iter().map(|start| slot(start)).collect();
    Outcome::Refused(Box::new(problem))
}

pub(super) fn limited(seconds: u32) -> Outcome {
    let mut problem = problem(ProblemKind::RateLimited);
    problem.retry_after_seconds = Some(seconds);
    Outcome::Refused(Box::new(problem))
}

pub(super) const LOST: Outcome = Outcome::Silent(Silence::TimedOut);
pub(super) const OFFLINE: Outcome = Outcome::Silent(Silence::Offline);

pub(super) fn booking_id() -> BookingId {
    BookingId::from_random([5; 16])
}

pub(super) fn hold_id() -> HoldId {
    HoldId::from_random([6; 16])
}

pub(super) fn held(start: &str) -> Outcome {
    Outcome::Done(Reply::Hold(Hold {
        id: hold_id(),
        service: "first".parse().unwrap(),
        start: stamp(start),
        expires_at: stamp(start),
        expires_in_seconds: 600,
    }))
}

pub(super) fn booked(status: BookingStatus, start: &str) -> Outcome {
    let start = stamp(start);
    Outcome::Done(Reply::Booked(Box::new(BookedView {
        booking: Booking {
            id: booking_id(),
            status,
            service: "first".parse().unwrap(),
            service_name: "First consultation".to_owned(),
            location: None,
            host: "ingrid".parse().unwrap(),
            host_name: "Ingrid".to_owned(),
            host_named: false,
            co_hosts: Vec::new(),
            resources: Vec::new(),
            start,
            end: start,
            service_start: start,
            service_end: start,
            zone: "Europe/London".to_owned(),
            service_zone: "Europe/Oslo".to_owned(),
            name: "Amal".to_owned(),
            email: "amal@example.com".to_owned(),
            answers: Vec::new(),
            sequence: 0,
            created_at: start,
            erased: false,
            can_change: status == BookingStatus::Confirmed,
        },
        capability: "cap".to_owned(),
        manage_url: "https://edge.example/manage/us_x#cap".to_owned(),
        calendar_file: String::new(),
    })))
}

pub(super) fn link() -> Setup {
    let capability = Capability {
        booking: booking_id(),
        token: "link".to_owned(),
    };
    Setup {
        manage: Some(Some(capability)),
        ..setup()
    }
}

impl Desk {
    pub fn new(setup: Setup) -> Self {
        let now = 1_000;
        let (flow, effects) = Flow::start(setup, now);
        let mut desk = Self {
            flow,
            now,
            asked: Vec::new(),
            history: Vec::new(),
            said: Vec::new(),
            focus: Vec::new(),
        };
        desk.take(effects);
        desk
    }

    /// In the month, with three free times.
    pub fn in_month() -> Self {
        let mut desk = Self::new(setup());
        desk.on(Event::Answered(Ticket::FIRST, session(&["first"], "t1")));
        desk.answer_slots(&[ELEVENTH, ELEVENTH_LATER, TWELFTH]);
        desk
    }

    /// In the form, with a hold and everything filled in.
    pub fn in_form() -> Self {
        let mut desk = Self::in_month();
        desk.pick(ELEVENTH);
        desk.answer_keep(held(ELEVENTH));
        desk.fill();
        desk
    }

    /// With a booking.
    pub fn booked() -> Self {
        let mut desk = Self::in_form();
        desk.submit("k1");
        desk.answer_book(booked(BookingStatus::Confirmed, ELEVENTH));
        desk
    }

    pub fn fill(&mut self) {
        self.on(Event::Edit(Key::Name, "Amal".to_owned()));
        self.on(Event::Edit(Key::Email, "amal@example.com".to_owned()));
        self.on(Event::Edit(
            Key::Answer("note".parse().unwrap()),
            "hello".to_owned(),
        ));
    }

    pub fn typed(&self) -> Vec<String> {
        self.flow
            .form()
            .questions()
            .iter()
            .map(|question| question.value.clone())
            .collect()
    }

    pub fn on(&mut self, event: Event) {
        let effects = self.flow.on(event, self.now);
        self.take(effects);
    }

    pub fn later(&mut self, ms: Millis) {
        self.now += ms;
        self.on(Event::Tick);
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(ticket, call, request) => {
                    self.history.push((call.clone(), request.clone()));
                    self.asked.push((ticket, call, request));
                }
                Effect::Focus(target) => self.focus.push(target),
                Effect::Announce(text) => self.said.push(text),
            }
        }
    }

    pub fn pick(&mut self, start: &str) {
        self.on(Event::PickTime(stamp(start)));
    }

    pub fn submit(&mut self, key: &str) {
        self.on(Event::Submit(key.to_owned()));
    }

    /// Answers the oldest open question of a kind.
    pub fn answer(&mut self, wanted: impl Fn(&Call) -> bool, outcome: Outcome) {
        let place = self.asked.iter().position(|(_, call, _)| wanted(call));
        let (ticket, ..) = self.asked.remove(place.expect("such a question is open"));
        self.on(Event::Answered(ticket, outcome));
    }

    pub fn answer_keep(&mut self, outcome: Outcome) {
        self.answer(|call| matches!(call, Call::Keep(_)), outcome);
    }

    pub fn answer_book(&mut self, outcome: Outcome) {
        self.answer(|call| matches!(call, Call::Book { .. }), outcome);
    }

    /// Answers all open questions for slots, and those that follow from the answers.
    pub fn answer_slots(&mut self, starts: &[&str]) {
        while let Some(place) = self
            .asked
            .iter()
            .position(|(_, call, _)| matches!(call, Call::Slots { .. }))
        {
            let (ticket, call, _) = self.asked.remove(place);
            self.on(Event::Answered(ticket, slots_of(&call, starts)));
        }
    }

    pub fn open_count(&self, wanted: impl Fn(&Call) -> bool) -> usize {
        self.asked
            .iter()
            .filter(|(_, call, _)| wanted(call))
            .count()
    }

    /// The idempotency keys of all bookings ever sent.
    pub fn keys(&self) -> Vec<&str> {
        self.history
            .iter()
            .filter_map(|(call, _)| match call {
                Call::Book { key, .. } | Call::Move { key, .. } => Some(key.as_str()),
                _ => None,
            })
            .collect()
    }
}
