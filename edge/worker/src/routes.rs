//! Every route: its method, its path, its name in the `OpenAPI` document, and who may.
//!
//! Matching is pure. A path with an id that is malformed matches nothing (R21): it is a 404 as with an id that is
//! not there, and says which one it is. That tells nothing: how ids look stands in the `OpenAPI` document.

use std::{fmt::Display, str::FromStr};

use slotstead_shared::{
    Date, TenantId,
    ids::{BookingId, FeedId, FieldId, HoldId, HostId, ResourceId, ScheduleId, ServiceId, TokenId},
    wire::Scope::{self, BookingsRead, BookingsWrite, SetupRead, SetupWrite, TokensWrite},
};

use crate::exchange::Method::{self, Delete, Get, Head, Options, Post, Put};

/// Who may take a route into a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// An owner's token with the scope.
    Owner(Scope),
    /// A visitor's session.
    Visitor,
    /// Either of these.
    VisitorOrOwner(Scope),
    /// The capability of the booking in the path, or an owner's token with the scope.
    BookerOrOwner(Scope),
}

impl May {
    /// Whether pages of other origins call it, so that it takes part in CORS.
    #[must_use]
    pub const fn is_for_pages(self) -> bool {
        !matches!(self, Self::Owner(_))
    }
}

/// A route that needs no one to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table says what they are")]
pub enum Open {
    Index,
    Health,
    Document,
    Loader,
    Asset(String),
    Manage,
}

/// As what an export goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As JSON (RFC 8259): everything.
    Json,
    /// As CSV (RFC 4180): a line for each booking.
    Csv,
}

/// A route into a tenant, its ids parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table says what they are")]
pub enum Inside {
    ListTokens,
    IssueToken,
    RevokeToken(TokenId),
    Residency,
    GetProfile,
    PutProfile,
    GetOrigins,
    PutOrigins,
    ListServices,
    PutService(ServiceId),
    DeleteService(ServiceId),
    ListHosts,
    PutHost(HostId),
    DeleteHost(HostId),
    ListResources,
    PutResource(ResourceId),
    DeleteResource(ResourceId),
    ListSchedules,
    PutSchedule(ScheduleId),
    DeleteSchedule(ScheduleId),
    ListOverrides(ScheduleId),
    PutOverride(ScheduleId, Date),
    PutOverrides(ScheduleId),
    DeleteOverride(ScheduleId, Date),
    ListFields,
    PutField(FieldId),
    DeleteField(FieldId),
    ListFeeds,
    PutFeed(FeedId),
    DeleteFeed(FeedId),
    SyncFeed(FeedId),
    OfferSlots,
    Explain(ServiceId),
    PlaceHold,
    ReleaseHold(HoldId),
    Book,
    ListBookings,
    GetBooking(BookingId),
    OfferMoves(BookingId),
    Cancel(BookingId),
    Reschedule(BookingId),
    ExportBooking(BookingId, Form),
    Export(Form),
    EraseBooker(BookingId),
    ErasePerson,
    ListErasures,
}

impl Inside {
    /// The one booking it is about.
    #[must_use]
    pub const fn booking(&self) -> Option<&BookingId> {
        match self {
            Self::GetBooking(id)
            | Self::OfferMoves(id)
            | Self::Cancel(id)
            | Self::Reschedule(id)
            | Self::ExportBooking(id, _)
            | Self::EraseBooker(id) => Some(id),
            _ => None,
        }
    }
}

/// Where a route leads, by how much must be known about the caller.
#[derive(Clone, Copy)]
pub enum Target {
    /// To something open.
    Open(Parse<Open>),
    /// To sign-up, with the operator's key.
    SignUp,
    /// To a new session, with an `Origin` and no token.
    OpenSession,
    /// Into a tenant, with a token.
    Inside(May, Parse<Inside>),
}

