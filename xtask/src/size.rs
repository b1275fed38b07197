//! `cargo xtask size`: what a visitor downloads, in bytes after brotli 11, the API's replies
//! included, measured on a live stack with the demo data.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use crate::{
    artefacts, brotli,
    figures::{self, Figure},
    live::{self, Live, SERVICE, ZONE},
    paths, say,
};

/// The loader: under 3 KB.
const LOADER_BUDGET: u64 = 3 * 1_024;
/// Everything before the first free time is on screen: under 150 KB.
const FIRST_TIMES_BUDGET: u64 = 150 * 1_024;

/// Cal.com's loader alone, after brotli.
const CAL_LOADER: (f64, &str) = (14_817.0, "Cal.com's loader");
/// Cal.com's React booker with its style sheet, after brotli.
const CAL_BOOKER: (f64, &str) = (483_150.0, "Cal.com's React booker");

/// Bytes of each download, compressed.
struct Downloads {
    loader: u64,
    booker: u64,
    first_replies: u64,
    booking_replies: u64,
}

/// Measures and prints; an error when a budget is exceeded.
pub fn print(as_json: bool) -> Result<()> {
    let figures = measure()?;
    figures::print(&figures, as_json);
    let budgets = [
        ("size/loader", LOADER_BUDGET),
        ("size/first-times", FIRST_TIMES_BUDGET),
    ];
    for (name, budget) in budgets {
        let figure = figures.iter().find(|figure| figure.name == name);
        let value = figure.map_or(f64::INFINITY, |figure| figure.value);
        #[allow(clippy::cast_precision_loss, reason = "budgets are small")]
        let within = value < budget as f64;
        if !within {
            bail!(
                "{name} is {value} bytes; its budget is {}",
                say::thousands(budget)
            );
        }
    }
    Ok(())
}

/// The three figures, from built artefacts.
pub fn measure() -> Result<Vec<Figure>> {
    artefacts::build()?;
    let downloads = downloads()?;
    let first = downloads.loader + downloads.booker + downloads.first_replies;
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let figure = |name, value: u64, against| Figure {
        name,
        value: value as f64,
        unit: "bytes",
        against: Some(against),
    };
    Ok(vec![
        figure("size/loader", downloads.loader, CAL_LOADER),
        figure("size/first-times", first, CAL_BOOKER),
        figure("size/booked", first + downloads.booking_replies, CAL_BOOKER),
    ])
}

fn downloads() -> Result<Downloads> {
    let (mut loader, mut booker) = (0, 0);
    for entry in fs::read_dir(artefacts::widget_folder())? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "br") {
            continue;
        }
        let length = brotli::compressed_length(&file)?;
        if file.file_name().is_some_and(|name| name == "embed.js") {
            loader += length;
        } else {
            booker += length;
        }
    }
    ensure!(
        loader > 0 && booker > 0,
        "the widget's artefacts are incomplete"
    );
    let replies = replies()?;
    let bodies: Vec<_> = replies.iter().map(Vec::as_slice).collect();
    let lengths = brotli::lengths(&bodies)?;
    Ok(Downloads {
        loader,
        booker,
        first_replies: lengths[..2].iter().sum(),
        booking_replies: lengths[2..].iter().sum(),
    })
}

/// What the API answers on the way to a booking of the demo service: session, slots of six
/// weeks, hold, booking.
fn replies() -> Result<Vec<Vec<u8>>> {
    let live = Live::start(&paths::artefacts().join("size/state"))?;
    let session = live.visit("POST", "sessions", None, None)?;
    let token = live::text(&session, "token")?;
    let slots = live.visit("GET", &live::slots_path(SERVICE)?, Some(&token), None)?;
    let starts = live::starts(&slots)?;
    let start = starts
        .first()
        .context("the demo service has no free time in six weeks")?;
    let wanted = json!({ "service": SERVICE, "start": start, "zone": ZONE });
    let hold = live.visit("POST", "holds", Some(&token), Some(&wanted))?;
    let mut booking = live::booking(SERVICE, start);
    booking["hold"] = live::text(&hold, "id")?.into();
    let booked = live.visit("POST", "bookings", Some(&token), Some(&booking))?;
    Ok(vec![session, slots, hold, booked])
}
