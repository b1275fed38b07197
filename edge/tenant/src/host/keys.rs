//! What the secret `ID_KEY` vouches for: the tags of tenant ids, the names of Durable Objects and of the
//! folders of keyrings, and pseudonyms of clients. Each use has inputs that no other use can have. The edge has
//! the key, and a region host that is to check tags itself.

use std::net::IpAddr;

use data_encoding::HEXLOWER;
use hmac_sha256::HMAC;
use slotstead_shared::{Region, TenantId, UnixSeconds, ids::encode_id};
use subtle::ConstantTimeEq;

const DAY_SECONDS: i64 = 86_400;

/// Whether two texts are equal, in a time that tells nothing but their lengths.
#[must_use]
pub fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// The key behind ids.
#[derive(Clone)]
pub struct IdKey([u8; 32]);

impl IdKey {
    /// The key of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first 80 bits of the HMAC: forging one takes 2^79 requests on average.
    fn tag(&self, untagged: &str) -> [u8; 10] {
        let mac = HMAC::mac(untagged, self.0);
        let mut tag = [0; 10];
        tag.copy_from_slice(&mac[..10]);
        tag
    }

    /// A new tenant's id.
    #[must_use]
    pub fn new_tenant(&self, region: Region, random: [u8; 16]) -> TenantId {
        TenantId::assemble(region, random, |untagged| self.tag(untagged))
    }

    /// Whether the id was made with this key.
    #[must_use]
    pub fn is_genuine(&self, tenant: &TenantId) -> bool {
        same(&encode_id(&self.tag(tenant.untagged())), tenant.tag())
    }

    /// The name of the tenant's Durable Object. The platform logs object ids outside the
    /// jurisdiction, so the name must not lead back to the tenant.
    #[must_use]
    pub fn object_name(&self, tenant: &TenantId) -> String {
        HEXLOWER.encode(&HMAC::mac(format!("object:{tenant}"), self.0))
    }

    /// The folder of the tenant's keyring, outside its store. It must not lead back to the tenant
    /// either, nor to its Durable Object.
    #[must_use]
    pub fn vault_name(&self, tenant: &TenantId) -> String {
        HEXLOWER.encode(&HMAC::mac(format!("vault:{tenant}"), self.0))
    }

    /// A pseudonym of a client for one day: rate limits need to know a client again, and nothing
    /// keeps its address. An IPv6 network of 64 bits is one client, because one client owns it.
    #[must_use]
    pub fn client(&self, address: Option<&str>, now: UnixSeconds) -> String {
        let network = match address.map(|text| (text, text.parse())) {
            Some((_, Ok(IpAddr::V4(address)))) => address.to_string(),
            Some((_, Ok(IpAddr::V6(address)))) => match address.to_ipv4_mapped() {
                Some(mapped) => mapped.to_string(),
                None => format!("{:x?}", &address.segments()[..4]),
            },
            // Without an address all share one allowance: a limiter fails closed.
            Some((_, Err(_))) | None => "unknown".to_owned(),
        };
        let day = now.div_euclid(DAY_SECONDS);
        HEXLOWER.encode(&HMAC::mac(format!("client:{day}:{network}"), self.0)[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> IdKey {
        IdKey::new([byte; 32])
    }

    #[test]
    fn an_id_is_genuine_for_the_key_that_made_it_and_no_other() {
        for region in Region::ALL {
            let id = key(1).new_tenant(region, [9; 16]);
            assert!(key(1).is_genuine(&id));
            assert!(!key(2).is_genuine(&id));
        }
    }

    /// Every id, Durable Object and keyring that is kept hangs on these: changing them loses tenants.
    /// The values were computed with Python's `hmac`.
    #[test]
    fn tags_and_the_names_of_what_is_kept_stay_what_they_are() {
        let id = key(1).new_tenant(Region::Eu, [9; 16]);
        assert_eq!(id.as_str(), "eu_144gj289144gj289144gj28914b1rxnayy3ff78rd7");
        assert_eq!(
            key(1).object_name(&id),
            "a6295d0c15cd971b48b1ea6902a51ce7f372884c6d2650fbe07bb3680a84d4d3"
        );
        assert_eq!(
            key(1).vault_name(&id),
            "0f337ad6e0df225701093e47520a7fff81e59420a6eceb7c2b28b297df8d8896"
        );
    }

    #[test]
    fn an_object_name_tells_nothing_of_its_tenant_to_who_has_not_the_key() {
        let ids = Region::ALL.map(|region| key(1).new_tenant(region, [9; 16]));
        let mut names = Vec::new();
        for id in &ids {
            let name = key(1).object_name(id);
            assert!(name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()));
            let (_, rest) = id.as_str().split_once('_').unwrap();
            assert!(rest.as_bytes().windows(8).all(|part| {
                let part = String::from_utf8(part.to_vec()).unwrap();
                !name.contains(&part)
            }));
            names.extend([name, key(2).object_name(id)]);
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 2 * ids.len(), "one for each tenant and key");
    }

    #[test]
    fn one_changed_character_anywhere_is_a_forgery() {
        let good = key(1).new_tenant(Region::Us, [9; 16]).to_string();
        for at in 3..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let text = String::from_utf8(bytes).unwrap();
            // The last of the 26 random characters has only 3 bits in use, and still is covered.
            assert!(!key(1).is_genuine(&text.parse().unwrap()), "{text}");
        }
        let moved = good.replace("us_", "eu_");
        assert!(!key(1).is_genuine(&moved.parse().unwrap()));
    }

    #[test]
    fn a_client_is_known_again_for_a_day_and_by_its_network() {
        let key = key(1);
        let noon = 1_800_000_000;
        assert_eq!(
            key.client(Some("192.0.2.1"), noon),
            key.client(Some("::ffff:192.0.2.1"), noon)
        );
        assert_ne!(
            key.client(Some("192.0.2.1"), noon),
            key.client(Some("192.0.2.2"), noon)
        );
        assert_ne!(
            key.client(Some("192.0.2.1"), noon),
            key.client(Some("192.0.2.1"), noon + DAY_SECONDS)
        );
        assert_eq!(
            key.client(Some("2001:db8:1:2:3::4"), noon),
            key.client(Some("2001:db8:1:2:ffff::1"), noon)
        );
        assert_ne!(
            key.client(Some("2001:db8:1:2::4"), noon),
            key.client(Some("2001:db8:1:3::4"), noon)
        );
        // What is no address is one client, however it is spelt.
        for text in ["", "nonsense", "192.0.2.1, 192.0.2.2", "192.0.2.300"] {
            assert_eq!(key.client(Some(text), noon), key.client(None, noon));
        }
        assert!(!key.client(Some("192.0.2.1"), noon).contains("192"));
    }
}