/// Makes a route of the ids in the path, or nothing when one is malformed.
type Parse<T> = fn(&mut Ids<'_>) -> Option<T>;

/// One row of the table.
pub struct Row {
    /// The method.
    pub method: Method,
    /// The path, with `{names}` of ids.
    pub path: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Where it leads.
    pub target: Target,
}

const fn open(method: Method, path: &'static str, name: &'static str, parse: Parse<Open>) -> Row {
    Row {
        method,
        path,
        name,
        target: Target::Open(parse),
    }
}

const fn row(
    method: Method,
    path: &'static str,
    name: &'static str,
    may: May,
    parse: Parse<Inside>,
) -> Row {
    Row {
        method,
        path,
        name,
        target: Target::Inside(may, parse),
    }
}

use May::{BookerOrOwner, Owner, Visitor, VisitorOrOwner};

/// The table.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    open(Get, "/", "index", |_| Some(Open::Index)),
    open(Get, "/healthz", "health", |_| Some(Open::Health)),
    open(Get, "/openapi.json", "openapi", |_| Some(Open::Document)),
    open(Get, "/embed.js", "loader", |_| Some(Open::Loader)),
    open(Get, "/assets/{file}", "asset", |ids| Some(Open::Asset(ids.id()?))),
    open(Get, "/manage/{tenant}", "manage", |_| Some(Open::Manage)),

    Row { method: Post, path: "/v1/tenants", name: "signUp", target: Target::SignUp },
    Row { method: Post, path: "/v1/{tenant}/sessions", name: "openSession", target: Target::OpenSession },

    row(Get, "/v1/{tenant}/tokens", "listTokens", Owner(TokensWrite), |_| Some(Inside::ListTokens)),
    row(Post, "/v1/{tenant}/tokens", "issueToken", Owner(TokensWrite), |_| Some(Inside::IssueToken)),
    row(Delete, "/v1/{tenant}/tokens/{token}", "revokeToken", Owner(TokensWrite), |ids| Some(Inside::RevokeToken(ids.id()?))),

    row(Get, "/v1/{tenant}/residency", "residency", Owner(SetupRead), |_| Some(Inside::Residency)),
    row(Get, "/v1/{tenant}/profile", "getProfile", Owner(SetupRead), |_| Some(Inside::GetProfile)),
    row(Put, "/v1/{tenant}/profile", "putProfile", Owner(SetupWrite), |_| Some(Inside::PutProfile)),
    row(Get, "/v1/{tenant}/origins", "getOrigins", Owner(SetupRead), |_| Some(Inside::GetOrigins)),
    row(Put, "/v1/{tenant}/origins", "putOrigins", Owner(SetupWrite), |_| Some(Inside::PutOrigins)),
    row(Get, "/v1/{tenant}/services", "listServices", Owner(SetupRead), |_| Some(Inside::ListServices)),
    row(Put, "/v1/{tenant}/services/{service}", "putService", Owner(SetupWrite), |ids| Some(Inside::PutService(ids.id()?))),
    row(Delete, "/v1/{tenant}/services/{service}", "deleteService", Owner(SetupWrite), |ids| Some(Inside::DeleteService(ids.id()?))),
    row(Get, "/v1/{tenant}/hosts", "listHosts", Owner(SetupRead), |_| Some(Inside::ListHosts)),
    row(Put, "/v1/{tenant}/hosts/{host}", "putHost", Owner(SetupWrite), |ids| Some(Inside::PutHost(ids.id()?))),
    row(Delete, "/v1/{tenant}/hosts/{host}", "deleteHost", Owner(SetupWrite), |ids| Some(Inside::DeleteHost(ids.id()?))),
    row(Get, "/v1/{tenant}/resources", "listResources", Owner(SetupRead), |_| Some(Inside::ListResources)),
    row(Put, "/v1/{tenant}/resources/{resource}", "putResource", Owner(SetupWrite), |ids| Some(Inside::PutResource(ids.id()?))),
    row(Delete, "/v1/{tenant}/resources/{resource}", "deleteResource", Owner(SetupWrite), |ids| Some(Inside::DeleteResource(ids.id()?))),
    row(Get, "/v1/{tenant}/schedules", "listSchedules", Owner(SetupRead), |_| Some(Inside::ListSchedules)),
    row(Put, "/v1/{tenant}/schedules/{schedule}", "putSchedule", Owner(SetupWrite), |ids| Some(Inside::PutSchedule(ids.id()?))),
    row(Delete, "/v1/{tenant}/schedules/{schedule}", "deleteSchedule", Owner(SetupWrite), |ids| Some(Inside::DeleteSchedule(ids.id()?))),
    row(Get, "/v1/{tenant}/schedules/{schedule}/overrides", "listOverrides", Owner(SetupRead), |ids| Some(Inside::ListOverrides(ids.id()?))),
    row(Post, "/v1/{tenant}/schedules/{schedule}/overrides", "putOverrides", Owner(SetupWrite), |ids| Some(Inside::PutOverrides(ids.id()?))),
    row(Put, "/v1/{tenant}/schedules/{schedule}/overrides/{date}", "putOverride", Owner(SetupWrite), |ids| Some(Inside::PutOverride(ids.id()?, ids.id()?))),
    row(Delete, "/v1/{tenant}/schedules/{schedule}/overrides/{date}", "deleteOverride", Owner(SetupWrite), |ids| Some(Inside::DeleteOverride(ids.id()?, ids.id()?))),
    row(Get, "/v1/{tenant}/fields", "listFields", Owner(SetupRead), |_| Some(Inside::ListFields)),
    row(Put, "/v1/{tenant}/fields/{field}", "putField", Owner(SetupWrite), |ids| Some(Inside::PutField(ids.id()?))),
    row(Delete, "/v1/{tenant}/fields/{field}", "deleteField", Owner(SetupWrite), |ids| Some(Inside::DeleteField(ids.id()?))),
    row(Get, "/v1/{tenant}/feeds", "listFeeds", Owner(SetupRead), |_| Some(Inside::ListFeeds)),
    row(Put, "/v1/{tenant}/feeds/{feed}", "putFeed", Owner(SetupWrite), |ids| Some(Inside::PutFeed(ids.id()?))),
    row(Delete, "/v1/{tenant}/feeds/{feed}", "deleteFeed", Owner(SetupWrite), |ids| Some(Inside::DeleteFeed(ids.id()?))),
    row(Post, "/v1/{tenant}/feeds/{feed}/sync", "syncFeed", Owner(SetupWrite), |ids| Some(Inside::SyncFeed(ids.id()?))),

    row(Get, "/v1/{tenant}/slots", "offerSlots", VisitorOrOwner(SetupRead), |_| Some(Inside::OfferSlots)),
    row(Get, "/v1/{tenant}/services/{service}/reasons", "explain", Owner(SetupRead), |ids| Some(Inside::Explain(ids.id()?))),
    row(Post, "/v1/{tenant}/holds", "placeHold", Visitor, |_| Some(Inside::PlaceHold)),
    row(Delete, "/v1/{tenant}/holds/{hold}", "releaseHold", Visitor, |ids| Some(Inside::ReleaseHold(ids.id()?))),
    row(Post, "/v1/{tenant}/bookings", "book", VisitorOrOwner(BookingsWrite), |_| Some(Inside::Book)),
    row(Get, "/v1/{tenant}/bookings", "listBookings", Owner(BookingsRead), |_| Some(Inside::ListBookings)),
    row(Get, "/v1/{tenant}/bookings/{booking}", "getBooking", BookerOrOwner(BookingsRead), |ids| Some(Inside::GetBooking(ids.id()?))),
    row(Get, "/v1/{tenant}/bookings/{booking}/slots", "offerMoves", BookerOrOwner(BookingsRead), |ids| Some(Inside::OfferMoves(ids.id()?))),
    row(Post, "/v1/{tenant}/bookings/{booking}/cancel", "cancel", BookerOrOwner(BookingsWrite), |ids| Some(Inside::Cancel(ids.id()?))),
    row(Post, "/v1/{tenant}/bookings/{booking}/reschedule", "reschedule", BookerOrOwner(BookingsWrite), |ids| Some(Inside::Reschedule(ids.id()?))),
    row(Get, "/v1/{tenant}/bookings/{booking}/export", "exportBooking", BookerOrOwner(BookingsRead), |ids| Some(Inside::ExportBooking(ids.id()?, Form::Json))),
    row(Get, "/v1/{tenant}/bookings/{booking}/export.csv", "exportBookingCsv", BookerOrOwner(BookingsRead), |ids| Some(Inside::ExportBooking(ids.id()?, Form::Csv))),
    row(Get, "/v1/{tenant}/export", "export", Owner(TokensWrite), |_| Some(Inside::Export(Form::Json))),
    row(Get, "/v1/{tenant}/export.csv", "exportCsv", Owner(TokensWrite), |_| Some(Inside::Export(Form::Csv))),
    row(Post, "/v1/{tenant}/bookings/{booking}/erase", "eraseBooker", BookerOrOwner(BookingsWrite), |ids| Some(Inside::EraseBooker(ids.id()?))),
    row(Get, "/v1/{tenant}/erasures", "listErasures", Owner(BookingsRead), |_| Some(Inside::ListErasures)),
    row(Post, "/v1/{tenant}/erasures", "erasePerson", Owner(BookingsWrite), |_| Some(Inside::ErasePerson)),
];

