//! `slotstead-region`: serves a region, checks its configuration, makes certificates.

use std::{env, net::SocketAddr, path::Path, process::ExitCode, sync::Arc, time::Duration};

use rustix::{fs::Mode, process::umask};
use serde_json::json;
use slotstead_region::{
    backup::{self, BackedUp, Backup, Places, keys::History},
    certificates,
    commands::{self, arguments::Arguments},
    config::{Config, Mistake},
    control, log,
    look::look,
    mounted, open_files,
    postgres::{Database, Postgres, USUAL_PATIENCE},
    region::Region,
    server::{Listening, serve},
    stores::{Driver, Files, Stores, sqlite},
    tls,
    vault::Keys,
};
use slotstead_shared::Region as RegionName;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::spawn_blocking,
};

const HELP: &str = "\
slotstead-region serve FILE                  serves the region that this configuration describes
slotstead-region check FILE [--database]     names every mistake in the configuration, and in what it names on
                                             this machine; with --database it connects to the database and says
                                             whether that can be used
slotstead-region certificates FOLDER HOST [DAYS]
                                             makes certificates for both ends of the way from the edge to
                                             the region server HOST, good for DAYS (397 without)
slotstead-region backup FILE [--tenant ID] [--anew]
                                             backs up now, one tenant or all; --anew copies the whole store again
slotstead-region restore FILE (--tenant ID | --all) [--at TIME] (--to FOLDER | --in-place) [--replace]
                                             restores one tenant or all as of TIME (the newest without), for
                                             example 2026-11-22T09:30:00Z; --in-place while the server runs or
                                             not; --replace where there is a store already
slotstead-region restore FILE --keys (--tenant ID | --all) [--at TIME] --to FOLDER
                                             restores keys into a folder that has none
slotstead-region verify FILE [--tenant ID]   restores every backup to look at it, and names what is broken";

/// The exit status of a configuration with a mistake (`EX_CONFIG` of sysexits.h).
const MISCONFIGURED: u8 = 78;

/// Days that certificates are good for when nobody says how many.
const USUAL_DAYS: u32 = 397;

/// How long a stop waits for the backup. What is left then is backed up after the next start.
const LAST_BACKUP: Duration = Duration::from_secs(10);

/// Threads that work with stores, at most. More calls than that wait.
const WORKING_THREADS: usize = 64;

fn main() -> ExitCode {
    log::quiet_panics();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["serve", file] => load(file).and_then(run),
        ["check", file] => check(file).map(|_| println!("The configuration is right.")),
        ["check", file, "--database"] => check(file).and_then(|config| connect(&config)),
        ["certificates", folder, host] => certificates(folder, host, USUAL_DAYS),
        ["certificates", folder, host, days] => match days.parse() {
            Ok(days) => certificates(folder, host, days),
            Err(_) => usage(),
        },
        ["backup", file, ref rest @ ..] => {
            with_backups(file, rest, &["--tenant", "--anew"], commands::back_up)
        }
        ["restore", file, ref rest @ ..] => {
            const KNOWN: [&str; 7] = [
                "--tenant",
                "--all",
                "--keys",
                "--at",
                "--to",
                "--in-place",
                "--replace",
            ];
            with_backups(file, rest, &KNOWN, commands::restore)
        }
        ["verify", file, ref rest @ ..] => {
            with_backups(file, rest, &["--tenant"], commands::verify)
        }
        _ => usage(),
    };
    done.map_or_else(|code| code, |()| ExitCode::SUCCESS)
}

fn usage() -> Result<(), ExitCode> {
    eprintln!("{HELP}");
    Err(ExitCode::from(2))
}

/// Runs a command about backups, and says everything that is wrong.
fn with_backups(
    file: &str,
    rest: &[&str],
    known: &[&str],
    command: fn(&Config, &Arguments) -> commands::Outcome,
) -> Result<(), ExitCode> {
    let arguments = Arguments::read(rest, known).map_err(|wrong| {
        eprintln!("{wrong}");
        ExitCode::from(2)
    })?;
    let config = load(file)?;
    keep_private();
    command(&config, &arguments).map_err(|why| {
        for why in why {
            eprintln!("{why}");
        }
        ExitCode::FAILURE
    })
}

