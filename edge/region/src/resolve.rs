//! Where a name leads, as far as a feed may lead there.
//!
//! The tenant's check sees names; a name can lead anywhere. So what it resolves to is checked too, and
//! exactly what was checked is connected to: nothing resolves the name a second time.

use std::net::{IpAddr, SocketAddr};

use slotstead_tenant::{connectors::address::is_public, effect::FetchFailure};
use tokio::net::lookup_host;
use url::{Host, Url};

/// The addresses to connect to for `url`: public ones, and this machine with the development switch.
pub async fn resolve(url: &Url, allow_private: bool) -> Result<Vec<SocketAddr>, FetchFailure> {
    let port = url
        .port_or_known_default()
        .ok_or(FetchFailure::AddressRefused)?;
    let found: Vec<SocketAddr> = match url.host().ok_or(FetchFailure::AddressRefused)? {
        Host::Ipv4(address) => vec![(address, port).into()],
        Host::Ipv6(address) => vec![(address, port).into()],
        Host::Domain(name) => lookup_host((name, port))
            .await
            .map_err(|_| FetchFailure::Unreachable)?
            .collect(),
    };
    if found.is_empty() {
        return Err(FetchFailure::Unreachable);
    }
    let allowed = allowed(found, allow_private);
    if allowed.is_empty() {
        Err(FetchFailure::AddressRefused)
    } else {
        Ok(allowed)
    }
}

fn allowed(mut found: Vec<SocketAddr>, allow_private: bool) -> Vec<SocketAddr> {
    found.retain(|address| may_connect(address.ip(), allow_private));
    found
}

fn may_connect(address: IpAddr, allow_private: bool) -> bool {
    is_public(address) || (allow_private && address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn of_what_a_name_resolves_to_only_the_public_is_left() {
        let found = addresses(&[
            "93.184.215.14:443",
            "127.0.0.1:443",
            "10.0.0.7:443",
            "169.254.169.254:443",
            "[::1]:443",
            "[::ffff:10.0.0.1]:443",
            "[fd00::1]:443",
            "[2606:4700::1111]:443",
            "168.63.129.16:443",
        ]);
        let public = addresses(&["93.184.215.14:443", "[2606:4700::1111]:443"]);
        assert_eq!(allowed(found.clone(), false), public);
        let development = allowed(found, true);
        assert_eq!(development.len(), 4, "{development:?}");
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused_after_resolution() {
        let url = Url::parse("http://localhost:8080/a.ics").unwrap();
        assert_eq!(
            resolve(&url, false).await,
            Err(FetchFailure::AddressRefused)
        );
        let found = resolve(&url, true).await.unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback()));
    }
}
