//! Free times, and why others are not.

use slotstead_shared::ids::{BookingId, ServiceId};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{
    auth::TenantScope,
    edge::Handled,
    exchange::{Content, Outgoing},
    platform::{Finished, Platform},
    problem::{Failure, Retry},
    query::{Number, Query},
};

pub async fn offer<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    slots(context, scope, wanted(&context.incoming.query)?).await
}

/// Where a booking can move.
pub async fn offer_moves<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: BookingId,
) -> Handled {
    let mut query = Query::read(&context.incoming.query, &["from", "to", "zone"]);
    let parts = (
        query.required("from"),
        query.required("to"),
        query.required("zone"),
    );
    query.finish()?;
    let (Some(from), Some(to), Some(zone)) = parts else {
        return Err(missing());
    };
    slots(context, scope, Command::OfferMoves { id, from, to, zone }).await
}

async fn slots<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    command: Command,
) -> Handled {
    let call = scope.call(command);
    match context.call_for_body(&call, Retry::Freely).await? {
        Finished::Body(body) => Ok(Outgoing::json_body(200, body)),
        Finished::AtHand => Ok(Outgoing::json_content(200, Content::AtHand)),
        Finished::Reply(reply) => match *reply {
            Reply::Slots(slots) => Ok(Outgoing::json(200, &slots)),
            other => Err(unexpected(&other)),
        },
    }
}

fn wanted(query: &str) -> Result<Command, Failure> {
    let known = ["service", "from", "to", "zone", "duration_minutes", "host"];
    let mut query = Query::read(query, &known);
    let duration_minutes: Option<Number> = query.optional("duration_minutes");
    let host = query.optional("host");
    let parts = (
        query.required("service"),
        query.required("from"),
        query.required("to"),
        query.required("zone"),
    );
    query.finish()?;
    let (Some(service), Some(from), Some(to), Some(zone)) = parts else {
        return Err(missing());
    };
    Ok(Command::OfferSlots {
        service,
        from,
        to,
        zone,
        duration_minutes: duration_minutes.map(|number| number.0),
        host,
    })
}

/// Why times are not offered, for the owner.
pub async fn explain<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    service: ServiceId,
) -> Handled {
    let mut query = Query::read(
        &context.incoming.query,
        &["date", "time", "duration_minutes"],
    );
    let date = query.required("date");
    let time = query.optional("time");
    let duration_minutes: Option<Number> = query.optional("duration_minutes");
    query.finish()?;
    let command = Command::Explain {
        service,
        date: date.ok_or_else(missing)?,
        time,
        duration_minutes: duration_minutes.map(|number| number.0),
    };
    match context.read(scope, command).await? {
        Reply::Reasons(reasons) => Ok(Outgoing::json(200, &reasons)),
        other => Err(unexpected(&other)),
    }
}

fn missing() -> Failure {
    Failure::Internal("a required parameter is neither there nor an error".to_owned())
}
