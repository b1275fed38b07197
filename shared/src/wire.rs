//! The types on the wire: what the API's requests and answers look like as JSON.
//!
//! Types only; the rules live in the tenant. Times are [`Stamp`]s (an instant with
//! the offset it is seen at), durations carry their unit in their name. Request
//! types refuse unknown members, so that a misspelt one is an error and not silence.

use serde::{Deserialize, Serialize};

use crate::{
    Date, Region, Stamp, TenantId, WallTime,
    ids::{BookingId, FeedId, FieldId, HoldId, HostId, ScheduleId, ServiceId, TokenId},
};

// ---------------------------------------------------------------- sign-up and tokens

/// `POST /v1/tenants`, with the operator's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// The business, as bookers see it.
    pub name: String,
    /// Where its data will live. It cannot be changed later.
    pub region: Region,
}

/// The answer to a sign-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedUp {
    /// The tenant's id.
    pub tenant: TenantId,
    /// Its region.
    pub region: Region,
    /// The owner's first token, with every scope. Shown once.
    pub token: IssuedToken,
}

/// What an owner's token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// Read services, hosts, schedules, fields, origins and feeds.
    #[serde(rename = "setup:read")]
    SetupRead,
    /// Change them.
    #[serde(rename = "setup:write")]
    SetupWrite,
    /// Read bookings, with what bookers gave.
    #[serde(rename = "bookings:read")]
    BookingsRead,
    /// Make, cancel and reschedule bookings.
    #[serde(rename = "bookings:write")]
    BookingsWrite,
    /// Issue, list and revoke tokens.
    #[serde(rename = "tokens:write")]
    TokensWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::SetupRead,
        Self::SetupWrite,
        Self::BookingsRead,
        Self::BookingsWrite,
        Self::TokensWrite,
    ];
}

/// `POST /v1/{tenant}/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, so that the owner knows it again.
    pub name: String,
    /// What it may do; none of it more than the token that asks.
    pub scopes: Vec<Scope>,
}

/// An owner's token as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenView {
    /// Its id, for revoking it.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was issued.
    pub created_at: Stamp,
}

/// A token just issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssuedToken {
    /// Its id, for revoking it.
    pub id: TokenId,
    /// The token: `Authorization: Bearer <secret>`. Shown once, stored nowhere.
    pub secret: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// A list of things of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "{T}List"))]
pub struct Items<T> {
    /// The things, in the order of their ids unless said otherwise.
    pub items: Vec<T>,
}

// ---------------------------------------------------------------- what the owner sets up

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// Monday first.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];
}

/// A span of wall time within a day. An end at or before the start is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Its first minute.
    pub start: WallTime,
    /// The first minute after it.
    pub end: WallTime,
}

/// A weekly span in which a host can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AvailabilityRule {
    /// The day on which it starts.
    pub weekday: Weekday,
    /// Its first minute.
    pub start: WallTime,
    /// The first minute after it; at or before `start` means on the next day.
    pub end: WallTime,
}

/// `PUT /v1/{tenant}/schedules/{schedule}`: when somebody works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ScheduleInput {
    /// The IANA zone of its wall times: `Europe/Oslo`.
    pub zone: String,
    /// The weekly rules. Spans of one day may not overlap.
    pub rules: Vec<AvailabilityRule>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// The rest.
    #[serde(flatten)]
    pub input: ScheduleInput,
}

/// `PUT /v1/{tenant}/schedules/{schedule}/overrides/{date}`: replaces the rules of one local date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OverrideInput {
    /// The spans of that date; empty means closed.
    pub spans: Vec<Span>,
}

/// A date override.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DateOverride {
    /// The date, in the schedule's zone.
    pub date: Date,
    /// The spans of that date; empty means closed.
    pub spans: Vec<Span>,
}

/// `PUT /v1/{tenant}/hosts/{host}`: a person whose time a booking takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HostInput {
    /// As bookers see it.
    pub name: String,
    /// When the host works.
    pub schedule: ScheduleId,
}

/// A host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Host {
    /// Its id.
    pub id: HostId,
    /// The rest.
    #[serde(flatten)]
    pub input: HostInput,
}

