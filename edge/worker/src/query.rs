//! Query parameters: each is wanted, known and given once, or named.

use std::str::FromStr;

use slotstead_shared::problem::FieldError;

use crate::problem::Failure;

/// The parameters of a query (`application/x-www-form-urlencoded`), checked against the names
/// that a route knows.
#[derive(Debug)]
pub struct Query {
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Query {
    /// Reads a query string. Unknown and repeated parameters are remembered as errors.
    #[must_use]
    pub fn read(query: &str, known: &[&str]) -> Self {
        let mut read = Self {
            pairs: Vec::new(),
            errors: Vec::new(),
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                read.errors.push(FieldError::new(
                    "query",
                    "This must be UTF-8, percent-encoded",
                ));
                continue;
            };
            if !known.contains(&name.as_str()) {
                read.errors
                    .push(FieldError::new(name, "There is no such parameter"));
            } else if read.pairs.iter().any(|(earlier, _)| *earlier == name) {
                read.errors.push(FieldError::new(name, "This came twice"));
            } else {
                read.pairs.push((name, value));
            }
        }
        read
    }

    /// A parameter that may be left out. `None` also when it is wrong: see [`Query::finish`].
    pub fn optional<T: FromStr<Err: std::fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let (_, value) = self.pairs.iter().find(|(key, _)| key == name)?;
        match value.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors
                    .push(FieldError::new(name, format!("This is {error}")));
                None
            }
        }
    }

    /// A parameter that must be there.
    pub fn required<T: FromStr<Err: std::fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let given = self.pairs.iter().any(|(key, _)| key == name)
            || self.errors.iter().any(|error| error.field == name);
        if !given {
            self.errors.push(FieldError::new(name, "This is missing"));
        }
        self.optional(name)
    }

    /// All errors at once. After `Ok` every required parameter was there.
    pub fn finish(self) -> Result<(), Failure> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Failure::InvalidFields(self.errors))
        }
    }
}

/// A whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(pub u32);

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        text.parse().map(Self).map_err(|_| NotANumber)
    }
}

/// The text is no whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a whole number")]
pub struct NotANumber;

/// Percent-decoding, with `+` for a space.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use slotstead_shared::{Date, ids::ServiceId};

    use super::*;

    type Values = (Option<ServiceId>, Option<Date>, Option<String>);

    fn read(query: &str) -> Result<Values, Vec<(String, String)>> {
        let mut read = Query::read(query, &["service", "from", "zone"]);
        let values = (
            read.required("service"),
            read.required("from"),
            read.optional("zone"),
        );
        match read.finish() {
            Ok(()) => Ok(values),
            Err(Failure::InvalidFields(errors)) => Err(errors
                .into_iter()
                .map(|error| (error.field, error.detail))
                .collect()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn parameters_are_decoded() {
        let (service, from, zone) =
            read("service=a-b&from=2027-03-11&zone=Europe%2FLondon").unwrap();
        assert_eq!(service.unwrap().as_str(), "a-b");
        assert_eq!(from.unwrap().to_string(), "2027-03-11");
        assert_eq!(zone.as_deref(), Some("Europe/London"));
        assert_eq!(
            read("service=a&from=2027-03-11&zone=a+b")
                .unwrap()
                .2
                .as_deref(),
            Some("a b")
        );
    }

    #[test]
    fn every_error_is_named_at_once() {
        let errors = read("from=soon&x=1&zone=a&zone=b").unwrap_err();
        let names: Vec<_> = errors.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(names, ["x", "zone", "service", "from"]);
        assert_eq!(
            errors[3].1,
            "This is not an existing date such as 2027-03-11"
        );
        for query in [
            "service=%zz&from=2027-03-11",
            "service=%ff&from=2027-03-11",
            "service=%2&from=2027-03-11",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_wrong_required_parameter_is_named_once() {
        assert_eq!(read("service=A&from=2027-03-11").unwrap_err().len(), 1);
    }
}
