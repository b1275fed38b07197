//! `cargo xtask run`: everything a newcomer wants to see, from nothing.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    artefacts, demo,
    http::Client,
    lock, paths, ports, say, signals,
    site::Site,
    stack::{self, Options, Stack},
};

/// Where the edge is when the port is free.
const EDGE_PORT: u16 = 8787;
/// Where the demo site is when the port is free.
const SITE_PORT: u16 = 8788;

/// Runs until it is asked to end.
pub fn run(fresh: bool) -> Result<()> {
    let started = Instant::now();
    let dev = paths::dev();
    fs::create_dir_all(&dev)?;
    // The owners' tokens are in it.
    fs::set_permissions(&dev, Permissions::from_mode(0o700))?;
    // Two of us would write the same stores.
    let Some(_lock) = lock::take(&dev.join("lock"))? else {
        bail!("`cargo xtask run` is running in this checkout already");
    };
    if fresh {
        wipe(&dev)?;
    }
    artefacts::build()?;
    let calendars = dev.join("calendars");
    let calendar = calendars.join("ingrid.ics");
    if !calendar.exists() {
        fs::create_dir_all(&calendars)?;
        fs::copy(paths::root().join("www/demo/ingrid.ics"), &calendar)
            .context("the demo calendar cannot be put in place")?;
    }
    let site = Site::start(&paths::root().join("www/public"), port(SITE_PORT)?, [])?;
    site.mount("/calendars/", &calendars);
    let mut options = Options::new(dev.join("edge"))
        .wide_rate_limits()
        .with_canberra();
    options.port = Some(port(EDGE_PORT)?);
    let mut edge = Stack::start(options)?;
    let client = Client::new(&format!("http://127.0.0.1:{}", edge.port()));
    let demo = demo::prepare(
        &client,
        edge.operator_key(),
        &site.origin(),
        &dev.join("demo.json"),
        true,
    )?;
    site.replace("edge", edge.origin());
    site.replace("tenant_us", demo.us.tenant.as_str());
    site.replace("tenant_eu", demo.eu.tenant.as_str());
    let cbr = demo.cbr.as_ref().map(|account| account.tenant.as_str());
    site.replace("tenant_cbr", cbr.unwrap_or_default());
    if let Err(error) = demo::wait_for_feed(&client, &demo.eu) {
        say::line(&format!("  {error:#}"));
    }
    print_addresses(&site.origin(), &edge.origin(), started.elapsed());
    signals::end_in_order();
    while !signals::asked_to_end() {
        // Ctrl-C reaches workerd too: a moment for our own share of it to be noticed.
        thread::sleep(Duration::from_millis(100));
        if !edge.is_running() && !signals::asked_to_end() {
            bail!(
                "workerd or the region server has ended by itself; the logs are {} and cbr/region.log beside it",
                edge.log_path().display()
            );
        }
    }
    say::line("\nStopping.");
    Ok(())
}

fn print_addresses(site: &str, edge: &str, took: Duration) {
    let took = say::duration(took);
    say::line(&format!(
        "
Slotstead is running. It took {took} to get here.

  A clinic's page, EU tenant    {site}/demo.html
  All that the clinic offers    {site}/demo-services.html
  A workshop's page, US tenant  {site}/demo-us.html
  An optometrist's, in Canberra {site}/demo-cbr.html
  What Slotstead is             {site}/
  The edge and its API          {edge}/openapi.json

  Ingrid's calendar is .dev/calendars/ingrid.ics. Change it, and the clinic's
  free times follow within 80 seconds, an open page up to 90 seconds later.
  The owners' tokens are in .dev/demo.json.

Ctrl-C stops everything. The next start finds the same bookings; --fresh forgets them."
    ));
}

fn wipe(dev: &Path) -> Result<()> {
    stack::stop_left_behind(&dev.join("edge"));
    for name in ["edge", "calendars"] {
        if dev.join(name).exists() {
            fs::remove_dir_all(dev.join(name))?;
        }
    }
    if dev.join("demo.json").exists() {
        fs::remove_file(dev.join("demo.json"))?;
    }
    Ok(())
}

fn port(wanted: u16) -> Result<u16> {
    let port = ports::free_port_from(wanted)?;
    if port != wanted {
        say::line(&format!(
            "  Port {wanted} is taken; {port} is used instead."
        ));
    }
    Ok(port)
}
