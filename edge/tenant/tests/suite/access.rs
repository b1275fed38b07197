//! Who may do what: tokens and scopes, visitors, bookers, other tenants, and rates.

use serde_json::json;
use slotstead_shared::{
    ids::{BookingId, TokenId},
    wire::Scope,
};
use slotstead_tenant::{
    Actor, Answer, Call, Command, Refusal, Reply, Settings,
    effect::{FetchFailure, Outcome},
};

use crate::kit::{
    ORIGIN, World, book, booker, is_conflict, is_missing, moves, offer, owner, reschedule,
    settings, slug, tenant_id, token_id, visitor, wire, wrong,
};

const NOON: &str = "2027-03-01T12:00:00+01:00";

/// One command of every kind, with the scope that an owner's token needs for it.
#[allow(clippy::too_many_lines, reason = "a list")]
fn commands(id: &BookingId) -> Vec<(Command, Option<Scope>)> {
    use Scope::{BookingsRead, BookingsWrite, SetupRead, SetupWrite, TokensWrite};
    let hold = json!({ "service": "consult", "start": NOON, "zone": "UTC" });
    let schedule = wire(json!({ "zone": "UTC", "rules": [] }));
    let feed = wire(json!({ "host": "amal", "url": "https://calendar.example/a.ics" }));
    let field = wire(json!({ "label": "Why?", "kind": "text" }));
    let service = wire(crate::kit::consult());
    let host = wire(json!({ "name": "Zoe", "schedule": "weekdays" }));
    let date = slug("2027-12-24");
    let value = wire(json!({ "spans": [] }));
    let new_token = wire(json!({ "name": "Second", "scopes": ["tokens:write"] }));
    let outcome = Outcome::Failed(FetchFailure::TimedOut);
    let session = "s9".to_owned();
    vec![
        (create(), None),
        (
            Command::IssueToken {
                id: token_id(7),
                token: new_token,
            },
            Some(TokensWrite),
        ),
        (Command::ListTokens, Some(TokensWrite)),
        (Command::RevokeToken { id: token_id(7) }, Some(TokensWrite)),
        (Command::GetProfile, Some(SetupRead)),
        (
            Command::PutProfile {
                profile: wire(json!({ "name": "New" })),
            },
            Some(SetupWrite),
        ),
        (Command::GetOrigins, Some(SetupRead)),
        (
            Command::PutOrigins {
                origins: wire(json!({ "origins": [ORIGIN] })),
            },
            Some(SetupWrite),
        ),
        (Command::ListServices, Some(SetupRead)),
        (
            Command::PutService {
                id: slug("new"),
                service,
            },
            Some(SetupWrite),
        ),
        (
            Command::DeleteService { id: slug("none") },
            Some(SetupWrite),
        ),
        (Command::ListHosts, Some(SetupRead)),
        (
            Command::PutHost {
                id: slug("zoe"),
                host,
            },
            Some(SetupWrite),
        ),
        (Command::DeleteHost { id: slug("none") }, Some(SetupWrite)),
        (Command::ListSchedules, Some(SetupRead)),
        (
            Command::PutSchedule {
                id: slug("new"),
                schedule,
            },
            Some(SetupWrite),
        ),
        (
            Command::DeleteSchedule { id: slug("none") },
            Some(SetupWrite),
        ),
        (
            Command::ListOverrides {
                schedule: slug("weekdays"),
            },
            Some(SetupRead),
        ),
        (
            Command::PutOverride {
                schedule: slug("weekdays"),
                date,
                value,
            },
            Some(SetupWrite),
        ),
        (
            Command::DeleteOverride {
                schedule: slug("weekdays"),
                date,
            },
            Some(SetupWrite),
        ),
        (Command::ListFields, Some(SetupRead)),
        (
            Command::PutField {
                id: slug("why"),
                field,
            },
            Some(SetupWrite),
        ),
        (Command::DeleteField { id: slug("none") }, Some(SetupWrite)),
        (Command::ListFeeds, Some(SetupRead)),
        (Command::Residency, Some(SetupRead)),
        (
            Command::PutFeed {
                id: slug("new"),
                feed,
            },
            Some(SetupWrite),
        ),
        (Command::DeleteFeed { id: slug("none") }, Some(SetupWrite)),
        (Command::SyncFeed { id: slug("none") }, Some(SetupWrite)),
        (Command::CheckOrigin, None),
        (Command::OpenSession, None),
        (
            offer("consult", "2027-03-01", "2027-03-02", "UTC"),
            Some(SetupRead),
        ),
        (
            Command::PlaceHold {
                hold: wire(hold),
                session,
            },
            None,
        ),
        (
            Command::ReleaseHold {
                id: slug("hld_00000000000000000000000000"),
            },
            None,
        ),
        (
            book("access", "2027-03-01T14:00:00+01:00", None),
            Some(BookingsWrite),
        ),
        (Command::GetBooking { id: id.clone() }, Some(BookingsRead)),
        (moves(id, "2027-03-01", "2027-03-02"), Some(BookingsRead)),
        (Command::Cancel { id: id.clone() }, Some(BookingsWrite)),
        (
            reschedule("access", id, "2027-03-01T15:00:00+01:00"),
            Some(BookingsWrite),
        ),
        (
            Command::ErasePerson {
                erasure: wire(json!({ "email": "nobody@example.com" })),
            },
            Some(BookingsWrite),
        ),
        (Command::Export { after: None }, Some(TokensWrite)),
        (
            Command::ExportBooking { id: id.clone() },
            Some(BookingsRead),
        ),
        (Command::ListErasures { after: None }, Some(BookingsRead)),
        (Command::EraseBooker { id: id.clone() }, Some(BookingsWrite)),
        (
            Command::ListBookings {
                from: None,
                to: None,
                after: None,
            },
            Some(BookingsRead),
        ),
        (Command::TakeEffects { at_most: 1 }, None),
        (Command::SettleEffect { id: 1, outcome }, None),
    ]
}

