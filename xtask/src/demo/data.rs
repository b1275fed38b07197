//! What the three made-up businesses send: who they are, when they work, what they offer and ask.

use serde_json::{Value, json};

/// A business: its profile, then everything else in an order in which each names only what came
/// before it.
pub struct Business {
    /// Where its data lives, as in a sign-up.
    pub region: &'static str,
    /// `PUT profile`.
    pub profile: Value,
    /// Path below the tenant, and what is PUT there.
    pub things: Vec<(String, Value)>,
}

const WEEKDAYS: [&str; 5] = ["monday", "tuesday", "wednesday", "thursday", "friday"];
/// Years for which the fixed days off are sent.
const YEARS: std::ops::RangeInclusive<u16> = 2026..=2030;

/// Fjord Physiotherapy in Oslo. Ingrid's calendar is a feed on `site`.
pub fn fjord(site: &str) -> Business {
    let mut things = fjord_people();
    let url = format!("{site}/calendars/ingrid.ics");
    things.push(thing(
        "feeds/ingrid",
        json!({ "host": "ingrid", "url": url }),
    ));
    things.extend(fjord_services());
    things.extend(fjord_fields());
    Business {
        region: "eu",
        profile: json!({ "name": "Fjord Physiotherapy", "accent": "#14576b" }),
        things,
    }
}

fn fjord_people() -> Vec<(String, Value)> {
    let mut things = vec![
        thing(
            "schedules/ingrid",
            norwegian(&[(&WEEKDAYS, "09:00", "16:00")]),
        ),
        thing(
            "schedules/jonas",
            norwegian(&[
                (&["tuesday"], "12:00", "18:30"),
                (&["thursday"], "10:00", "18:30"),
            ]),
        ),
        thing(
            "schedules/leila",
            norwegian(&[
                (&["monday", "wednesday"], "08:00", "12:00"),
                (&["monday", "wednesday"], "12:30", "16:00"),
                (&["saturday"], "10:00", "14:00"),
            ]),
        ),
    ];
    for person in ["ingrid", "jonas", "leila"] {
        // Closed besides the public holidays.
        things.extend(days_off(person, &["12-24"]));
    }
    things.extend([
        thing(
            "hosts/ingrid",
            json!({ "name": "Ingrid Solberg", "schedule": "ingrid" }),
        ),
        thing(
            "hosts/jonas",
            json!({ "name": "Jonas Aune", "schedule": "jonas" }),
        ),
        thing(
            "hosts/leila",
            json!({ "name": "Leila Haddad", "schedule": "leila" }),
        ),
        thing("resources/room-2", json!({ "name": "Room 2" })),
    ]);
    things
}

/// A schedule in Oslo, closed on Norway's public holidays.
fn norwegian(rules: &[(&[&str], &str, &str)]) -> Value {
    let mut body = schedule("Europe/Oslo", rules);
    body["holidays"] = json!({ "country": "NO" });
    body
}

fn fjord_services() -> [(String, Value); 4] {
    [
        thing(
            "services/first-consultation",
            json!({
                "name": "First consultation",
                "description": "We talk about what brings you here, examine how you move, and make a plan together.",
                "location": "Storgata 12, second floor, 0184 Oslo",
                "duration_minutes": 45,
                "slot_step_minutes": 45,
                "buffer_after_minutes": 15,
                "minimum_notice_minutes": 120,
                "booking_window_days": 90,
                "hosts": ["ingrid", "jonas"],
            }),
        ),
        thing(
            "services/follow-up",
            json!({
                "name": "Follow-up",
                "description": "We look at what has changed and take the plan further.",
                "location": "Storgata 12, second floor, 0184 Oslo",
                "duration_minutes": 30,
                "other_durations_minutes": [50],
                "slot_step_minutes": 30,
                "buffer_after_minutes": 5,
                "minimum_notice_minutes": 60,
                "booking_window_days": 90,
                "hosts": ["ingrid", "jonas", "leila"],
                "booker_names_host": true,
            }),
        ),
        thing(
            "services/running-analysis",
            json!({
                "name": "Running analysis",
                "description": "On the treadmill and on film. Bring the shoes you run in.",
                "location": "Storgata 12, basement, 0184 Oslo",
                "duration_minutes": 60,
                "slot_step_minutes": 60,
                "buffer_before_minutes": 15,
                "buffer_after_minutes": 15,
                "minimum_notice_minutes": 1440,
                "booking_window_days": 60,
                "hosts": ["leila"],
            }),
        ),
        thing(
            "services/back-class",
            json!({
                "name": "Back class",
                "description": "Six people, mats and slow strength. No need to be in shape.",
                "location": "Storgata 12, basement, 0184 Oslo",
                "duration_minutes": 60,
                "slot_step_minutes": 120,
                "minimum_notice_minutes": 60,
                "booking_window_days": 60,
                "seats": 6,
                "hosts": ["jonas"],
                "resources": [{ "any_of": ["room-2"] }],
            }),
        ),
    ]
}

fn fjord_fields() -> [(String, Value); 3] {
    [
        field(1, "phone", json!({ "label": "Phone", "kind": "phone" })),
        field(
            2,
            "where",
            json!({
                "label": "Where does it hurt?",
                "kind": "choice",
                "options": ["Neck or back", "Shoulder or arm", "Hip or knee", "Foot or ankle", "Nowhere yet"],
            }),
        ),
        field(
            3,
            "note",
            json!({ "label": "What should we know?", "kind": "long_text" }),
        ),
    ]
}