/// The ids of a path, in order, without the tenant, each with its name in the table.
pub struct Ids<'a> {
    texts: std::vec::IntoIter<(&'static str, &'a str)>,
    malformed: Option<MalformedId>,
}

impl Ids<'_> {
    fn id<T: FromStr<Err: Display>>(&mut self) -> Option<T> {
        let (name, text) = self.texts.next()?;
        let id = text.parse();
        let malformed = |error: &T::Err| MalformedId {
            name,
            detail: error.to_string(),
        };
        self.malformed = id.as_ref().err().map(malformed);
        id.ok()
    }
}

/// An id in a path that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedId {
    /// What it is the id of.
    pub name: &'static str,
    /// What it is not: `not an id of this kind`.
    pub detail: String,
}

/// A route with its ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Something open.
    Open(Open),
    /// Sign-up.
    SignUp,
    /// A new session.
    OpenSession,
    /// Into a tenant.
    Inside(May, Inside),
}

/// What a method asks of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matched {
    /// This.
    Route(Route),
    /// What is allowed there: whether one of its methods is for pages, and all of them.
    Options {
        /// Whether pages of other origins call it.
        for_pages: bool,
        /// The methods, for `Allow`.
        allow: String,
    },
    /// Nothing: only other methods lead somewhere.
    MethodNotAllowed {
        /// The methods, for `Allow`.
        allow: String,
    },
}

