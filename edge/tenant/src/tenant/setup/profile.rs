//! The tenant as a whole: signing up, its profile, and the pages that may carry its widget.

use std::collections::BTreeSet;

use slotstead_shared::{
    Region,
    ids::TokenId,
    limits::ORIGINS,
    wire::{Origins, Profile, Residency, Scope, SignUp},
};

use crate::{
    call::{Answer, Reply},
    tables::tenants::TokenRow,
    tenant::{Context, check::Check, formats},
};

/// Creates the tenant, and its first token with every scope.
pub fn create(cx: &Context<'_>, region: Region, sign_up: &SignUp, token: &TokenId) -> Answer {
    let mut check = Check::default();
    let name = check.name("name", &sign_up.name);
    if sign_up.region != region {
        check.wrong("region", "This is not the region of the tenant's id");
    }
    check.finish()?;
    let profile = Profile { name, accent: None };
    cx.store.create(&profile, cx.now)?;
    cx.store.insert_token(&TokenRow {
        id: token.clone(),
        name: "Sign-up".to_owned(),
        scopes: Scope::ALL.to_vec(),
        created_at: cx.now,
    })?;
    Ok(Reply::Created { profile })
}

/// Where the tenant's data is, as its region host is configured.
pub fn residency(cx: &Context<'_>, region: Region) -> Reply {
    Reply::Residency(Residency {
        region,
        places: cx.settings.places.clone(),
    })
}

pub fn get(cx: &Context<'_>) -> Answer {
    Ok(Reply::Profile(cx.store.profile()?))
}

pub fn put(cx: &Context<'_>, profile: &Profile) -> Answer {
    let mut check = Check::default();
    let name = check.name("name", &profile.name);
    let accent = profile
        .accent
        .as_ref()
        .map(|accent| accent.to_ascii_lowercase());
    if accent
        .as_ref()
        .is_some_and(|accent| !formats::is_colour(accent))
    {
        check.wrong("accent", "A colour is # and six digits, such as #0a7f5c");
    }
    check.finish()?;
    let profile = Profile { name, accent };
    cx.store.set_profile(&profile)?;
    Ok(Reply::Profile(profile))
}

pub fn get_origins(cx: &Context<'_>) -> Answer {
    Ok(Reply::Origins(Origins {
        origins: cx.store.origins()?,
    }))
}

/// Takes effect at once, also for sessions that are open: each call of theirs is checked.
pub fn put_origins(cx: &Context<'_>, origins: &Origins) -> Answer {
    let mut check = Check::default();
    check.at_most("origins", origins.origins.len(), ORIGINS, "origins");
    let mut seen = BTreeSet::new();
    for (at, origin) in origins.origins.iter().enumerate() {
        if let Err(detail) = formats::origin(origin) {
            check.wrong(format!("origins[{at}]"), detail);
        } else if !seen.insert(origin) {
            check.wrong(format!("origins[{at}]"), "This origin is here twice");
        }
    }
    check.finish()?;
    cx.store.set_origins(&origins.origins)?;
    Ok(Reply::Origins(origins.clone()))
}
