//! What crosses the border to a region: a command in, a reply out. SQL never does.
//!
//! [`Call`] and [`Answer`] are serialised as JSON between the edge and a region host, so a
//! change here needs both sides deployed: add variants, do not change the old ones.

use serde::{Deserialize, Serialize};
use slotstead_shared::{
    Date, Stamp, TenantId, UnixSeconds, WallTime,
    ids::{BookingId, FeedId, FieldId, HoldId, HostId, ResourceId, ScheduleId, ServiceId, TokenId},
    wire,
};

use crate::{
    effect::{Effect, EffectId, Outcome},
    refusal::Refusal,
    written::Written,
};

/// One command of one actor to one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The tenant. The store was opened for it and refuses any other.
    pub tenant: TenantId,
    /// Who asks, as the edge found by checking the token.
    pub actor: Actor,
    /// What is asked.
    pub command: Command,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The operator, who signs tenants up.
    Operator,
    /// An owner's token. The tenant looks it up in every call, so a revoked one is refused at once.
    Owner {
        /// The token.
        token: TokenId,
    },
    /// A visitor of a page: before and with a session.
    Visitor {
        /// The page's origin. The tenant checks that it still allows it.
        origin: String,
        /// A keyed hash of the client's address and the day, for the rate limits. Kept in memory, with a
        /// hold while that lasts, and with the answer to an idempotency key.
        client: String,
    },
    /// The holder of a booking's capability.
    Booker {
        /// The one booking it is for.
        booking: BookingId,
        /// As a visitor's. Kept in memory, and with the answer to an idempotency key.
        client: String,
        /// The owner's token that asked for the capability, if one did: they are revoked together.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<TokenId>,
    },
    /// The region host itself: its timer and the outcomes of effects.
    RegionHost,
}

impl Actor {
    /// The client whose calls are limited, if they are.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        match self {
            Self::Visitor { client, .. } | Self::Booker { client, .. } => Some(client),
            Self::Operator | Self::Owner { .. } | Self::RegionHost => None,
        }
    }
}

/// What the region host adds to a call: the two things a pure function cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Now.
    pub now: UnixSeconds,
    /// Fresh random bytes for the ids made by this call.
    pub random: [u8; 16],
}

/// What can be asked of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "a variant is a verb and a noun of the vocabulary, its fields their arguments"
)]
pub enum Command {
    // Operator.
    /// Creates the tenant and its first owner token (`token`), with every scope.
    CreateTenant {
        sign_up: wire::SignUp,
        token: TokenId,
    },

    // Owner: tokens (tokens:write).
    /// Records a token under `id`; the edge signs it afterwards.
    IssueToken {
        id: TokenId,
        token: wire::NewToken,
    },
    ListTokens,
    /// The last token with every scope stays: revoking it is a conflict. Nobody revokes a token
    /// that can do more than theirs.
    RevokeToken {
        id: TokenId,
    },

    // Owner: set-up (setup:read, setup:write).
    /// Where the tenant's data is.
    Residency,
    GetProfile,
    PutProfile {
        profile: wire::Profile,
    },
    GetOrigins,
    PutOrigins {
        origins: wire::Origins,
    },
    ListServices,
    PutService {
        id: ServiceId,
        service: wire::ServiceInput,
    },
    /// A conflict while it has bookings to come.
    DeleteService {
        id: ServiceId,
    },
    ListHosts,
    PutHost {
        id: HostId,
        host: wire::HostInput,
    },
    /// A conflict while a service or a feed has it, or it has bookings to come.
    DeleteHost {
        id: HostId,
    },
    ListResources,
    PutResource {
        id: ResourceId,
        resource: wire::ResourceInput,
    },
    /// A conflict while a service needs it, or it has bookings to come.
    DeleteResource {
        id: ResourceId,
    },
    ListSchedules,
    PutSchedule {
        id: ScheduleId,
        schedule: wire::ScheduleInput,
    },
    /// A conflict while a host has it.
    DeleteSchedule {
        id: ScheduleId,
    },
    ListOverrides {
        schedule: ScheduleId,
    },
    PutOverride {
        schedule: ScheduleId,
        date: Date,
        value: wire::OverrideInput,
    },
    /// The same for several dates at once.
    PutOverrides {
        schedule: ScheduleId,
        value: wire::OverridesInput,
    },
    DeleteOverride {
        schedule: ScheduleId,
        date: Date,
    },
    ListFields,
    PutField {
        id: FieldId,
        field: wire::FieldInput,
    },
    DeleteField {
        id: FieldId,
    },
    ListFeeds,
    /// With another address or host it starts anew: its host offers nothing until it is read.
    PutFeed {
        id: FeedId,
        feed: wire::FeedInput,
    },
    /// Its busy blocks go with it.
    DeleteFeed {
        id: FeedId,
    },
    /// Makes the feed's fetch due now.
    SyncFeed {
        id: FeedId,
    },

