//! The way of a fetch: from address to address, each checked before it is asked, and a body that is
//! read up to its limit. The region host only sends and receives.

use url::Url;

use crate::{
    connectors::address,
    effect::{FetchFailure, FetchRequest},
};

/// A fetch under way.
#[derive(Debug)]
pub struct Journey {
    address: Url,
    redirects_left: u32,
    allow_private: bool,
}

/// Where a response leaves a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// This response is the answer.
    Arrived,
    /// The next address is to be asked.
    Onwards,
}

impl Journey {
    /// Checks the first address. `allow_private` is the development switch.
    pub fn begin(request: &FetchRequest, allow_private: bool) -> Result<Self, FetchFailure> {
        Ok(Self {
            address: checked(&request.url, allow_private)?,
            redirects_left: request.redirects,
            allow_private,
        })
    }

    /// The address to ask. It is what was checked, never the text, which another parser could read
    /// differently.
    #[must_use]
    pub const fn address(&self) -> &Url {
        &self.address
    }

    /// Whether the development switch is on.
    #[must_use]
    pub const fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// After a response with this status and `Location`: whether it is the answer.
    pub fn answered(&mut self, status: u16, location: Option<&str>) -> Result<Leg, FetchFailure> {
        let location = match status {
            301 | 302 | 303 | 307 | 308 => location,
            _ => None,
        };
        let Some(location) = location else {
            return Ok(Leg::Arrived);
        };
        let next = self
            .address
            .join(location)
            .map_err(|_| FetchFailure::AddressRefused)?;
        self.redirects_left = self
            .redirects_left
            .checked_sub(1)
            .ok_or(FetchFailure::TooManyRedirects)?;
        self.address = checked(next.as_str(), self.allow_private)?;
        Ok(Leg::Onwards)
    }
}

fn checked(url: &str, allow_private: bool) -> Result<Url, FetchFailure> {
    address::check(url, allow_private).map_err(|_| FetchFailure::AddressRefused)
}

/// A body that grows up to its limit.
#[derive(Debug)]
pub struct Body {
    bytes: Vec<u8>,
    max_bytes: usize,
}

impl Body {
    /// An empty body that takes `max_bytes`.
    #[must_use]
    pub const fn up_to(max_bytes: usize) -> Self {
        Self {
            bytes: Vec::new(),
            max_bytes,
        }
    }

    /// Takes some more, and fails at the first byte too many.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), FetchFailure> {
        if chunk.len() > self.max_bytes - self.bytes.len() {
            return Err(FetchFailure::TooLarge);
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    /// All of it.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, redirects: u32) -> FetchRequest {
        FetchRequest {
            url: url.to_owned(),
            headers: Vec::new(),
            redirects,
            max_bytes: 4,
            timeout_seconds: 1,
        }
    }

    #[test]
    fn a_journey_follows_redirects_up_to_its_limit() {
        let mut journey = Journey::begin(&request("https://a.example/x/", 1), false).unwrap();
        assert_eq!(journey.answered(302, Some("../y")), Ok(Leg::Onwards));
        assert_eq!(journey.address().as_str(), "https://a.example/y");
        assert_eq!(
            journey.answered(307, Some("/z")),
            Err(FetchFailure::TooManyRedirects)
        );
    }

    #[test]
    fn what_is_no_redirect_is_the_answer() {
        for (status, location) in [
            (200, Some("/y")),
            (302, None),
            (304, Some("/y")),
            (404, None),
        ] {
            let mut journey = Journey::begin(&request("https://a.example/", 3), false).unwrap();
            assert_eq!(journey.answered(status, location), Ok(Leg::Arrived));
        }
    }

    #[test]
    fn every_address_is_checked() {
        let refused = Some(FetchFailure::AddressRefused);
        assert_eq!(
            Journey::begin(&request("http://10.0.0.1/", 1), false).err(),
            refused
        );
        for location in ["http://10.0.0.1/", "//localhost/", "http://"] {
            let mut journey = Journey::begin(&request("https://a.example/", 3), false).unwrap();
            assert_eq!(journey.answered(301, Some(location)).err(), refused);
        }
    }

    #[test]
    fn a_body_ends_at_its_limit() {
        let mut body = Body::up_to(4);
        body.push(b"abc").unwrap();
        body.push(b"d").unwrap();
        assert_eq!(body.push(b"e"), Err(FetchFailure::TooLarge));
        assert_eq!(body.into_bytes(), b"abcd");
    }
}
