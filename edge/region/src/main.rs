//! `slotstead-region`: serves a region, checks its configuration, makes certificates.

use std::{env, path::Path, process::ExitCode, sync::Arc};

use serde_json::json;
use slotstead_region::{
    certificates,
    config::{Config, Mistake},
    log,
    region::Region,
    server::{Listening, serve},
    stores::{Files, Stores, sqlite},
    tls,
};
use tokio::{
    net::TcpListener,
    runtime::Builder,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

const HELP: &str = "\
slotstead-region serve FILE                  serves the region that this configuration describes
slotstead-region check FILE                  names every mistake in the configuration
slotstead-region certificates FOLDER HOST [DAYS]
                                             makes certificates for both ends of the way from the edge to
                                             the region server HOST, good for DAYS (397 without)";

/// The exit status of a configuration with a mistake (`EX_CONFIG` of sysexits.h).
const MISCONFIGURED: u8 = 78;

/// Days that certificates are good for when nobody says how many.
const USUAL_DAYS: u32 = 397;

/// Threads that work with stores, at most. More calls than that wait.
const WORKING_THREADS: usize = 64;

fn main() -> ExitCode {
    log::quiet_panics();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["serve", file] => load(file).and_then(run),
        ["check", file] => load(file).map(|_| println!("The configuration is right.")),
        ["certificates", folder, host] => certificates(folder, host, USUAL_DAYS),
        ["certificates", folder, host, days] => match days.parse() {
            Ok(days) => certificates(folder, host, days),
            Err(_) => usage(),
        },
        _ => usage(),
    };
    done.map_or_else(|code| code, |()| ExitCode::SUCCESS)
}

fn usage() -> Result<(), ExitCode> {
    eprintln!("{HELP}");
    Err(ExitCode::from(2))
}

fn certificates(folder: &str, host: &str, days: u32) -> Result<(), ExitCode> {
    certificates::write(Path::new(folder), host, days).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

fn load(file: &str) -> Result<Config, ExitCode> {
    Config::load(Path::new(file), env::vars()).map_err(|mistakes| {
        for mistake in &mistakes {
            eprintln!("{mistake}");
        }
        ExitCode::from(MISCONFIGURED)
    })
}

fn run(config: Config) -> Result<(), ExitCode> {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(WORKING_THREADS)
        .build()
        .map_err(failed)?;
    runtime.block_on(serve_until_asked(config))
}

async fn serve_until_asked(config: Config) -> Result<(), ExitCode> {
    let mut ends =
        [SignalKind::terminate(), SignalKind::interrupt()].map(|kind| signal(kind).map_err(failed));
    let limits = config.limits;
    let outside = tls::outside().map_err(|wrong| failed(Mistake::new("tls", wrong)))?;
    let fetcher = slotstead_region::Fetcher::new(outside, config.settings.private_feeds);
    let files = Files::open(&config.data, sqlite).map_err(failed)?;
    let stores = Stores::new(Box::new(files), config.settings, limits.open_stores);
    let region = Arc::new(Region::new(
        config.region,
        config.id_key,
        stores,
        fetcher,
        &limits,
    ));
    let mut sides = vec![Listening {
        listener: TcpListener::bind(config.listen).await.map_err(failed)?,
        tls: Some(tls::server(config.tls).map_err(failed)?),
    }];
    if let Some(admin) = config.admin {
        sides.push(Listening {
            listener: TcpListener::bind(admin).await.map_err(failed)?,
            tls: None,
        });
    }
    let (ask, stop) = watch::channel(false);
    let sides: Vec<_> = sides
        .into_iter()
        .map(|side| tokio::spawn(serve(side, Arc::clone(&region), limits, stop.clone())))
        .collect();
    let timer = tokio::spawn(Arc::clone(&region).run(stop, limits.stop));
    log::line(
        "serving",
        &json!({ "region": config.region.as_str(), "listen": config.listen.to_string() }),
    );
    let [terminate, interrupt] = &mut ends;
    let (Ok(terminate), Ok(interrupt)) = (terminate, interrupt) else {
        return Err(ExitCode::FAILURE);
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    log::line("stopping", &json!(null));
    // Nobody is left to hear it only when everything has ended already.
    let _ = ask.send(true);
    for side in sides {
        side.await.map_err(failed)?;
    }
    timer.await.map_err(failed)?;
    region.close().await;
    log::line("stopped", &json!(null));
    Ok(())
}
