//! When hosts work: weekly rules, and dates that replace them.

use slotstead_shared::{
    Date,
    ids::ScheduleId,
    wire::{Items, OverrideInput, OverridesInput, ScheduleInput},
};
use slotstead_tenant::{Command, Reply};

use super::{Context, unexpected};
use crate::{auth::TenantScope, body, edge::Handled, exchange::Outgoing, platform::Platform};

pub async fn list<P: Platform>(context: &Context<'_, P>, scope: &TenantScope) -> Handled {
    match context.read(scope, Command::ListSchedules).await? {
        Reply::Schedules(items) => Ok(Outgoing::json(200, &Items { items })),
        other => Err(unexpected(&other)),
    }
}

pub async fn put<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    id: ScheduleId,
) -> Handled {
    let schedule: ScheduleInput = body::json(context.incoming)?;
    match context
        .put(scope, Command::PutSchedule { id, schedule })
        .await?
    {
        Reply::Schedule(schedule) => Ok(Outgoing::json(200, &schedule)),
        other => Err(unexpected(&other)),
    }
}

pub async fn list_overrides<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    schedule: ScheduleId,
) -> Handled {
    match context
        .read(scope, Command::ListOverrides { schedule })
        .await?
    {
        Reply::Overrides(items) => Ok(Outgoing::json(200, &Items { items })),
        other => Err(unexpected(&other)),
    }
}

pub async fn put_override<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    schedule: ScheduleId,
    date: Date,
) -> Handled {
    let value: OverrideInput = body::json(context.incoming)?;
    match context
        .put(
            scope,
            Command::PutOverride {
                schedule,
                date,
                value,
            },
        )
        .await?
    {
        Reply::Override(value) => Ok(Outgoing::json(200, &value)),
        other => Err(unexpected(&other)),
    }
}

pub async fn put_overrides<P: Platform>(
    context: &Context<'_, P>,
    scope: &TenantScope,
    schedule: ScheduleId,
) -> Handled {
    let value: OverridesInput = body::json(context.incoming)?;
    match context
        .put(scope, Command::PutOverrides { schedule, value })
        .await?
    {
        Reply::Overrides(items) => Ok(Outgoing::json(200, &Items { items })),
        other => Err(unexpected(&other)),
    }
}