fn create() -> Command {
    let sign_up = wire(json!({ "name": "Fjord Physio", "region": "eu" }));
    Command::CreateTenant {
        sign_up,
        token: token_id(1),
    }
}

/// Whether the actor was let in, whatever the command then said.
fn let_in(answer: &Answer) -> bool {
    !matches!(
        answer,
        Err(Refusal::NotAllowed
            | Refusal::TokenRevoked
            | Refusal::NoTenant
            | Refusal::OriginNotAllowed)
    )
}

/// A demo world with a booking and a token with all scopes but one.
fn world(scopes: &[Scope]) -> (World, BookingId) {
    let mut world = World::demo();
    let id = world.booked("k1", NOON).id;
    if !scopes.is_empty() {
        let token = wire(json!({ "name": "Some", "scopes": scopes }));
        world.own(Command::IssueToken {
            id: token_id(2),
            token,
        });
    }
    (world, id)
}

#[test]
fn a_token_does_what_its_scopes_say_and_nothing_else() {
    let (mut full, id) = world(&[]);
    for missing in Scope::ALL {
        let scopes: Vec<Scope> = Scope::ALL
            .into_iter()
            .filter(|one| *one != missing)
            .collect();
        let (mut world, same_id) = world(&scopes);
        assert_eq!(id, same_id);
        let some = Actor::Owner { token: token_id(2) };
        for (command, scope) in commands(&id) {
            let answer = world.ask(&some, command.clone());
            let allowed = scope.is_some_and(|scope| scope != missing);
            assert_eq!(
                let_in(&answer),
                allowed,
                "{missing:?} {command:?}: {answer:?}"
            );
        }
    }
    for (command, scope) in commands(&id) {
        let answer = full.ask(&owner(), command);
        assert_eq!(let_in(&answer), scope.is_some(), "{answer:?}");
    }
}

