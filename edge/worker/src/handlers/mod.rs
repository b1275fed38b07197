//! Handlers, one file per resource. A handler inside a tenant takes a [`TenantScope`]: asking for it
//! in the signature is the permission check.

mod bookings;
mod erasures;
mod export;
mod feeds;
mod fields;
mod holds;
mod hosts;
mod profile;
mod resources;
mod schedules;
mod services;
pub mod sessions;
mod slots;
pub mod tenants;
mod tokens;

use slotstead_shared::{TenantId, UnixSeconds};
use slotstead_tenant::{Command, Reply};

use crate::{
    assets,
    auth::TenantScope,
    config::Config,
    edge::Handled,
    exchange::{Incoming, Outgoing},
    openapi, pages,
    platform::Platform,
    problem::{Failure, Retry},
    routes::{Inside, Open},
};

/// What every handler works with.
pub struct Context<'a, P> {
    /// The configuration.
    pub config: &'a Config,
    /// The platform.
    pub platform: &'a P,
    /// The request.
    pub incoming: &'a Incoming,
    /// Now.
    pub now: UnixSeconds,
}

/// Answers what is open to all.
pub fn open<P: Platform>(
    context: &Context<'_, P>,
    open: &Open,
    tenant: Option<&TenantId>,
) -> Handled {
    match (open, tenant) {
        (Open::Index, _) => Ok(pages::index()),
        (Open::Health, _) => Ok(Outgoing::json(200, &serde_json::json!({ "status": "ok" }))),
        (Open::Document, _) => Ok(openapi::serve()),
        (Open::Loader, _) => assets::loader(context.incoming),
        (Open::Asset(name), _) => assets::asset(context.incoming, name),
        (Open::Manage, Some(tenant)) => Ok(pages::manage(tenant)),
        (Open::Manage, None) => Err(Failure::NotFound),
    }
}

/// Answers what is inside a tenant.
pub async fn inside<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    route: Inside,
) -> Handled {
    let (cx, done) = (context, Done { context, scope });
    match route {
        Inside::ListTokens => tokens::list(cx, scope).await,
        Inside::IssueToken => tokens::issue(cx, scope).await,
        Inside::RevokeToken(id) => done.after(Command::RevokeToken { id }).await,
        Inside::Residency => profile::residency(cx, scope).await,
        Inside::GetProfile => profile::get(cx, scope).await,
        Inside::PutProfile => profile::put(cx, scope).await,
        Inside::GetOrigins => profile::get_origins(cx, scope).await,
        Inside::PutOrigins => profile::put_origins(cx, scope).await,
        Inside::ListServices => services::list(cx, scope).await,
        Inside::PutService(id) => services::put(cx, scope, id).await,
        Inside::DeleteService(id) => done.after(Command::DeleteService { id }).await,
        Inside::ListHosts => hosts::list(cx, scope).await,
        Inside::PutHost(id) => hosts::put(cx, scope, id).await,
        Inside::DeleteHost(id) => done.after(Command::DeleteHost { id }).await,
        Inside::ListResources => resources::list(cx, scope).await,
        Inside::PutResource(id) => resources::put(cx, scope, id).await,
        Inside::DeleteResource(id) => done.after(Command::DeleteResource { id }).await,
        Inside::ListSchedules => schedules::list(cx, scope).await,
        Inside::PutSchedule(id) => schedules::put(cx, scope, id).await,
        Inside::DeleteSchedule(id) => done.after(Command::DeleteSchedule { id }).await,
        Inside::ListOverrides(schedule) => schedules::list_overrides(cx, scope, schedule).await,
        Inside::PutOverride(schedule, date) => {
            schedules::put_override(cx, scope, schedule, date).await
        }
        Inside::PutOverrides(schedule) => schedules::put_overrides(cx, scope, schedule).await,
        Inside::DeleteOverride(schedule, date) => {
            done.after(Command::DeleteOverride { schedule, date }).await
        }
        Inside::ListFields => fields::list(cx, scope).await,
        Inside::PutField(id) => fields::put(cx, scope, id).await,
        Inside::DeleteField(id) => done.after(Command::DeleteField { id }).await,
        Inside::ListFeeds => feeds::list(cx, scope).await,
        Inside::PutFeed(id) => feeds::put(cx, scope, id).await,
        Inside::DeleteFeed(id) => done.after(Command::DeleteFeed { id }).await,
        Inside::SyncFeed(id) => feeds::sync(cx, scope, id).await,
        Inside::OfferSlots => slots::offer(cx, scope).await,
        Inside::Explain(service) => slots::explain(cx, scope, service).await,
        Inside::PlaceHold => holds::place(cx, scope).await,
        Inside::ReleaseHold(id) => done.after(Command::ReleaseHold { id }).await,
        Inside::Book => bookings::book(cx, scope).await,
        Inside::ListBookings => bookings::list(cx, scope).await,
        Inside::GetBooking(id) => bookings::get(cx, scope, id).await,
        Inside::OfferMoves(id) => slots::offer_moves(cx, scope, id).await,
        Inside::Cancel(id) => bookings::cancel(cx, scope, id).await,
        Inside::Reschedule(id) => bookings::reschedule(cx, scope, id).await,
        Inside::ExportBooking(id, form) => export::booking(cx, scope, id, form).await,
        Inside::Export(form) => export::all(cx, scope, form).await,
        Inside::EraseBooker(id) => erasures::erase_booker(cx, scope, id).await,
        Inside::ErasePerson => erasures::erase_person(cx, scope).await,
        Inside::ListErasures => erasures::list(cx, scope).await,
    }
}

/// Commands whose whole answer is 204, and which change nothing more when done again.
struct Done<'a, P> {
    context: &'a Context<'a, P>,
    scope: &'a TenantScope,
}

impl<P: Platform> Done<'_, P> {
    async fn after(self, command: Command) -> Handled {
        match self
            .context
            .call(&self.scope.call(command), Retry::Again)
            .await?
        {
            Reply::Done => Ok(Outgoing::done()),
            other => Err(unexpected(&other)),
        }
    }
}

impl<P: Platform> Context<'_, P> {
    /// A command that changes nothing.
    async fn read(&self, scope: &TenantScope, command: Command) -> Result<Reply, Failure> {
        self.call(&scope.call(command), Retry::Freely).await
    }

    /// A command that changes nothing more when done again.
    async fn put(&self, scope: &TenantScope, command: Command) -> Result<Reply, Failure> {
        self.call(&scope.call(command), Retry::Again).await
    }
}

/// A reply that does not belong to the command: a mistake of ours. Only its kind goes to the log.
fn unexpected(reply: &Reply) -> Failure {
    let kind = match serde_json::to_value(reply) {
        Ok(serde_json::Value::Object(map)) => map.keys().next().cloned(),
        Ok(serde_json::Value::String(kind)) => Some(kind),
        _ => None,
    };
    Failure::Internal(format!("unexpected reply {}", kind.unwrap_or_default()))
}
