//! Exports, as JSON with everything in it and as CSV with a line for each booking.

use slotstead_shared::{
    ids::BookingId,
    wire::{BookingRecord, Export},
};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{
    auth::TenantScope, csv, edge::Handled, exchange::Outgoing, platform::Platform, query::Query,
    routes::Form,
};

/// A page of all that is stored of a tenant. As CSV the next page is named by a header (RFC 8288).
pub async fn all<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    form: Form,
) -> Handled {
    let mut query = Query::read(&context.incoming.query, &["after"]);
    let after: Option<String> = query.optional("after");
    query.finish()?;
    let export: Export = match context.read(scope, Command::Export { after }).await? {
        Reply::Export(export) => *export,
        other => return Err(unexpected(&other)),
    };
    Ok(match form {
        Form::Json => Outgoing::json(200, &export),
        Form::Csv => {
            let outgoing = csv::bookings(&export.bookings);
            match &export.next {
                // A cursor is digits, letters, a point, an underscore and perhaps a minus.
                Some(next) => outgoing.with(
                    "link",
                    format!(
                        "</v1/{}/export.csv?after={next}>; rel=\"next\"",
                        scope.tenant()
                    ),
                ),
                None => outgoing,
            }
        }
    })
}

/// All that is stored of one booking.
pub async fn booking<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: BookingId,
    form: Form,
) -> Handled {
    let record: BookingRecord = match context.read(scope, Command::ExportBooking { id }).await? {
        Reply::BookingRecord(record) => *record,
        other => return Err(unexpected(&other)),
    };
    Ok(match form {
        Form::Json => Outgoing::json(200, &record),
        Form::Csv => csv::bookings(&[record]),
    })
}
