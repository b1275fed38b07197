//! Ports on 127.0.0.1 for servers that are told where to listen before they start.
//!
//! A port that was only found free may be given out again before the first one who got it listens: by us, by
//! another xtask, or by the system to whoever connects. So ours lie below the ones the system gives out by
//! itself, and each has a lock file in the cache, held until this process ends.

use std::{
    fs::{self, File},
    io,
    net::{Ipv4Addr, Ipv6Addr, TcpListener},
    path::Path,
    process,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result, bail};

use crate::{lock, paths};

/// The first port of ours. The last one that browsers refuse is 10080 (Fetch standard, 2.9 "Port blocking").
const FIRST: u16 = 10_081;
/// The first port of the system's own, where it does not say.
const SYSTEM: u16 = 32_768;

/// What this process has taken.
struct Taken {
    /// The port to try next; 0 at the beginning.
    next: u16,
    /// The locks.
    locks: Vec<File>,
}

/// A port that nobody listens on and nobody else of ours was given.
pub fn free_port() -> Result<u16> {
    static TAKEN: Mutex<Taken> = Mutex::new(Taken {
        next: 0,
        locks: Vec::new(),
    });
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    take(&mut taken, &paths::cache()?.join("ports"), FIRST..system())
}

/// `wanted`, or the next port after it that is free.
pub fn free_port_from(wanted: u16) -> Result<u16> {
    (wanted..=wanted.saturating_add(200))
        .find(|port| is_free(*port))
        .with_context(|| format!("no port is free from {wanted} on"))
}

fn take(taken: &mut Taken, folder: &Path, ports: std::ops::Range<u16>) -> Result<u16> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    if !ports.contains(&taken.next) {
        // Processes of one moment begin far from each other.
        let spread = u32::from(ports.end - ports.start);
        let step = process::id().wrapping_mul(97) % spread;
        taken.next = ports.start + u16::try_from(step).unwrap_or(0);
    }
    for _ in ports.clone() {
        let port = taken.next;
        taken.next = if port + 1 < ports.end {
            port + 1
        } else {
            ports.start
        };
        let Some(lock) = lock::take(&folder.join(port.to_string()))? else {
            continue;
        };
        if is_free(port) {
            taken.locks.push(lock);
            return Ok(port);
        }
    }
    bail!("none of the ports {ports:?} of 127.0.0.1 is free")
}

/// The first port that the system gives out by itself.
fn system() -> u16 {
    let said = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok();
    let first = said.and_then(|said| said.split_whitespace().next()?.parse().ok());
    match first {
        Some(first) if first > FIRST => first,
        // It has nearly all of them: then ours are among them, and only the locks keep them apart.
        _ => SYSTEM,
    }
}

/// Whether nobody listens where `localhost` may lead: on IPv4 and, where there is one, on IPv6.
fn is_free(port: u16) -> bool {
    let in_use = |listener: io::Result<TcpListener>| {
        listener.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    };
    !in_use(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
        && !in_use(TcpListener::bind((Ipv6Addr::LOCALHOST, port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody() -> Taken {
        Taken {
            next: 0,
            locks: Vec::new(),
        }
    }

    #[test]
    fn a_port_is_given_once_though_nobody_listens_yet() {
        let folder = std::env::temp_dir().join(format!("slotstead-ports-{}", process::id()));
        let ports = 9_400..9_440;
        // Two that ask in turns are two processes.
        let (mut first, mut second) = (nobody(), nobody());
        let mut given = Vec::new();
        for _ in 0..10 {
            given.push(take(&mut first, &folder, ports.clone()).unwrap());
            given.push(take(&mut second, &folder, ports.clone()).unwrap());
        }
        assert!(given.iter().all(|port| ports.contains(port)), "{given:?}");
        let mut once = given.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), given.len(), "{given:?}");

        let listener = (ports.clone())
            .filter(|port| !given.contains(port))
            .find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok());
        let busy = listener.as_ref().unwrap().local_addr().unwrap().port();
        while let Ok(port) = take(&mut first, &folder, ports.clone()) {
            assert_ne!(port, busy);
        }

        drop(second);
        assert!(
            take(&mut first, &folder, ports).is_ok(),
            "those who end give theirs back"
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn ours_are_below_the_ones_of_the_system() {
        assert!(FIRST < system());
    }
}