    // Visitors.
    /// Whether the actor's origin is allowed: the answer to a CORS preflight.
    CheckOrigin,
    /// What a session starts with. The edge adds the token.
    OpenSession,
    /// Slots; also for the owner (setup:read).
    OfferSlots {
        service: ServiceId,
        from: Date,
        to: Date,
        zone: String,
        /// The service's usual duration without it.
        #[serde(default)]
        duration_minutes: Option<u32>,
        /// The host whom the booker names.
        #[serde(default)]
        host: Option<HostId>,
    },
    /// Owner: why the times of a date, or one of them, are not offered.
    Explain {
        service: ServiceId,
        date: Date,
        time: Option<WallTime>,
        duration_minutes: Option<u32>,
    },
    /// `session` is the id of the visitor's session token, for the limit of live holds. The same
    /// session asking for the same slot again is given the hold it has.
    PlaceHold {
        hold: wire::NewHold,
        session: String,
    },
    /// Whoever knows the id can release the hold. One that has lapsed is not found.
    ReleaseHold {
        id: HoldId,
    },
    /// Confirms a hold or books without one; also for the owner (bookings:write).
    Book {
        idempotency_key: String,
        booking: wire::NewBooking,
    },

    // Bookers with a capability, and owners (bookings:read, bookings:write).
    GetBooking {
        id: BookingId,
    },
    /// The slots that the booking can move to: its own time is not in its way, and is none of them.
    OfferMoves {
        id: BookingId,
        from: Date,
        to: Date,
        zone: String,
    },
    /// Cancelling what is cancelled changes nothing and replies with the booking.
    Cancel {
        id: BookingId,
    },
    Reschedule {
        idempotency_key: String,
        id: BookingId,
        to: wire::Reschedule,
    },
    /// Owner: a page of bookings that start in `[from, to)`, after the cursor.
    ListBookings {
        from: Option<Stamp>,
        to: Option<Stamp>,
        after: Option<String>,
    },

    /// Owner: a page of all that is stored, the set-up with the first one.
    Export {
        after: Option<String>,
    },
    /// All that is stored of a booking.
    ExportBooking {
        id: BookingId,
    },
    /// Owner: erases everybody who booked under an address, from every booking.
    ErasePerson {
        erasure: wire::NewErasure,
    },
    /// Erases whoever made this booking, from this booking. One to come is cancelled.
    EraseBooker {
        id: BookingId,
    },
    /// Owner: a page of erasures, the newest first, after the cursor.
    ListErasures {
        after: Option<String>,
    },

    // The region host.
    /// Takes the effects due now, at most `at_most` (and 100), each leased for a while: one whose
    /// outcome is not reported by then is due again, under another number.
    TakeEffects {
        at_most: u32,
    },
    /// Reports what became of an effect. A number that is no longer known is no error.
    SettleEffect {
        id: EffectId,
        outcome: Outcome,
    },
    /// Looks at every page of keys, because the store was restored or the tenant's own key is changed.
    CheckKeys,
}

