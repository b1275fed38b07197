//! Free times.

use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{
    auth::TenantScope, edge::Handled, exchange::Outgoing, platform::Platform, problem::Failure,
    query::Query,
};

pub async fn offer<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    match context
        .read(scope, wanted(&context.incoming.query)?)
        .await?
    {
        Reply::Slots(slots) => Ok(Outgoing::json(200, &slots)),
        other => Err(unexpected(&other)),
    }
}

fn wanted(query: &str) -> Result<Command, Failure> {
    let mut query = Query::read(query, &["service", "from", "to", "zone"]);
    let parts = (
        query.required("service"),
        query.required("from"),
        query.required("to"),
        query.required("zone"),
    );
    query.finish()?;
    let (Some(service), Some(from), Some(to), Some(zone)) = parts else {
        return Err(Failure::Internal(
            "a required parameter is neither there nor an error".to_owned(),
        ));
    };
    Ok(Command::OfferSlots {
        service,
        from,
        to,
        zone,
    })
}
