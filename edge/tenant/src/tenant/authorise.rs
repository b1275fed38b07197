//! Who may ask for what. Every command is listed; there is no default that lets through.

use slotstead_shared::{ids::BookingId, wire::Scope};

use super::{Context, limiter::Kind};
use crate::{
    call::{Actor, Command},
    refusal::Refusal,
    tables::tenants::TokenRow,
};

/// Who may give a command.
enum Access<'a> {
    /// Signs tenants up; there is no tenant yet to ask.
    Operator,
    /// A token with this scope.
    Owner(Scope),
    /// A page that the tenant allows.
    Visitor,
    /// Either of the two.
    VisitorOrOwner(Scope),
    /// The holder of this booking's capability, or a token with this scope.
    BookerOrOwner(&'a BookingId, Scope),
    /// The region host.
    RegionHost,
}

fn access(command: &Command) -> Access<'_> {
    use Access::{BookerOrOwner, Operator, Owner, RegionHost, Visitor, VisitorOrOwner};
    match command {
        Command::CreateTenant { .. } => Operator,
        Command::IssueToken { .. }
        | Command::ListTokens
        | Command::RevokeToken { .. }
        // Everything there is takes a token that could give itself every scope.
        | Command::Export { .. } => Owner(Scope::TokensWrite),
        Command::Residency
        | Command::GetProfile
        | Command::GetOrigins
        | Command::ListServices
        | Command::ListHosts
        | Command::ListResources
        | Command::ListSchedules
        | Command::ListOverrides { .. }
        | Command::ListFields
        | Command::ListFeeds
        | Command::Explain { .. } => Owner(Scope::SetupRead),
        Command::PutProfile { .. }
        | Command::PutOrigins { .. }
        | Command::PutService { .. }
        | Command::DeleteService { .. }
        | Command::PutHost { .. }
        | Command::DeleteHost { .. }
        | Command::PutResource { .. }
        | Command::DeleteResource { .. }
        | Command::PutSchedule { .. }
        | Command::DeleteSchedule { .. }
        | Command::PutOverride { .. }
        | Command::PutOverrides { .. }
        | Command::DeleteOverride { .. }
        | Command::PutField { .. }
        | Command::DeleteField { .. }
        | Command::PutFeed { .. }
        | Command::DeleteFeed { .. }
        | Command::SyncFeed { .. } => Owner(Scope::SetupWrite),
        Command::CheckOrigin
        | Command::OpenSession
        | Command::PlaceHold { .. }
        | Command::ReleaseHold { .. } => Visitor,
        Command::OfferSlots { .. } => VisitorOrOwner(Scope::SetupRead),
        Command::Book { .. } => VisitorOrOwner(Scope::BookingsWrite),
        Command::GetBooking { id }
        | Command::ExportBooking { id }
        | Command::OfferMoves { id, .. } => {
            BookerOrOwner(id, Scope::BookingsRead)
        }
        Command::Cancel { id } | Command::EraseBooker { id } | Command::Reschedule { id, .. } => {
            BookerOrOwner(id, Scope::BookingsWrite)
        }
        Command::ListBookings { .. } | Command::ListErasures { .. } => Owner(Scope::BookingsRead),
        Command::ErasePerson { .. } => Owner(Scope::BookingsWrite),
        Command::TakeEffects { .. } | Command::SettleEffect { .. } | Command::CheckKeys => RegionHost,
    }
}

