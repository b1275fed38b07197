//! `cargo xtask attack`: the edge as it runs, under tools made by others to find faults, and under
//! more load than the everyday tests give it. Each part prints a figure; a finding fails the command.
//!
//! What Cloudflare does before a request reaches the Worker (TLS above all) is not on this machine:
//! the scans see the runtime's own socket.

mod ground;
mod headers;
mod load;
mod schemathesis;
mod tls;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::{artefacts, say};

struct Part {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<String>,
}

const PARTS: [Part; 5] = [
    Part {
        name: "tls",
        what: "testssl.sh on the runtime's TLS socket, with a configuration of production",
        run: tls::run,
    },
    Part {
        name: "headers",
        what: "Mozilla's HTTP Observatory on pages and API",
        run: headers::run,
    },
    Part {
        name: "load",
        what: "race and kill -9 at full size",
        run: load::run,
    },
    Part {
        name: "region",
        what: "200 times kill -9 of the region server, and a bad line to it",
        run: load::region,
    },
    Part {
        name: "schemathesis",
        what: "requests made up from the OpenAPI document, as four identities",
        run: schemathesis::run,
    },
];

/// Runs every part, or the one named `only`; all of them, even when one finds something.
pub fn run(only: Option<&str>) -> Result<()> {
    let chosen: Vec<_> = PARTS
        .iter()
        .filter(|part| only.is_none_or(|name| name == part.name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        bail!("there is no such part; the parts are {}", names.join(", "));
    }
    artefacts::build()?;
    let mut lines = Vec::new();
    let mut failed = 0;
    for part in chosen {
        say::line(&format!("\n▸ {}: {}", part.name, part.what));
        let begun = Instant::now();
        let (mark, figure) = match (part.run)() {
            Ok(figure) => ("✓", figure),
            Err(error) => {
                failed += 1;
                ("✗", format!("{error:#}"))
            }
        };
        let line = format!(
            "{mark} {:<13} {figure} ({})",
            part.name,
            say::duration(begun.elapsed())
        );
        say::line(&line);
        lines.push(line);
    }
    say::line("");
    for line in &lines {
        say::line(line);
    }
    if failed > 0 {
        bail!("{failed} of {} parts found something", lines.len());
    }
    Ok(())
}
