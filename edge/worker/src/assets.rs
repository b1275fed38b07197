//! The widget's files, built into the Worker by `build.rs` from `SLOTSTEAD_WIDGET_DIR`.

use crate::{
    exchange::{Content, Incoming, Outgoing},
    problem::Failure,
};

/// A file.
struct Asset {
    /// Its name, with a hash of its content except for the loader's.
    name: &'static str,
    content_type: &'static str,
    plain: &'static [u8],
    /// The same after brotli 11.
    brotli: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The loader's name. It names the others, so it is asked for again soon.
const LOADER: &str = "embed.js";

/// `/embed.js`.
pub fn loader(incoming: &Incoming) -> Result<Outgoing, Failure> {
    let asset = find(LOADER).ok_or(Failure::NotFound)?;
    Ok(serve(asset, incoming).with(
        "cache-control",
        "public, max-age=300, stale-while-revalidate=86400",
    ))
}

/// `/assets/{file}`: the name holds the content's hash, so it never changes.
pub fn asset(incoming: &Incoming, name: &str) -> Result<Outgoing, Failure> {
    let asset = find(name)
        .filter(|asset| asset.name != LOADER)
        .ok_or(Failure::NotFound)?;
    Ok(serve(asset, incoming).with("cache-control", "public, max-age=31536000, immutable"))
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The same for everybody, so any page may load it.
fn serve(asset: &'static Asset, incoming: &Incoming) -> Outgoing {
    let brotli = asset
        .brotli
        .filter(|_| accepts_brotli(incoming.header("accept-encoding")));
    let mut outgoing = Outgoing::of(
        200,
        asset.content_type,
        Content::Static(brotli.unwrap_or(asset.plain)),
    )
    .with("vary", "accept-encoding")
    .with("access-control-allow-origin", "*")
    .with("cross-origin-resource-policy", "cross-origin");
    if brotli.is_some() {
        outgoing.encoded = true;
        outgoing = outgoing.with("content-encoding", "br");
    }
    outgoing
}

/// Whether `accept-encoding` takes brotli (RFC 9110 section 12.5.3).
fn accepts_brotli(accepted: Option<&str>) -> bool {
    accepted.unwrap_or_default().split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|part| {
            part.strip_prefix("q=")
                .and_then(|weight| weight.parse::<f32>().ok())
                .is_some_and(|weight| weight <= 0.0)
        });
        name.eq_ignore_ascii_case("br") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        for yes in [
            "br",
            "gzip, deflate, br, zstd",
            "gzip;q=1.0, br;q=0.5",
            "BR",
        ] {
            assert!(accepts_brotli(Some(yes)), "{yes}");
        }
        for no in [
            None,
            Some(""),
            Some("gzip"),
            Some("br;q=0"),
            Some("br; q=0.0"),
            Some("brotli"),
        ] {
            assert!(!accepts_brotli(no), "{no:?}");
        }
    }
}