#[test]
fn visitors_bookers_the_operator_and_the_region_host_have_their_own_commands() {
    let (_, id) = world(&[]);
    for (place, (command, _)) in commands(&id).into_iter().enumerate() {
        let (mut world, id) = world(&[]);
        let text = format!("{command:?}");
        let is = |names: &[&str]| names.iter().any(|name| text.starts_with(name));
        let visitors = is(&[
            "CheckOrigin",
            "OpenSession",
            "OfferSlots",
            "PlaceHold",
            "ReleaseHold",
            "Book ",
        ]);
        let bookers = is(&[
            "GetBooking",
            "OfferMoves",
            "Cancel",
            "Reschedule",
            "EraseBooker",
            "ExportBooking",
        ]);
        let host = is(&["TakeEffects", "SettleEffect"]);
        let operator = is(&["CreateTenant"]);
        for (actor, allowed) in [
            (visitor(), visitors),
            (booker(&id), bookers),
            (Actor::RegionHost, host),
            (Actor::Operator, operator),
        ] {
            let answer = world.ask(&actor, command.clone());
            assert_eq!(
                let_in(&answer),
                allowed,
                "{place} {actor:?} {text}: {answer:?}"
            );
        }
    }
}

#[test]
fn a_refused_command_changes_nothing() {
    let (mut world, id) = world(&[]);
    let stranger = Actor::Visitor {
        origin: "https://evil.example".to_owned(),
        client: "c".to_owned(),
    };
    let unknown = Actor::Owner { token: token_id(9) };
    let before = world.dump();
    for (command, _) in commands(&id) {
        for actor in [&stranger, &unknown] {
            assert!(!let_in(&world.ask(actor, command.clone())), "{command:?}");
        }
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn a_revoked_token_is_refused_at_once() {
    let (mut world, _) = world(&Scope::ALL);
    let second = Actor::Owner { token: token_id(2) };
    world.ask(&second, Command::ListHosts).unwrap();
    world.own(Command::RevokeToken { id: token_id(2) });
    assert_eq!(
        world.ask(&second, Command::ListHosts),
        Err(Refusal::TokenRevoked)
    );
    assert!(is_missing(
        &world.ask(&owner(), Command::RevokeToken { id: token_id(2) })
    ));
}

#[test]
fn a_capability_that_an_owner_was_given_is_revoked_with_the_token() {
    let (mut world, id) = world(&Scope::ALL);
    let given_to = |token: Option<TokenId>| Actor::Booker {
        booking: id.clone(),
        client: "client".to_owned(),
        token,
    };
    let get = Command::GetBooking { id: id.clone() };
    let of_second = given_to(Some(token_id(2)));
    world.ask(&of_second, get.clone()).unwrap();
    world.own(Command::RevokeToken { id: token_id(2) });
    let cancel = Command::Cancel { id: id.clone() };
    for command in [get.clone(), cancel] {
        assert_eq!(world.ask(&of_second, command), Err(Refusal::TokenRevoked));
    }
    world
        .ask(&given_to(Some(token_id(1))), get.clone())
        .unwrap();
    world.ask(&given_to(None), get).unwrap();
}

#[test]
fn tokens_are_issued_listed_and_limited() {
    let mut world = World::demo();
    let issue = |number: u8, name: &str, scopes: &[&str]| Command::IssueToken {
        id: token_id(number),
        token: wire(json!({ "name": name, "scopes": scopes })),
    };
    assert_eq!(
        wrong(world.ask(&owner(), issue(2, " ", &[]))),
        ["name", "scopes"]
    );
    let twice = issue(
        2,
        " Calendar ",
        &["tokens:write", "setup:read", "setup:read"],
    );
    let scopes = vec![Scope::SetupRead, Scope::TokensWrite];
    assert_eq!(
        world.own(twice),
        Reply::TokenIssued {
            scopes: scopes.clone()
        }
    );
    assert!(is_conflict(
        &world.ask(&owner(), issue(2, "Again", &["setup:read"]))
    ));
    let Reply::Tokens(tokens) = world.own(Command::ListTokens) else {
        panic!()
    };
    assert_eq!((tokens.len(), tokens[1].name.as_str()), (2, "Calendar"));
    assert_eq!(tokens[1].scopes, scopes);
    // Nobody hands out more than they have.
    let second = Actor::Owner { token: token_id(2) };
    let more = issue(3, "More", &["setup:write"]);
    assert_eq!(world.ask(&second, more), Err(Refusal::NotAllowed));
    for number in 3..=50 {
        world.own(issue(number, "One", &["setup:read"]));
    }
    assert!(is_conflict(
        &world.ask(&owner(), issue(51, "Too many", &["setup:read"]))
    ));
}

#[test]
fn the_last_token_with_every_scope_stays_and_no_lesser_one_revokes_it() {
    let (mut world, _) = world(&[Scope::TokensWrite]);
    let issue = |number: u8, scopes: &[Scope]| Command::IssueToken {
        id: token_id(number),
        token: wire(json!({ "name": "Admin", "scopes": scopes })),
    };
    let revoke = |number: u8| Command::RevokeToken {
        id: token_id(number),
    };
    let lesser = Actor::Owner { token: token_id(2) };
    assert!(is_conflict(&world.ask(&owner(), revoke(1))));
    world.own(issue(3, &Scope::ALL));
    world.own(issue(4, &[Scope::SetupRead]));
    for number in [1, 3, 4] {
        assert_eq!(
            world.ask(&lesser, revoke(number)),
            Err(Refusal::NotAllowed),
            "{number}"
        );
    }
    world.ask(&lesser, revoke(2)).unwrap();
    world.own(Command::RevokeToken { id: token_id(1) });
    assert_eq!(
        world.ask(&owner(), Command::ListTokens),
        Err(Refusal::TokenRevoked)
    );
}

#[test]
fn a_store_belongs_to_one_tenant() {
    let (mut world, id) = world(&[]);
    let before = world.dump();
    let mut all = commands(&id);
    all.push((create(), None));
    for (command, _) in all {
        for actor in [
            owner(),
            visitor(),
            booker(&id),
            Actor::Operator,
            Actor::RegionHost,
        ] {
            let call = Call {
                tenant: tenant_id(2),
                actor,
                command: command.clone(),
            };
            assert_eq!(world.call(&call), Err(Refusal::NoTenant));
        }
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn a_tenant_is_created_once_by_the_operator() {
    let mut world = World::empty(settings());
    assert_eq!(
        world.ask(&owner(), Command::GetProfile),
        Err(Refusal::NoTenant)
    );
    assert_eq!(world.ask(&visitor(), create()), Err(Refusal::NotAllowed));
    assert_eq!(world.next_due(), None);
    let sign_up = wire(json!({ "name": " ", "region": "us" }));
    let bad = Command::CreateTenant {
        sign_up,
        token: token_id(1),
    };
    assert_eq!(wrong(world.ask(&Actor::Operator, bad)), ["name", "region"]);
    world.ask(&Actor::Operator, create()).unwrap();
    assert_eq!(
        world.ask(&Actor::Operator, create()),
        Err(Refusal::TenantExists)
    );
    assert_eq!(world.ask(&visitor(), create()), Err(Refusal::NotAllowed));
}

#[test]
fn visitors_and_bookers_are_limited_by_kind_and_client_and_owners_are_not() {
    let mut settings = Settings::default();
    settings.rates.sessions_per_minute = 2;
    settings.rates.holds_per_minute = 1;
    settings.rates.bookings_per_minute = 2;
    let mut world = World::demo_with(settings);
    let limited = |answer: &Answer| matches!(answer, Err(Refusal::RateLimited { .. }));
    world.ask(&visitor(), Command::OpenSession).unwrap();
    world.ask(&visitor(), Command::OpenSession).unwrap();
    let refused = world.ask(&visitor(), Command::OpenSession);
    assert_eq!(
        refused,
        Err(Refusal::RateLimited {
            retry_after_seconds: 30
        })
    );
    let other = Actor::Visitor {
        origin: ORIGIN.to_owned(),
        client: "other".to_owned(),
    };
    world.ask(&other, Command::OpenSession).unwrap();
    world.hold("consult", NOON, "s1").unwrap();
    assert!(limited(&world.hold(
        "consult",
        "2027-03-01T13:00:00+01:00",
        "s1"
    )));
    // Bookings, cancellations and reschedules, tries included, share one limit.
    let id = world.booked("k1", "2027-03-01T14:00:00+01:00").id;
    world.cancel(&id).unwrap();
    assert!(limited(&world.cancel(&id)));
    assert!(limited(&world.reschedule("k2", &id, NOON)));
    assert!(limited(&world.book("k1", "2027-03-01T14:00:00+01:00")));
    world.slots("consult", "2027-03-01", "2027-03-02", "UTC");
    for _ in 0..10 {
        world
            .ask(&owner(), Command::Cancel { id: id.clone() })
            .unwrap();
    }
    world.pass(30);
    world.ask(&visitor(), Command::OpenSession).unwrap();
    assert!(limited(&world.ask(&visitor(), Command::OpenSession)));
}

#[test]
fn looking_at_slots_and_the_bookings_of_a_day_are_limited_too() {
    let mut settings = Settings::default();
    settings.rates.slots_per_minute = 2;
    settings.rates.bookings_per_day = 2;
    let mut world = World::demo_with(settings);
    let limited = |answer: &Answer| matches!(answer, Err(Refusal::RateLimited { .. }));
    let look = offer("consult", "2027-03-01", "2027-03-02", "UTC");
    for _ in 0..2 {
        world.ask(&visitor(), look.clone()).unwrap();
    }
    assert!(limited(&world.ask(&visitor(), look.clone())));
    world.ask(&owner(), look).unwrap();
    let first = world.booked("k1", NOON).id;
    world.booked("k2", "2027-03-01T13:00:00+01:00");
    world.pass(3_600);
    let third = "2027-03-01T14:00:00+01:00";
    assert!(limited(&world.book("k3", third)));
    assert!(limited(&world.reschedule("k4", &first, third)));
    // What is booked can still be cancelled.
    world.cancel(&first).unwrap();
    world.pass(39_600);
    world.booked("k3", "2027-03-02T14:00:00+01:00");
}

/// A Durable Object that nobody asks for a while is gone from memory.
#[test]
fn the_bookings_of_a_day_are_limited_by_a_tenant_that_was_opened_again_too() {
    let mut settings = Settings::default();
    settings.rates.bookings_per_day = 3;
    let mut world = World::demo_with(settings.clone());
    let first = world.booked("k1", NOON).id;
    let limited = |answer: &Answer| matches!(answer, Err(Refusal::RateLimited { .. }));
    for key in ["k2", "k3"] {
        world.reopen(settings.clone());
        let taken = world.book(key, NOON);
        assert!(matches!(taken, Err(Refusal::SlotTaken { .. })), "{taken:?}");
    }
    world.reopen(settings.clone());
    let third = "2027-03-01T14:00:00+01:00";
    assert!(limited(&world.book("k4", third)));
    assert!(limited(&world.reschedule("k5", &first, third)));
    world.pass(86_400);
    world.reopen(settings);
    world.booked("k4", "2027-03-02T14:00:00+01:00");
}

#[test]
fn a_page_that_is_not_allowed_uses_up_nobodys_rate() {
    let mut settings = Settings::default();
    settings.rates.sessions_per_minute = 1;
    let mut world = World::demo_with(settings);
    let evil = Actor::Visitor {
        origin: "https://evil.example".to_owned(),
        client: "client".to_owned(),
    };
    for _ in 0..5 {
        assert_eq!(
            world.ask(&evil, Command::OpenSession),
            Err(Refusal::OriginNotAllowed)
        );
    }
    // An empty own origin is none, not one that an empty origin equals.
    let empty = Actor::Visitor {
        origin: String::new(),
        client: "client".to_owned(),
    };
    assert_eq!(
        world.ask(&empty, Command::OpenSession),
        Err(Refusal::OriginNotAllowed)
    );
    world.ask(&visitor(), Command::OpenSession).unwrap();
}
