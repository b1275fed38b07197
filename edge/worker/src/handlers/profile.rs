//! The business as bookers see it, and the pages that may carry its booker.

use slotstead_shared::wire::{Origins, Profile};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{
    auth::TenantScope,
    body,
    edge::Handled,
    exchange::Outgoing,
    places,
    platform::Platform,
    region::{RegionHost, host_of},
};

/// The places of the region host, and those that the edge is.
pub async fn residency<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    match context.read(scope, Command::Residency).await? {
        Reply::Residency(mut residency) => {
            let region_server = match host_of(residency.region) {
                RegionHost::RegionServer { .. } => true,
                RegionHost::DurableObject { .. } => false,
            };
            residency
                .places
                .extend(places::of_edge(context.config, region_server));
            Ok(Outgoing::json(200, &residency))
        }
        other => Err(unexpected(&other)),
    }
}

pub async fn get<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    profile(&context.read(scope, Command::GetProfile).await?)
}

pub async fn put<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    let profile_in: Profile = body::json(context.incoming)?;
    profile(
        &context
            .put(
                scope,
                Command::PutProfile {
                    profile: profile_in,
                },
            )
            .await?,
    )
}

pub async fn get_origins<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    origins(&context.read(scope, Command::GetOrigins).await?)
}

pub async fn put_origins<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    let origins_in: Origins = body::json(context.incoming)?;
    origins(
        &context
            .put(
                scope,
                Command::PutOrigins {
                    origins: origins_in,
                },
            )
            .await?,
    )
}

fn profile(reply: &Reply) -> Handled {
    match reply {
        Reply::Profile(profile) => Ok(Outgoing::json(200, profile)),
        other => Err(unexpected(other)),
    }
}

fn origins(reply: &Reply) -> Handled {
    match reply {
        Reply::Origins(origins) => Ok(Outgoing::json(200, origins)),
        other => Err(unexpected(other)),
    }
}
