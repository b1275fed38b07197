//! Public holidays by country and region: looked up, never worked out.
//!
//! The days are those of a kept source, in `holidays/public.txt`, which `build.rs` turns into
//! tables; `cargo xtask holidays` takes the next version in. A date that the tables do not
//! reach is unknown, which is neither a holiday nor free: what asks has to treat it as closed.

use chrono::{Datelike, NaiveDate};

/// The years of one country or region, from [`tables::FIRST_YEAR`] on. A month is the number
/// of a pattern in [`tables::MONTHS`].
type Years = &'static [[u16; 12]];
type Region = (&'static str, Years);
/// A country's code, its own days, its regions.
type Country = (&'static str, Years, &'static [Region]);

mod tables {
    #![allow(clippy::unreadable_literal, reason = "written by build.rs")]
    use super::Country;

    include!(concat!(env!("OUT_DIR"), "/holidays.rs"));
}

/// The public holidays of a country, or of one of its regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holidays(Years);

/// There are no holidays under this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownHolidays {
    /// There is no such country in the source.
    #[error("not a country whose holidays are known, such as NO (ISO 3166-1 alpha-2)")]
    Country,
    /// The country is known, and has no such region.
    #[error("not a region of this country whose holidays are known")]
    Region,
}

impl Holidays {
    /// The holidays of `country`, an ISO 3166-1 alpha-2 code (`NO`), or of its `region`: the part
    /// after the country in ISO 3166-2 (`BY` of Germany), or the source's own name for what that
    /// standard does not list (`Augsburg`). Without a region, the days that the whole country has.
    pub fn find(country: &str, region: Option<&str>) -> Result<Self, UnknownHolidays> {
        let (_, own, regions) = tables::COUNTRIES
            .binary_search_by_key(&country, |(code, _, _)| code)
            .ok()
            .and_then(|index| tables::COUNTRIES.get(index))
            .ok_or(UnknownHolidays::Country)?;
        let Some(region) = region else {
            return Ok(Self(own));
        };
        regions
            .binary_search_by_key(&region, |(code, _)| code)
            .ok()
            .and_then(|index| regions.get(index))
            .map(|(_, years)| Self(years))
            .ok_or(UnknownHolidays::Region)
    }

    /// Whether `date` is a public holiday; observed days are. `None` before and after the years
    /// that the source knows: unknown, so never free.
    #[must_use]
    pub fn is_holiday(&self, date: NaiveDate) -> Option<bool> {
        let year = usize::try_from(date.year() - tables::FIRST_YEAR).ok()?;
        let month = *self.0.get(year)?.get(date.month0() as usize)?;
        let days = *tables::MONTHS.get(usize::from(month))?;
        Some(days >> date.day0() & 1 == 1)
    }
}

#[cfg(test)]
mod tests;