impl Command {
    /// Whether it only reads, so that no effect can have become due through it.
    #[must_use]
    pub const fn only_reads(&self) -> bool {
        match self {
            Self::CheckOrigin
            | Self::OpenSession
            | Self::OfferSlots { .. }
            | Self::OfferMoves { .. }
            | Self::Explain { .. }
            | Self::GetBooking { .. }
            | Self::ListBookings { .. }
            | Self::ListErasures { .. }
            | Self::Export { .. }
            | Self::ExportBooking { .. }
            | Self::Residency
            | Self::GetProfile
            | Self::GetOrigins
            | Self::ListTokens
            | Self::ListServices
            | Self::ListHosts
            | Self::ListResources
            | Self::ListSchedules
            | Self::ListOverrides { .. }
            | Self::ListFields
            | Self::ListFeeds => true,
            Self::CreateTenant { .. }
            | Self::IssueToken { .. }
            | Self::RevokeToken { .. }
            | Self::PutProfile { .. }
            | Self::PutOrigins { .. }
            | Self::PutService { .. }
            | Self::DeleteService { .. }
            | Self::PutHost { .. }
            | Self::DeleteHost { .. }
            | Self::PutResource { .. }
            | Self::DeleteResource { .. }
            | Self::PutSchedule { .. }
            | Self::DeleteSchedule { .. }
            | Self::PutOverride { .. }
            | Self::PutOverrides { .. }
            | Self::DeleteOverride { .. }
            | Self::PutField { .. }
            | Self::DeleteField { .. }
            | Self::PutFeed { .. }
            | Self::DeleteFeed { .. }
            | Self::SyncFeed { .. }
            | Self::PlaceHold { .. }
            | Self::ReleaseHold { .. }
            | Self::Book { .. }
            | Self::Reschedule { .. }
            | Self::Cancel { .. }
            | Self::ErasePerson { .. }
            | Self::EraseBooker { .. }
            | Self::TakeEffects { .. }
            | Self::SettleEffect { .. }
            | Self::CheckKeys => false,
        }
    }
}

/// What a tenant replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "a variant is named after what it carries")]
pub enum Reply {
    /// Done, nothing to tell.
    Done,
    Created {
        profile: wire::Profile,
    },
    /// The scopes it was given, each once.
    TokenIssued {
        scopes: Vec<wire::Scope>,
    },
    Tokens(Vec<wire::TokenView>),
    /// The places of the region host.
    Residency(wire::Residency),
    Profile(wire::Profile),
    Origins(wire::Origins),
    Services(Vec<wire::Service>),
    Service(wire::Service),
    Hosts(Vec<wire::Host>),
    Host(wire::Host),
    Resources(Vec<wire::Resource>),
    Resource(wire::Resource),
    Schedules(Vec<wire::Schedule>),
    Schedule(wire::Schedule),
    Overrides(Vec<wire::DateOverride>),
    Override(wire::DateOverride),
    Fields(Vec<wire::Field>),
    Field(wire::Field),
    Feeds(Vec<wire::Feed>),
    Feed(wire::Feed),
    /// What a session starts with.
    Session {
        profile: wire::Profile,
        services: Vec<wire::OfferedService>,
        fields: Vec<wire::Field>,
    },
    Slots(Written<wire::Slots>),
    Reasons(wire::Reasons),
    Hold(wire::Hold),
    Booking {
        booking: Box<wire::Booking>,
        /// The business, for the title of the calendar file.
        business: String,
        /// Whether this is the stored answer to an earlier call with the same key.
        replayed: bool,
    },
    Bookings(wire::BookingPage),
    Export(Box<wire::Export>),
    BookingRecord(Box<wire::BookingRecord>),
    Erasure(wire::Erasure),
    Erasures(wire::ErasurePage),
    /// For the region host only: a request holds the feed's address, which is a secret.
    Effects(Vec<Effect>),
}

/// A region host's whole answer to a call.
pub type Answer = Result<Reply, Refusal>;