/// `PUT /v1/{tenant}/services/{service}`: what is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceInput {
    /// As bookers see it.
    pub name: String,
    /// A sentence or two, shown under the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it takes place, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How long it takes.
    pub duration_minutes: u32,
    /// The distance between starts, counted from each rule's start.
    pub slot_step_minutes: u32,
    /// Kept free before.
    #[serde(default)]
    pub buffer_before_minutes: u32,
    /// Kept free after.
    #[serde(default)]
    pub buffer_after_minutes: u32,
    /// How long before its start a booking can still be made.
    #[serde(default)]
    pub minimum_notice_minutes: u32,
    /// The last bookable date: today in the schedule's zone plus this many days.
    pub booking_window_days: u32,
    /// Who can give it, in the order of preference; a booking takes the first who is free.
    pub hosts: Vec<HostId>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// The rest.
    #[serde(flatten)]
    pub input: ServiceInput,
}

/// How a booking field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A telephone number.
    Phone,
    /// One of the options.
    Choice,
    /// Yes or no; required means it must be yes. The answer is `yes` or absent.
    Checkbox,
}

/// `PUT /v1/{tenant}/fields/{field}`: a data point the owner asks for at booking (R40).
/// Name and e-mail are always asked for and need no field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldInput {
    /// The question.
    pub label: String,
    /// How it is filled in.
    pub kind: FieldKind,
    /// Whether an answer is needed. The server enforces it.
    #[serde(default)]
    pub required: bool,
    /// The options of a choice; empty for the other kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Its place in the form, ascending, then by id.
    #[serde(default)]
    pub position: u32,
}

/// A booking field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Field {
    /// Its id, the key of its answer.
    pub id: FieldId,
    /// The rest.
    #[serde(flatten)]
    pub input: FieldInput,
}

/// `GET` and `PUT /v1/{tenant}/origins`: the pages that may carry the widget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Origins {
    /// Serialised origins (RFC 6454 section 6.2): `https://example.com`, no path.
    pub origins: Vec<String>,
}

/// `GET` and `PUT /v1/{tenant}/profile`: the business as bookers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name of the business.
    pub name: String,
    /// The accent colour as `#rrggbb`; the widget picks the text colour on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
}

/// `PUT /v1/{tenant}/feeds/{feed}`: a calendar whose busy times block a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FeedInput {
    /// The host whose time it takes.
    pub host: HostId,
    /// The address of an .ics file, `https://…`. It often holds a secret, so it is never shown again.
    pub url: String,
}

/// How a feed fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FeedStatus {
    /// Never read yet. Its host offers nothing until it is: unknown means busy.
    Pending,
    /// The last fetch worked.
    Current,
    /// The last fetch failed; the last known busy blocks stay in place.
    Failing,
}

/// A calendar feed as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// The host whose time it takes.
    pub host: HostId,
    /// The host name in its address; the path may be a secret.
    pub source: String,
    /// How it fares.
    pub status: FeedStatus,
    /// Why the last fetch failed, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was last read with success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<Stamp>,
    /// When it will be fetched next.
    pub next_fetch_at: Stamp,
    /// Busy blocks known.
    pub busy_blocks: u32,
    /// A change at the source is seen within this time while the feed is current.
    pub freshness_seconds: u32,
}

// ---------------------------------------------------------------- the booker's way

/// What a booker sees of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OfferedService {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// A sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it takes place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How long it takes.
    pub duration_minutes: u32,
    /// The zone of the service: that of its first host's schedule.
    pub zone: String,
    /// The names of its hosts, in order.
    pub hosts: Vec<String>,
}

/// The answer to `POST /v1/{tenant}/sessions` (no body): all the widget needs for its first view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// `Authorization: Bearer <token>`, bound to this tenant and this page's origin.
    pub token: String,
    /// How long it lives.
    pub expires_in_seconds: u32,
    /// The business.
    pub profile: Profile,
    /// What it offers.
    pub services: Vec<OfferedService>,
    /// What it asks for, in the order of the form.
    pub fields: Vec<Field>,
}

/// A bookable start: computed, never stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Slot {
    /// The start in the booker's zone.
    pub start: Stamp,
    /// The start in the service's zone, where its wall time differs from `start`'s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_start: Option<Stamp>,
}

/// The slots of one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SlotDay {
    /// The date in the booker's zone.
    pub date: Date,
    /// Its slots, ascending; never empty.
    pub slots: Vec<Slot>,
}