fn certificates(folder: &str, host: &str, days: u32) -> Result<(), ExitCode> {
    certificates::write(Path::new(folder), host, days).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

fn load(file: &str) -> Result<Config, ExitCode> {
    Config::load(Path::new(file), env::vars()).map_err(|mistakes| misconfigured(&mistakes))
}

fn misconfigured(mistakes: &[Mistake]) -> ExitCode {
    for mistake in mistakes {
        eprintln!("{mistake}");
    }
    ExitCode::from(MISCONFIGURED)
}

/// Loads a configuration, and looks at the disks that it names.
fn check(file: &str) -> Result<Config, ExitCode> {
    let config = load(file)?;
    let mistakes = look(&config);
    if mistakes.is_empty() {
        Ok(config)
    } else {
        Err(misconfigured(&mistakes))
    }
}

/// What is written from now on can be read by this user only.
fn keep_private() {
    umask(Mode::RWXG | Mode::RWXO);
}

fn run(config: Config) -> Result<(), ExitCode> {
    // Not as a mistake in the configuration: it may be mounted yet, so it is worth another try.
    if let Some(empty) = mounted::empty_disk(&config) {
        return Err(failed(empty));
    }
    keep_private();
    runtime()?.block_on(serve_until_asked(config))
}

fn runtime() -> Result<Runtime, ExitCode> {
    Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(WORKING_THREADS)
        .build()
        .map_err(failed)
}

fn connect(config: &Config) -> Result<(), ExitCode> {
    let Some(database) = &config.database else {
        return Err(failed("the stores are in files, not in a database"));
    };
    Postgres::look(database).map_err(failed)?;
    println!("The configuration is right, and the database can be used.");
    Ok(())
}

async fn in_database(database: Database, region: RegionName) -> Result<Postgres, ExitCode> {
    let open = move || Postgres::open(database, region, USUAL_PATIENCE);
    let opened = spawn_blocking(open).await.map_err(failed)?;
    opened.map_err(failed)
}

/// Where the stores are, and their backup.
type Kept = (Box<dyn Driver>, Option<Arc<Backup>>);

async fn driver(config: &Config) -> Result<Kept, ExitCode> {
    if let Some(database) = config.database.clone() {
        return Ok((Box::new(in_database(database, config.region).await?), None));
    }
    let files = Files::open(&config.data, sqlite).map_err(failed)?;
    let Some(to) = &config.backup else {
        return Ok((Box::new(files), None));
    };
    let places = Places {
        data: config.data.clone(),
        folder: to.folder.clone(),
    };
    let history = History::new(config.keys.clone(), to.keys.clone());
    let backup = Backup::new(places, Some(history), to.complain_after, backup::clock());
    let backup = Arc::new(backup);
    let tenants = files.tenants().map_err(failed)?;
    backup.start(tenants).map_err(failed)?;
    let kept = BackedUp::new(files, Arc::clone(&backup), LAST_BACKUP);
    Ok((Box::new(kept), Some(backup)))
}

async fn listen(setting: &str, address: SocketAddr) -> Result<TcpListener, ExitCode> {
    TcpListener::bind(address).await.map_err(|error| {
        let wrong = format!("{address} cannot be listened to: {error}");
        failed(Mistake::new(setting, wrong))
    })
}

async fn serve_until_asked(config: Config) -> Result<(), ExitCode> {
    let mut ends =
        [SignalKind::terminate(), SignalKind::interrupt()].map(|kind| signal(kind).map_err(failed));
    let limits = config.limits;
    open_files::make_room(&limits).map_err(failed)?;
    let outside = tls::outside().map_err(|wrong| failed(Mistake::new("tls", wrong)))?;
    let fetcher = slotstead_region::Fetcher::new(outside, config.settings.private_feeds);
    // Before a database is taken: whoever cannot have the keys is not to end another's reign for it.
    let keys = Keys::open(&config.keys, config.sealing.clone()).map_err(failed)?;
    let (driver, backup) = driver(&config).await?;
    let stores = Stores::new(driver, config.settings, limits.open_stores);
    let mut region = Region::new(config.region, config.id_key, stores, keys, fetcher, &limits);
    if let Some(backup) = &backup {
        region = region.backed_up(Arc::clone(backup));
    }
    let region = Arc::new(region);
    let listener = listen("listen", config.listen).await?;
    let address = listener.local_addr().map_err(failed)?;
    let mut sides = vec![Listening {
        listener,
        tls: Some(tls::server(config.tls).map_err(failed)?),
    }];
    if let Some(admin) = config.admin {
        sides.push(Listening {
            listener: listen("admin.listen", admin).await?,
            tls: None,
        });
    }
    let (ask, stop) = watch::channel(false);
    let sides: Vec<_> = sides
        .into_iter()
        .map(|side| tokio::spawn(serve(side, Arc::clone(&region), limits, stop.clone())))
        .collect();
    if let Some(backup) = backup {
        match control::listen(&config.data) {
            Ok(listener) => {
                let served = control::serve(listener, Arc::clone(&region), backup, stop.clone());
                tokio::spawn(served);
            }
            // Bookings do not need it.
            Err(error) => log::failure("no control socket", &error),
        }
    }
    let timer = tokio::spawn(Arc::clone(&region).run(stop, limits.stop));
    log::line(
        "serving",
        &json!({ "region": config.region.as_str(), "listen": address.to_string() }),
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
