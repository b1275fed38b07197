//! The arguments of the commands about backups.

use std::path::PathBuf;

use slotstead_shared::{TenantId, UnixSeconds};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// What `--at` takes: a date and a time with its zone, or seconds since 1970.
const TIMES: &str = "2026-11-22T09:30:00Z or @1795339800";

/// What was said behind a command and the configuration.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a word that was said or not"
)]
pub struct Arguments {
    /// `--tenant ID`
    pub tenant: Option<TenantId>,
    /// `--all`
    pub all: bool,
    /// `--keys`
    pub keys: bool,
    /// `--at TIME`
    pub at: Option<UnixSeconds>,
    /// `--to FOLDER`
    pub to: Option<PathBuf>,
    /// `--in-place`
    pub in_place: bool,
    /// `--replace`
    pub replace: bool,
    /// `--anew`
    pub anew: bool,
}

impl Arguments {
    /// Reads them; `known` are those that the command takes.
    pub fn read(words: &[&str], known: &[&str]) -> Result<Self, String> {
        let mut read = Self::default();
        let mut words = words.iter();
        while let Some(name) = words.next() {
            if !known.contains(name) {
                let known = known.join(", ");
                return Err(format!("{name} is no argument here; there are {known}"));
            }
            let mut value = || {
                let value = words.next().filter(|value| !value.starts_with("--"));
                value.ok_or_else(|| match *name {
                    "--at" => format!("--at needs a time such as {TIMES}"),
                    name => format!("{name} needs a value"),
                })
            };
            match *name {
                "--tenant" => read.tenant = Some(tenant(value()?)?),
                "--at" => read.at = Some(time(value()?)?),
                "--to" => read.to = Some(PathBuf::from(value()?)),
                "--all" => read.all = true,
                "--keys" => read.keys = true,
                "--in-place" => read.in_place = true,
                "--replace" => read.replace = true,
                "--anew" => read.anew = true,
                name => return Err(format!("{name} is no argument here")),
            }
        }
        if read.tenant.is_some() && read.all {
            return Err("--tenant and --all are two different things".to_owned());
        }
        Ok(read)
    }
}

fn tenant(text: &str) -> Result<TenantId, String> {
    text.parse()
        .map_err(|_| format!("--tenant {text} is not a tenant's id"))
}

fn time(text: &str) -> Result<UnixSeconds, String> {
    let seconds = text.strip_prefix('@').map(str::parse);
    if let Some(Ok(seconds)) = seconds {
        return Ok(seconds);
    }
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::unix_timestamp)
        .map_err(|_| format!("--at {text} is not a time such as {TIMES}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; 7] = [
        "--tenant",
        "--all",
        "--at",
        "--to",
        "--in-place",
        "--replace",
        "--anew",
    ];

    #[test]
    fn what_is_said_is_understood() {
        let id = TenantId::assemble(slotstead_shared::Region::Cbr, [1; 16], |_| [0; 10]);
        let words = [
            "--tenant",
            id.as_str(),
            "--at",
            "2026-11-22T10:30:00+01:00",
            "--in-place",
        ];
        let read = Arguments::read(&words, &ALL).unwrap();
        assert_eq!(read.tenant, Some(id));
        assert_eq!(read.at, Some(1_795_339_800));
        assert!(read.in_place && !read.replace);
        let read = Arguments::read(&["--all", "--at", "@17", "--to", "x"], &ALL).unwrap();
        assert_eq!(
            (read.all, read.at, read.to),
            (true, Some(17), Some("x".into()))
        );
    }

    #[test]
    fn a_mistake_names_the_argument() {
        for (words, named) in [
            (&["--tenant"][..], "--tenant"),
            (&["--tenant", "--all"], "--tenant"),
            (&["--tenant", "cbr_x"], "cbr_x"),
            (&["--at", "yesterday"], "--at yesterday"),
            (&["--at", "2026-02-30T00:00:00Z"], "--at 2026-02-30"),
            (&["--at", "2026-11-22T09:30:00"], TIMES),
            (&["--at", "2026-11-22 09:30:00"], TIMES),
            (&["--at", "2026-11-22"], TIMES),
            (&["--at", "@soon"], TIMES),
            (&["--at"], TIMES),
            (&["--colour", "red"], "--colour"),
            (&["cbr_x"], "cbr_x"),
        ] {
            let said = Arguments::read(words, &ALL).unwrap_err();
            assert!(said.contains(named), "{said}");
        }
        let said = Arguments::read(&["--at", "@1"], &["--tenant"]).unwrap_err();
        assert!(said.contains("--at") && said.contains("--tenant"), "{said}");
    }
}