/// The answer to `GET /v1/{tenant}/slots?service=…&from=2027-03-01&to=2027-04-01&zone=Europe/London`.
///
/// `from` and `to` are dates in `zone`, `to` not included, at most
/// [`crate::limits::SLOTS_RANGE_DAYS`] apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Slots {
    /// The service.
    pub service: ServiceId,
    /// The zone of `start` and `date`.
    pub zone: String,
    /// The zone of `service_start`.
    pub service_zone: String,
    /// Today in `zone`.
    pub today: Date,
    /// The instant the answer is true for, in `zone`.
    pub now: Stamp,
    /// The last date in `zone` on which something could be offered (end of the booking window).
    pub last_date: Date,
    /// The days with slots, ascending.
    pub days: Vec<SlotDay>,
    /// When `days` is empty: the first slot after the range within the booking window, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_free: Option<Slot>,
}

/// `POST /v1/{tenant}/holds`: keep a slot for ten minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    /// The service.
    pub service: ServiceId,
    /// The slot's start; any offset, the instant counts.
    pub start: Stamp,
    /// The booker's zone, for `alternatives`.
    pub zone: String,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hold {
    /// Its id; whoever knows it can confirm or release it.
    pub id: HoldId,
    /// The service.
    pub service: ServiceId,
    /// The start in the booker's zone.
    pub start: Stamp,
    /// When it lapses, in the booker's zone.
    pub expires_at: Stamp,
    /// Seconds from now until it lapses.
    pub expires_in_seconds: u32,
}

/// One answer to a booking field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The field.
    pub field: FieldId,
    /// What the booker wrote or chose; `yes` for a checkbox.
    pub value: String,
}

/// `POST /v1/{tenant}/bookings`, with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewBooking {
    /// The service.
    pub service: ServiceId,
    /// The slot's start; any offset, the instant counts.
    pub start: Stamp,
    /// The hold to confirm. Without one, or with one that has lapsed, the slot must still be free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    /// The booker's zone.
    pub zone: String,
    /// The booker's name.
    pub name: String,
    /// The booker's e-mail address.
    pub email: String,
    /// The answers to the owner's fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

/// The state of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// It stands.
    Confirmed,
    /// It was cancelled; the time is free again.
    Cancelled,
}

/// A booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// Its state.
    pub status: BookingStatus,
    /// The service.
    pub service: ServiceId,
    /// The service's name when it was booked.
    pub service_name: String,
    /// Where it takes place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The host.
    pub host: HostId,
    /// The host's name.
    pub host_name: String,
    /// The start in the booker's zone.
    pub start: Stamp,
    /// The end in the booker's zone.
    pub end: Stamp,
    /// The start in the service's zone.
    pub service_start: Stamp,
    /// The end in the service's zone.
    pub service_end: Stamp,
    /// The booker's zone.
    pub zone: String,
    /// The service's zone.
    pub service_zone: String,
    /// The booker's name.
    pub name: String,
    /// The booker's e-mail address.
    pub email: String,
    /// The booker's answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// How often it was changed: 0 at first, one more for each reschedule or cancel (RFC 5545 3.8.7.4).
    pub sequence: u32,
    /// When it was made.
    pub created_at: Stamp,
    /// Whether it can still be cancelled or rescheduled.
    pub can_change: bool,
}

/// A booking as its booker gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BookedView {
    /// The booking.
    #[serde(flatten)]
    pub booking: Booking,
    /// A token that reads, cancels and reschedules this booking and nothing else, until it starts.
    pub capability: String,
    /// The page to change or cancel it. The capability is in the fragment, which no server sees.
    pub manage_url: String,
    /// An iCalendar file of it (RFC 5545, `METHOD:PUBLISH`), one UID for life.
    pub calendar_file: String,
}

/// `POST /v1/{tenant}/bookings/{booking}/reschedule`, with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reschedule {
    /// The new start; any offset, the instant counts.
    pub start: Stamp,
    /// The booker's zone, which the booking takes over.
    pub zone: String,
}

/// `GET /v1/{tenant}/bookings?from=…&to=…&after=…`: a page of bookings by start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BookingPage {
    /// At most [`crate::limits::PAGE`], by start, then by id.
    pub items: Vec<Booking>,
    /// Pass as `after` to get the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
