//! Bookings, and the capability that goes with each: whoever holds it can change that one booking.

use std::str::FromStr;

use slotstead_shared::{
    Stamp,
    ids::BookingId,
    limits::WINDOW_DAYS,
    stamp::StampError,
    wire::{BookedView, Booking, NewBooking, Reschedule},
};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{
    auth::TenantScope,
    body, calendar,
    edge::Handled,
    exchange::{Incoming, Outgoing},
    platform::Platform,
    problem::{Failure, Retry},
    query::Query,
    token::Grant,
};

pub async fn book<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    let idempotency_key = idempotency_key(context.incoming)?;
    let booking: NewBooking = body::json(context.incoming)?;
    let call = scope.call(Command::Book {
        idempotency_key,
        booking,
    });
    let reply = context.call(&call, Retry::WithSameKey).await?;
    booked(context, scope, 201, reply)
}

pub async fn get<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: BookingId,
) -> Handled {
    let reply = context.read(scope, Command::GetBooking { id }).await?;
    booked(context, scope, 200, reply)
}

pub async fn cancel<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: BookingId,
) -> Handled {
    let reply = context.put(scope, Command::Cancel { id }).await?;
    booked(context, scope, 200, reply)
}

pub async fn reschedule<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: BookingId,
) -> Handled {
    let idempotency_key = idempotency_key(context.incoming)?;
    let to: Reschedule = body::json(context.incoming)?;
    let call = scope.call(Command::Reschedule {
        idempotency_key,
        id,
        to,
    });
    let reply = context.call(&call, Retry::WithSameKey).await?;
    booked(context, scope, 200, reply)
}

pub async fn list<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    let mut query = Query::read(&context.incoming.query, &["from", "to", "after"]);
    let mut stamp = |name| query.optional::<QueryStamp>(name).map(|stamp| stamp.0);
    let (from, to) = (stamp("from"), stamp("to"));
    let after = query.optional("after");
    query.finish()?;
    match context
        .read(scope, Command::ListBookings { from, to, after })
        .await?
    {
        Reply::Bookings(page) => Ok(Outgoing::json(200, &page)),
        other => Err(unexpected(&other)),
    }
}

/// Seconds after which a capability ends wherever its booking is: three of the longest windows, so a
/// booking may be moved twice as far ahead as can be. Every answer has a new one.
const CAPABILITY_SECONDS: i64 = 3 * (*WINDOW_DAYS.end() as i64 + 1) * 86_400;

/// A booking as its booker gets it. Its capability can do no more than the token that asked, and one
/// that an owner asked for is revoked with the owner's token.
///
/// A capability opens its booking until it starts. The start that counts is the one at which the booking
/// is now, which is known here and not when the capability was signed: somebody else may have moved
/// the booking since.
fn booked<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    status: u16,
    reply: Reply,
) -> Handled {
    let (booking, business, replayed) = match reply {
        Reply::Booking {
            booking,
            business,
            replayed,
        } => (booking, business, replayed),
        other => return Err(unexpected(&other)),
    };
    if scope.is_booker() && booking.start.unix_seconds() <= context.now {
        return Err(Failure::TokenExpired);
    }
    let capability = capability(context, scope, &booking);
    let manage_url = format!(
        "{}/manage/{}#{capability}",
        context.config.public_origin,
        scope.tenant()
    );
    let calendar_file = calendar::file(&booking, &business, &manage_url, context.now);
    let view = BookedView {
        booking: *booking,
        capability,
        manage_url,
        calendar_file,
    };
    let outgoing = Outgoing::json(status, &view);
    Ok(if replayed {
        outgoing.with("idempotency-replayed", "true")
    } else {
        outgoing
    })
}

fn capability<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    booking: &Booking,
) -> String {
    let grant = Grant::Capability {
        tenant: scope.tenant().clone(),
        booking: booking.id.clone(),
        change: scope.may_change_bookings(),
        origin: scope.origin().map(str::to_owned),
        token: scope.token().cloned(),
    };
    let ends = context.now + CAPABILITY_SECONDS;
    context
        .config
        .token_key
        .sign(grant, context.now, Some(ends))
}

/// The key under which this change is done once (draft-ietf-httpapi-idempotency-key-header). Which
/// keys are any good is the tenant's to say.
fn idempotency_key(incoming: &Incoming) -> Result<String, Failure> {
    let key = incoming.header("idempotency-key");
    key.map(str::to_owned).ok_or_else(|| Failure::InvalidRequest {
        detail: "The header Idempotency-Key is missing: a random text, the same for every try of one change".to_owned(),
        field: Some("Idempotency-Key"),
    })
}

/// A stamp in a query, where a `+` that was not percent-encoded arrives as a space.
struct QueryStamp(Stamp);

impl FromStr for QueryStamp {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, StampError> {
        text.replace(' ', "+").parse().map(Self)
    }
}
