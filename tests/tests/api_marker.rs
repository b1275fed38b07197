//! The marker test: a tenant in each region with a random text of its own in every field of every record.
//! Then every byte on every disk, in every log and on every line is searched for these texts, in every form
//! they could have: each is found in its own region's storage and nowhere else.
//!
//! What is searched: the whole state of the stack, with the stores of Durable Objects, the stores and the log
//! of the region server, and the log of the edge; the line between the edge and the region server, as it
//! is sent and as it is meant. The way to a Durable Object is inside the runtime's process, where there is no
//! line. The runtime keeps the objects of the US and the EU in one folder, one file for each.

use std::{collections::BTreeSet, fs, path::Path};

use slotstead_shared::problem::ProblemKind;
use slotstead_tests::{
    Region, Server,
    marked::Marked,
    proxy::Proxy,
    recorder::Recorder,
    search::{Needle, forms, found_below},
    size::Random,
};
use xtask::stack::Options;

/// Bytes that were on a line.
struct Lines {
    /// As they were sent.
    sent: Vec<u8>,
    /// As they are once TLS is taken off.
    meant: Vec<u8>,
}

/// Where a tenant's marker is and must not be, and where it is missing. `state` is the stack's folder.
fn leaks(state: &Path, lines: &Lines, tenants: &[(Region, &str)]) -> Vec<String> {
    let mut leaks = Vec::new();
    let mut objects: Vec<BTreeSet<String>> = Vec::new();
    for (region, marker) in tenants {
        let needle = Needle::new(marker);
        let mut at_home = BTreeSet::new();
        for (path, form) in found_below(state, &needle) {
            let inside = path.strip_prefix(state).expect("it was found below");
            let home = match region {
                Region::Us | Region::Eu => "disk",
                Region::Cbr => "cbr/stores",
            };
            let is_log = path.extension().is_some_and(|ending| ending == "log");
            if inside.starts_with(home) && !is_log {
                // A store and its journals share a name.
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                at_home.insert(name.split('.').next().unwrap_or_default().to_owned());
            } else {
                leaks.push(format!("{region} in {} ({form})", inside.display()));
            }
        }
        if at_home.len() != 1 {
            leaks.push(format!(
                "{region} is in {} stores: {at_home:?}",
                at_home.len()
            ));
        }
        objects.push(at_home);
        if let Some(form) = needle.found_in(&lines.sent) {
            leaks.push(format!("{region} on the line as it is sent ({form})"));
        }
        let meant = needle.found_in(&lines.meant);
        if meant.is_some() != (*region == Region::Cbr) {
            leaks.push(format!("{region} on the line: {meant:?}"));
        }
    }
    for (number, one) in objects.iter().enumerate() {
        for other in &objects[number + 1..] {
            leaks.extend(
                one.intersection(other)
                    .map(|name| format!("{name} is of two")),
            );
        }
    }
    leaks
}

#[tokio::test]
async fn what_a_tenant_is_given_is_in_its_own_region_and_nowhere_else() {
    let mut random = Random::new("markers");
    let ((line, to), recorder) = (Proxy::start().await, Recorder::start().await);
    to.set(recorder.port());
    let mut server = Server::start("marker", |options| {
        let mut options = Options::with_canberra(options);
        options.canberra_at = Some(line.port());
        options
    });
    recorder.listen_to(server.stack.canberra().expect("it was asked for"));
    let mut tenants = Vec::new();
    for region in Region::ALL {
        tenants.push((
            region,
            Marked::new(&server.client(), region, &mut random).await,
        ));
    }
    for (number, (_, tenant)) in tenants.iter().enumerate() {
        let (_, other) = &tenants[(number + 1) % tenants.len()];
        tenant.stray(other).await;
    }
    // What fails is written down somewhere: without the word of anybody.
    let (_, gone) = tenants.last().expect("there are three");
    let visitor = gone.tenant.visitor().await;
    let start = gone.free(&visitor).await[12];
    server
        .stack
        .canberra()
        .expect("it was asked for")
        .kill_hard();
    let reply = gone.book_in_vain(&visitor, start).await;
    let _ = reply.refused(503, ProblemKind::RegionUnavailable);
    let canberra = server.stack.canberra().expect("it was asked for");
    canberra.start_again().expect("on the same stores");
    let reply = gone.book_in_vain(&visitor, start).await;
    reply.expect_status(201);

    let lines = Lines {
        sent: line.carried(),
        meant: recorder.said(),
    };
    let state = server.stack.state().to_owned();
    let markers: Vec<_> = tenants
        .iter()
        .map(|(region, tenant)| (*region, &tenant.marker[..]))
        .collect();
    assert_eq!(leaks(&state, &lines, &markers), [""; 0]);
    assert!(!server.stack.log().is_empty() && lines.sent.len() > lines.meant.len());
    for (region, tenant) in &tenants {
        let calendar = Needle::new(&tenant.calendar);
        let kept = found_below(&state, &calendar);
        assert!(kept.is_empty(), "words of {region}'s calendar: {kept:?}");
        assert_eq!(calendar.found_in(&lines.meant), None);
    }
    planted(&state, lines, &markers);
}

/// Each marker in each form, planted where it must not be, is found.
fn planted(state: &Path, mut lines: Lines, markers: &[(Region, &str)]) {
    let mut names = Vec::new();
    for (region, marker) in markers {
        let elsewhere = match region {
            Region::Us | Region::Eu => "cbr/stores/planted",
            Region::Cbr => "disk/planted",
        };
        for (number, (_, bytes)) in forms(marker).into_iter().enumerate() {
            for place in [elsewhere, "planted", "cbr/planted-log"] {
                let name = format!("{place}-{region}-{number}.log");
                fs::write(state.join(&name), &bytes).expect("the state can be written to");
                names.push(name);
            }
        }
        let line = match region {
            Region::Us | Region::Eu => &mut lines.meant,
            Region::Cbr => &mut lines.sent,
        };
        line.extend_from_slice(marker.as_bytes());
    }
    let found = leaks(state, &lines, markers);
    for name in &names {
        let leaking = found
            .iter()
            .filter(|leak| leak.contains(&format!(" {name} ")));
        assert_eq!(leaking.count(), 1, "{name}: {found:?}");
    }
    assert_eq!(found.len(), names.len() + markers.len(), "{found:?}");
}