/// Harbor Cycle Works in Portland, Maine. No calendar: the schedule says it all.
pub fn harbor() -> Business {
    let mut things = harbor_people();
    things.extend(harbor_services());
    things.extend(harbor_fields());
    Business {
        region: "us",
        profile: json!({ "name": "Harbor Cycle Works", "accent": "#ffb454" }),
        things,
    }
}

fn harbor_people() -> Vec<(String, Value)> {
    let zone = "America/New_York";
    let mut things = vec![
        thing(
            "schedules/stand-one",
            schedule(
                zone,
                &[(&WEEKDAYS, "08:00", "12:00"), (&WEEKDAYS, "13:00", "18:00")],
            ),
        ),
        thing(
            "schedules/stand-two",
            schedule(
                zone,
                &[(
                    &["tuesday", "wednesday", "thursday", "friday"],
                    "10:00",
                    "18:00",
                )],
            ),
        ),
    ];
    for stand in ["stand-one", "stand-two"] {
        things.extend(days_off(stand, &["01-01", "07-04", "12-24", "12-25"]));
    }
    things.extend([
        thing(
            "hosts/sam",
            json!({ "name": "Sam Whitaker", "schedule": "stand-one" }),
        ),
        thing(
            "hosts/rosa",
            json!({ "name": "Rosa Delgado", "schedule": "stand-two" }),
        ),
    ]);
    things
}

fn harbor_services() -> [(String, Value); 3] {
    [
        thing(
            "services/tune-up",
            json!({
                "name": "Tune-up",
                "description": "Brakes, gears, bearings and a wash. You can wait for it.",
                "location": "214 Commercial Street, Portland",
                "duration_minutes": 60,
                "slot_step_minutes": 60,
                "minimum_notice_minutes": 60,
                "booking_window_days": 45,
                "hosts": ["sam", "rosa"],
            }),
        ),
        thing(
            "services/bike-fitting",
            json!({
                "name": "Bike fitting",
                "description": "Saddle, bars and cleats, set to how you are built.",
                "location": "214 Commercial Street, Portland",
                "duration_minutes": 90,
                "slot_step_minutes": 30,
                "buffer_after_minutes": 30,
                "minimum_notice_minutes": 240,
                "booking_window_days": 60,
                "hosts": ["rosa"],
            }),
        ),
        thing(
            "services/wheel-check",
            json!({
                "name": "Wheel check",
                "description": "A wobble, a broken spoke, a slow leak.",
                "location": "214 Commercial Street, Portland",
                "duration_minutes": 20,
                "slot_step_minutes": 20,
                "buffer_after_minutes": 10,
                "booking_window_days": 30,
                "hosts": ["sam", "rosa"],
            }),
        ),
    ]
}

fn harbor_fields() -> [(String, Value); 3] {
    [
        field(
            1,
            "bike",
            json!({ "label": "Which bike is it?", "kind": "text", "required": true }),
        ),
        field(
            2,
            "kind",
            json!({
                "label": "What kind?",
                "kind": "choice",
                "options": ["Road", "Gravel", "Mountain", "City", "E-bike", "Cargo"],
            }),
        ),
        field(
            3,
            "overnight",
            json!({ "label": "You may keep it overnight", "kind": "checkbox" }),
        ),
    ]
}

/// Molonglo Optics in Canberra, closed on the public holidays of the territory.
pub fn molonglo() -> Business {
    let mut week = schedule(
        "Australia/Canberra",
        &[
            (&WEEKDAYS, "09:00", "17:00"),
            (&["saturday"], "09:00", "13:00"),
        ],
    );
    week["holidays"] = json!({ "country": "AU", "region": "ACT" });
    Business {
        region: "cbr",
        profile: json!({ "name": "Molonglo Optics", "accent": "#7a3b12" }),
        things: vec![
            thing("schedules/mia", week),
            thing(
                "hosts/mia",
                json!({ "name": "Mia Nguyen", "schedule": "mia" }),
            ),
            thing(
                "services/eye-examination",
                json!({
                    "name": "Eye examination",
                    "description": "Bring the glasses you wear now.",
                    "location": "12 Lonsdale Street, Braddon",
                    "duration_minutes": 40,
                    "slot_step_minutes": 40,
                    "minimum_notice_minutes": 60,
                    "booking_window_days": 60,
                    "hosts": ["mia"],
                }),
            ),
            field(1, "phone", json!({ "label": "Phone", "kind": "phone" })),
        ],
    }
}

fn thing(path: &str, body: Value) -> (String, Value) {
    (path.to_owned(), body)
}

fn field(position: u32, id: &str, mut body: Value) -> (String, Value) {
    body["position"] = position.into();
    (format!("fields/{id}"), body)
}

fn schedule(zone: &str, rules: &[(&[&str], &str, &str)]) -> Value {
    let rules: Vec<_> = rules
        .iter()
        .flat_map(|(days, start, end)| {
            days.iter()
                .map(move |day| json!({ "weekday": day, "start": start, "end": end }))
        })
        .collect();
    json!({ "zone": zone, "rules": rules })
}

/// Date overrides that close `days` (month and day) of the next years.
fn days_off(schedule: &str, days: &[&str]) -> Vec<(String, Value)> {
    YEARS
        .flat_map(|year| days.iter().map(move |day| (year, day)))
        .map(|(year, day)| {
            let path = format!("schedules/{schedule}/overrides/{year}-{day}");
            thing(&path, json!({ "spans": [] }))
        })
        .collect()
}