/// Refuses the command unless the actor may give it now. The tenant is known to live here, or,
/// for the operator, not to exist.
pub fn authorise(cx: &Context<'_>, command: &Command) -> Result<(), Refusal> {
    match (access(command), cx.actor) {
        (Access::Operator, Actor::Operator) | (Access::RegionHost, Actor::RegionHost) => Ok(()),
        (
            Access::Owner(scope) | Access::VisitorOrOwner(scope) | Access::BookerOrOwner(_, scope),
            Actor::Owner { .. },
        ) => {
            let token = owner_token(cx)?;
            if token.scopes.contains(&scope) {
                Ok(())
            } else {
                Err(Refusal::NotAllowed)
            }
        }
        (Access::Visitor | Access::VisitorOrOwner(_), Actor::Visitor { origin, .. }) => {
            let own = !origin.is_empty() && *origin == cx.settings.own_origin;
            if own || cx.store.allows_origin(origin)? {
                Ok(())
            } else {
                Err(Refusal::OriginNotAllowed)
            }
        }
        // Somebody else's booking looks like no booking at all (R21).
        (Access::BookerOrOwner(id, _), Actor::Booker { booking, token, .. }) => {
            if let Some(token) = token
                && cx.store.token(token)?.is_none()
            {
                return Err(Refusal::TokenRevoked);
            }
            if id == booking {
                Ok(())
            } else {
                Err(Refusal::not_found("booking"))
            }
        }
        (
            Access::Operator
            | Access::Owner(_)
            | Access::Visitor
            | Access::VisitorOrOwner(_)
            | Access::BookerOrOwner(..)
            | Access::RegionHost,
            _,
        ) => Err(Refusal::NotAllowed),
    }
}

/// The owner's token as it is stored now: revoking one works at once, and so would changing one.
pub fn owner_token(cx: &Context<'_>) -> Result<TokenRow, Refusal> {
    match cx.actor {
        Actor::Owner { token } => cx.store.token(token)?.ok_or(Refusal::TokenRevoked),
        Actor::Operator | Actor::Visitor { .. } | Actor::Booker { .. } | Actor::RegionHost => {
            Err(Refusal::NotAllowed)
        }
    }
}

/// Which limits a command counts against, and for which client. Owners have tokens that can be
/// revoked; they are not limited here.
pub fn limited<'a>(actor: &'a Actor, command: &Command) -> Option<(&'static [Kind], &'a str)> {
    let client = actor.client()?;
    let kinds: &[Kind] = match command {
        Command::OpenSession => &[Kind::Session],
        Command::OfferSlots { .. } | Command::OfferMoves { .. } => &[Kind::Slots],
        Command::PlaceHold { .. } => &[Kind::Hold],
        // Each move is a row of the booking's history, which is kept for good.
        Command::Book { .. } | Command::Reschedule { .. } => &[Kind::Booking, Kind::BookingOfDay],
        Command::Cancel { .. } | Command::EraseBooker { .. } => &[Kind::Booking],
        // A preflight, giving time back, and reading one booking cost next to nothing. The others
        // nobody may give who is limited.
        Command::CheckOrigin
        | Command::ReleaseHold { .. }
        | Command::GetBooking { .. }
        | Command::CreateTenant { .. }
        | Command::IssueToken { .. }
        | Command::ListTokens
        | Command::RevokeToken { .. }
        | Command::Residency
        | Command::GetProfile
        | Command::PutProfile { .. }
        | Command::GetOrigins
        | Command::PutOrigins { .. }
        | Command::ListServices
        | Command::PutService { .. }
        | Command::DeleteService { .. }
        | Command::ListHosts
        | Command::PutHost { .. }
        | Command::DeleteHost { .. }
        | Command::ListResources
        | Command::PutResource { .. }
        | Command::DeleteResource { .. }
        | Command::ListSchedules
        | Command::PutSchedule { .. }
        | Command::DeleteSchedule { .. }
        | Command::ListOverrides { .. }
        | Command::PutOverride { .. }
        | Command::PutOverrides { .. }
        | Command::DeleteOverride { .. }
        | Command::ListFields
        | Command::PutField { .. }
        | Command::DeleteField { .. }
        | Command::ListFeeds
        | Command::PutFeed { .. }
        | Command::DeleteFeed { .. }
        | Command::SyncFeed { .. }
        | Command::Explain { .. }
        | Command::ListBookings { .. }
        | Command::Export { .. }
        | Command::ExportBooking { .. }
        | Command::ErasePerson { .. }
        | Command::ListErasures { .. }
        | Command::TakeEffects { .. }
        | Command::SettleEffect { .. }
        | Command::CheckKeys => &[],
    };
    Some((kinds, client))
}