/// The text of the tenant's id, and those of the others with their names.
type Captured<'a> = (Option<&'a str>, Vec<(&'static str, &'a str)>);

/// A path that leads somewhere.
pub struct Place {
    /// The tenant in it. Its tag is not checked yet.
    pub tenant: Option<TenantId>,
    /// The path as the table has it, for logs.
    pub template: &'static str,
    routes: Vec<(&'static Row, Route)>,
}

/// The place a path leads to; none is a 404, with the malformed id that it is for if it is for one.
pub fn find(path: &str) -> Result<Place, Option<MalformedId>> {
    let mut place = Err(None);
    let parts: Vec<&str> = path.split('/').collect();
    for row in ROWS {
        let Some((tenant, texts)) = capture(row.path, &parts) else {
            continue;
        };
        let Ok(tenant) = tenant.map(str::parse).transpose() else {
            continue;
        };
        let mut ids = Ids {
            texts: texts.into_iter(),
            malformed: None,
        };
        let route = match row.target {
            Target::Open(parse) => parse(&mut ids).map(Route::Open),
            Target::SignUp => Some(Route::SignUp),
            Target::OpenSession => Some(Route::OpenSession),
            Target::Inside(may, parse) => parse(&mut ids).map(|inside| Route::Inside(may, inside)),
        };
        match (route, &mut place) {
            (Some(route), Ok(Place { routes, .. })) => routes.push((row, route)),
            (Some(route), Err(_)) => {
                place = Ok(Place {
                    tenant,
                    template: row.path,
                    routes: vec![(row, route)],
                });
            }
            (None, Err(malformed)) => *malformed = ids.malformed.or(malformed.take()),
            (None, Ok(_)) => {}
        }
    }
    place
}

impl Place {
    /// What `method` asks of this place.
    #[must_use]
    pub fn at(self, method: Method) -> Matched {
        let wanted = if method == Head { Get } else { method };
        if wanted == Options {
            let allow = self.allow();
            let for_pages = self.routes.iter().any(|(row, _)| match row.target {
                Target::OpenSession => true,
                Target::Inside(may, _) => may.is_for_pages(),
                Target::Open(_) | Target::SignUp => false,
            });
            return Matched::Options { for_pages, allow };
        }
        match self.routes.iter().find(|(row, _)| row.method == wanted) {
            Some((_, route)) => Matched::Route(route.clone()),
            None => Matched::MethodNotAllowed {
                allow: self.allow(),
            },
        }
    }

    fn allow(&self) -> String {
        let mut names = Vec::new();
        for (row, _) in &self.routes {
            names.push(row.method.as_str());
            if row.method == Get {
                names.push(Head.as_str());
            }
        }
        names.push(Options.as_str());
        names.join(", ")
    }
}

/// The tenant and the other ids, with their names, among the parts of a path when it has the form of `template`.
fn capture<'a>(template: &'static str, parts: &[&'a str]) -> Option<Captured<'a>> {
    let (mut tenant, mut texts) = (None, Vec::new());
    let mut parts = parts.iter();
    for wanted in template.split('/') {
        let part = *parts.next()?;
        let name = wanted
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        match name {
            Some("tenant") => tenant = Some(part),
            Some(name) => texts.push((name, part)),
            None if wanted == part => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some((tenant, texts))
}

#[cfg(test)]
mod tests;
