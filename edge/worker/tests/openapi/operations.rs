//! What the route table does not know of each route: words, body, parameters, answers.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use slotstead_shared::{
    Date, Stamp, WallTime,
    ids::{HostId, ServiceId},
    wire::{
        BookedView, BookingPage, BookingRecord, DateOverride, Erasure, ErasurePage, Export, Feed,
        FeedInput, Field, FieldInput, Hold, Host, HostInput, IssuedToken, Items, NewBooking,
        NewErasure, NewHold, NewToken, Origins, OverrideInput, OverridesInput, Profile, Reasons,
        Reschedule, Residency, Resource, ResourceInput, Schedule, ScheduleInput, Service,
        ServiceInput, Session, SignUp, SignedUp, Slots, TokenView,
    },
};

/// Makes a reference to a type's schema.
pub type Of = fn(&mut SchemaGenerator) -> Schema;

/// A query parameter: name, whether it is required, schema, words.
pub type Parameter = (&'static str, bool, Of, &'static str);

/// What is in a good answer.
#[derive(Clone, Copy)]
pub enum Body {
    /// Nothing.
    Nothing,
    /// A type of ours as JSON.
    Json(Of),
    /// Something else, by its media type.
    Other(&'static str),
}

/// The rest of an operation.
pub struct Words {
    pub summary: &'static str,
    pub body: Option<Of>,
    pub status: u16,
    pub answer: Body,
    pub query: &'static [Parameter],
    /// Whether an `Idempotency-Key` is needed.
    pub idempotent: bool,
    /// What can go wrong here, beyond what can go wrong everywhere.
    pub problems: &'static [u16],
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

const fn get(summary: &'static str, answer: Body) -> Words {
    Words {
        summary,
        body: None,
        status: 200,
        answer,
        query: &[],
        idempotent: false,
        problems: &[],
    }
}

const fn list<T: JsonSchema>(summary: &'static str) -> Words {
    get(summary, Body::Json(of::<Items<T>>))
}

const fn put<T: JsonSchema, A: JsonSchema>(summary: &'static str) -> Words {
    Words {
        body: Some(of::<T>),
        problems: &[409],
        ..get(summary, Body::Json(of::<A>))
    }
}

const fn delete(summary: &'static str) -> Words {
    Words {
        status: 204,
        problems: &[409],
        ..get(summary, Body::Nothing)
    }
}

const FROM: Parameter = ("from", true, of::<Date>, "The first date, in `zone`.");

const TO: Parameter = (
    "to",
    true,
    of::<Date>,
    "The first date after the range, in `zone`; at most 92 days after `from`.",
);

const BOOKERS_ZONE: Parameter = (
    "zone",
    true,
    of::<String>,
    "The booker's zone: a name of the IANA database such as `Europe/London`.",
);

const MOVES: &[Parameter] = &[FROM, TO, BOOKERS_ZONE];

const SLOTS: &[Parameter] = &[
    ("service", true, of::<ServiceId>, "The service."),
    FROM,
    TO,
    BOOKERS_ZONE,
    DURATION,
    (
        "host",
        false,
        of::<HostId>,
        "The host whom the booker names, where the service lets them.",
    ),
];

const DURATION: Parameter = (
    "duration_minutes",
    false,
    of::<u32>,
    "One of the service's durations; its usual one without it.",
);

const REASONS: &[Parameter] = &[
    ("date", true, of::<Date>, "The date, in the service's zone."),
    (
        "time",
        false,
        of::<WallTime>,
        "This wall time alone, on a step or not.",
    ),
    DURATION,
];

const BOOKINGS: &[Parameter] = &[
    ("from", false, of::<Stamp>, "The earliest start."),
    ("to", false, of::<Stamp>, "The first start after the range."),
    (
        "after",
        false,
        of::<String>,
        "What `next` of the page before said.",
    ),
];

const PAGES: &[Parameter] = &[(
    "after",
    false,
    of::<String>,
    "What `next` of the page before said.",
)];

/// The words of the route with this name.
#[allow(
    clippy::too_many_lines,
    reason = "one arm a route, in the order of the table"
)]
pub fn words(name: &str) -> Words {
    match name {
        "index" => get("A word of greeting", Body::Other("text/html")),
        "health" => get("Whether the edge answers", Body::Other("application/json")),
        "openapi" => get("This document", Body::Other("application/json")),
        "loader" => get(
            "The script that puts the booker into a page",
            Body::Other("text/javascript"),
        ),
        "asset" => get(
            "A file of the booker",
            Body::Other("application/octet-stream"),
        ),
        "manage" => get(
            "The page on which a booker changes or cancels a booking",
            Body::Other("text/html"),
        ),
        "signUp" => Words {
            body: Some(of::<SignUp>),
            status: 201,
            problems: &[409],
            ..get("Signs a tenant up in a region", Body::Json(of::<SignedUp>))
        },
        "openSession" => Words {
            status: 201,
            problems: &[403, 429],
            ..get(
                "Opens a session for a page of an allowed origin",
                Body::Json(of::<Session>),
            )
        },
        "listTokens" => list::<TokenView>("Lists the owner's tokens"),
        "issueToken" => Words {
            body: Some(of::<NewToken>),
            status: 201,
            problems: &[409],
            ..get(
                "Issues a token with some of this token's scopes",
                Body::Json(of::<IssuedToken>),
            )
        },
        "revokeToken" => delete("Revokes a token, at once and for good"),
        "getProfile" => get("The business as bookers see it", Body::Json(of::<Profile>)),
        "putProfile" => put::<Profile, Profile>("Changes it"),
        "getOrigins" => get(
            "The origins whose pages may carry the booker",
            Body::Json(of::<Origins>),
        ),
        "putOrigins" => put::<Origins, Origins>("Replaces them"),
        "listServices" => list::<Service>("Lists the services"),
        "putService" => put::<ServiceInput, Service>("Makes or replaces a service"),
        "deleteService" => delete("Removes a service; its bookings stay"),
        "listHosts" => list::<Host>("Lists the hosts"),
        "putHost" => put::<HostInput, Host>("Makes or replaces a host"),
        "deleteHost" => delete("Removes a host that no service needs"),
        "listResources" => list::<Resource>("Lists the resources"),
        "putResource" => put::<ResourceInput, Resource>("Makes or replaces a resource"),
        "deleteResource" => delete("Removes a resource that no service needs"),
        "listSchedules" => list::<Schedule>("Lists the schedules"),
        "putSchedule" => put::<ScheduleInput, Schedule>("Makes or replaces a schedule"),
        "deleteSchedule" => delete("Removes a schedule that no host or resource needs"),
        "listOverrides" => list::<DateOverride>("Lists the date overrides of a schedule"),
        "putOverride" => put::<OverrideInput, DateOverride>("Replaces the rules of one date"),
        "putOverrides" => put::<OverridesInput, Items<DateOverride>>(
            "Replaces the rules of several dates; those that stand stay",
        ),
        "deleteOverride" => delete("Gives a date its rules back"),
        "listFields" => list::<Field>("Lists the booking fields, in the order of the form"),
        "putField" => put::<FieldInput, Field>("Makes or replaces a booking field"),
        "deleteField" => delete("Removes a booking field; answers given stay"),
        "residency" => get(
            "Says where the tenant's data is: each place, what it holds, what enforces it",
            Body::Json(of::<Residency>),
        ),
        "listFeeds" => list::<Feed>("Lists the calendar feeds and how they fare"),
        "putFeed" => put::<FeedInput, Feed>("Makes or replaces a calendar feed"),
        "deleteFeed" => delete("Removes a feed and its busy blocks"),
        "syncFeed" => Words {
            status: 202,
            ..get("Has a feed fetched now", Body::Nothing)
        },
        "offerSlots" => Words {
            query: SLOTS,
            problems: &[422],
            ..get("Offers slots", Body::Json(of::<Slots>))
        },
        "explain" => Words {
            query: REASONS,
            problems: &[422],
            ..get(
                "Why times of a date are not offered, for every host",
                Body::Json(of::<Reasons>),
            )
        },
        "placeHold" => Words {
            body: Some(of::<NewHold>),
            status: 201,
            problems: &[409, 429],
            ..get("Keeps a slot for ten minutes", Body::Json(of::<Hold>))
        },
        "releaseHold" => delete("Lets a hold go"),
        "book" => Words {
            body: Some(of::<NewBooking>),
            status: 201,
            idempotent: true,
            problems: &[409, 429],
            ..get(
                "Confirms a hold, or books without one",
                Body::Json(of::<BookedView>),
            )
        },
        "listBookings" => Words {
            query: BOOKINGS,
            problems: &[422],
            ..get("Lists bookings by start", Body::Json(of::<BookingPage>))
        },
        "getBooking" => get("A booking", Body::Json(of::<BookedView>)),
        "offerMoves" => Words {
            query: MOVES,
            problems: &[409, 422, 429],
            ..get("Offers slots to move a booking to", Body::Json(of::<Slots>))
        },
        "cancel" => Words {
            problems: &[409, 429],
            ..get("Cancels a booking", Body::Json(of::<BookedView>))
        },
        "reschedule" => Words {
            body: Some(of::<Reschedule>),
            idempotent: true,
            problems: &[409, 429],
            ..get(
                "Moves a booking to another start",
                Body::Json(of::<BookedView>),
            )
        },
        "exportBooking" => get(
            "All that is stored of a booking",
            Body::Json(of::<BookingRecord>),
        ),
        "exportBookingCsv" => get("A booking as CSV", Body::Other("text/csv")),
        "export" => Words {
            query: PAGES,
            problems: &[422],
            ..get(
                "All that is stored of a tenant, in pages",
                Body::Json(of::<Export>),
            )
        },
        "exportCsv" => Words {
            query: PAGES,
            problems: &[422],
            ..get("All bookings as CSV, in pages", Body::Other("text/csv"))
        },
        "eraseBooker" => Words {
            status: 202,
            problems: &[429],
            ..get(
                "Erases whoever made a booking; one to come is cancelled",
                Body::Json(of::<Erasure>),
            )
        },
        "erasePerson" => Words {
            body: Some(of::<NewErasure>),
            status: 202,
            problems: &[404],
            ..get(
                "Erases everybody who booked under an e-mail address",
                Body::Json(of::<Erasure>),
            )
        },
        "listErasures" => Words {
            query: PAGES,
            problems: &[422],
            ..get(
                "Lists erasures, the newest first",
                Body::Json(of::<ErasurePage>),
            )
        },
        other => panic!("the route {other} has no words: add them here"),
    }
}
