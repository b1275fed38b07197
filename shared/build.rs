//! Turns `src/engine/holidays/public.txt`, which people read in reviews, into the tables of
//! `engine::holidays`. A line that does not follow the format stops the build.
//!
//! The tables: the days of a country or region are twelve numbers a year, each naming a month's
//! pattern, a word with a bit a day. Equal days are stored once.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::Path,
};

const LIST: &str = "src/engine/holidays/public.txt";

type Result<T> = std::result::Result<T, Box<dyn Error>>;
/// Year, month, day.
type Day = (u16, u8, u8);
/// The patterns of one year's months, by their numbers.
type YearMonths = [u16; 12];

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={LIST}");
    if env::var_os("CARGO_FEATURE_ENGINE").is_none() {
        return Ok(());
    }
    let text = fs::read_to_string(LIST).map_err(|error| format!("{LIST}: {error}"))?;
    let mut list = List::default();
    for (number, line) in (1..).zip(text.lines()) {
        list.take(line)
            .map_err(|error| format!("{LIST}:{number}: {error}"))?;
    }
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let source = tables(&list.finish()?)?;
    Ok(fs::write(Path::new(&out).join("holidays.rs"), source)?)
}

/// The days of a country or region up to the last year that is known.
#[derive(Debug, Default, Clone)]
struct Days {
    until: u16,
    days: BTreeSet<Day>,
}

#[derive(Debug, Default)]
struct Country {
    own: Days,
    regions: BTreeMap<String, Days>,
}

/// The list as far as it has been read.
#[derive(Debug, Default)]
struct List {
    source: String,
    first: u16,
    last: u16,
    countries: BTreeMap<String, Country>,
    country: Option<(String, Country)>,
    /// The regions that the lines belong to, and their days; none: to the country.
    regions: Option<(Vec<String>, Days)>,
}

impl List {
    fn take(&mut self, line: &str) -> Result<()> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" | "#" => Ok(()),
            "source" => {
                rest.clone_into(&mut self.source);
                Ok(())
            }
            "years" => {
                let (first, last) = rest.split_once(' ').ok_or("two years, please")?;
                (self.first, self.last) = (number(first)?, number(last)?);
                Ok(())
            }
            "country" => {
                self.end_country()?;
                let own = Days {
                    until: self.last,
                    days: BTreeSet::new(),
                };
                let regions = BTreeMap::new();
                self.country = Some((rest.to_owned(), Country { own, regions }));
                Ok(())
            }
            "region" => {
                self.end_regions()?;
                let (_, country) = self.country.as_ref().ok_or("a region of no country")?;
                let names = rest.split(", ").map(str::to_owned).collect();
                self.regions = Some((names, country.own.clone()));
                Ok(())
            }
            "until" => {
                let until = number(rest)?;
                let days = self.current()?;
                days.until = days.until.min(until);
                days.days.retain(|(year, _, _)| *year <= until);
                Ok(())
            }
            "every" => {
                for year in self.first..=self.current()?.until {
                    self.change(year, rest)?;
                }
                Ok(())
            }
            year => self.change(number(year)?, rest),
        }
    }

    /// The days that the lines are about.
    fn current(&mut self) -> Result<&mut Days> {
        match (&mut self.regions, &mut self.country) {
            (Some((_, days)), _) => Ok(days),
            (None, Some((_, country))) => Ok(&mut country.own),
            (None, None) => Err("days of no country".into()),
        }
    }

    /// Adds and takes away the days of a line to or from `year`.
    fn change(&mut self, year: u16, line: &str) -> Result<()> {
        let of_region = self.regions.is_some();
        let first = self.first;
        let current = self.current()?;
        if !(first..=current.until).contains(&year) {
            return Err(format!("{year} is not one of the years").into());
        }
        for word in line.split(' ') {
            let (adds, day) = match (of_region, word.as_bytes().first()) {
                (true, Some(b'+')) => (true, &word[1..]),
                (true, Some(b'-')) => (false, &word[1..]),
                (false, _) => (true, word),
                (true, _) => return Err(format!("{word} neither adds nor takes away").into()),
            };
            let (month, date) = day.split_at_checked(2).ok_or("a day is MMDD")?;
            let day = (year, number::<u8>(month)?, number::<u8>(date)?);
            if !(1..=12).contains(&day.1) || !(1..=31).contains(&day.2) {
                return Err(format!("{word} is no day").into());
            }
            let changed = if adds {
                current.days.insert(day)
            } else {
                current.days.remove(&day)
            };
            if !changed {
                return Err(format!("{word} changes nothing in {year}").into());
            }
        }
        Ok(())
    }

    fn end_regions(&mut self) -> Result<()> {
        let Some((names, days)) = self.regions.take() else {
            return Ok(());
        };
        let (code, country) = self.country.as_mut().ok_or("a region of no country")?;
        for name in names {
            if country.regions.insert(name.clone(), days.clone()).is_some() {
                return Err(format!("{code} has {name} twice").into());
            }
        }
        Ok(())
    }

    fn end_country(&mut self) -> Result<()> {
        self.end_regions()?;
        let Some((code, country)) = self.country.take() else {
            return Ok(());
        };
        if self.countries.insert(code.clone(), country).is_some() {
            return Err(format!("{code} is there twice").into());
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Self> {
        self.end_country()?;
        if self.source.is_empty() || self.first == 0 || self.countries.is_empty() {
            return Err(format!("{LIST} is not whole").into());
        }
        Ok(self)
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| format!("`{text}` is not a number here").into())
}

/// What is stored once: patterns of months, and the years of days.
#[derive(Debug, Default)]
struct Store {
    months: BTreeMap<u32, u16>,
    years: BTreeMap<Vec<YearMonths>, usize>,
}

impl Store {
    /// The number under which these days are stored.
    fn put(&mut self, first: u16, days: &Days) -> Result<usize> {
        let mut years = Vec::new();
        for year in first..=days.until {
            let mut patterns = [0_u32; 12];
            for (_, month, day) in days.days.range((year, 0, 0)..(year + 1, 0, 0)) {
                patterns[usize::from(*month) - 1] |= 1 << (day - 1);
            }
            let mut months = [0; 12];
            for (month, pattern) in months.iter_mut().zip(patterns) {
                let next =
                    u16::try_from(self.months.len()).map_err(|_| "more months than numbers")?;
                *month = *self.months.entry(pattern).or_insert(next);
            }
            years.push(months);
        }
        let next = self.years.len();
        Ok(*self.years.entry(years).or_insert(next))
    }
}

/// The source of the tables.
fn tables(list: &List) -> Result<String> {
    let mut store = Store::default();
    let mut countries = String::new();
    for (code, country) in &list.countries {
        let own = store.put(list.first, &country.own)?;
        let mut regions = String::new();
        for (name, days) in &country.regions {
            let of_region = store.put(list.first, days)?;
            write!(regions, "({name:?}, &Y{of_region}), ")?;
        }
        writeln!(countries, "    ({code:?}, &Y{own}, &[{regions}]),")?;
    }
    let mut statics = String::new();
    for (years, number) in &store.years {
        let count = years.len();
        writeln!(
            statics,
            "static Y{number}: [[u16; 12]; {count}] = {years:?};"
        )?;
    }
    let mut months: Vec<_> = store.months.iter().collect();
    months.sort_by_key(|(_, number)| **number);
    let months: Vec<u32> = months.into_iter().map(|(pattern, _)| *pattern).collect();
    let (count, first, source) = (months.len(), list.first, &list.source);
    Ok(format!(
        "#[cfg(test)]\npub(super) const SOURCE: &str = {source:?};\n\
         pub(super) const FIRST_YEAR: i32 = {first};\n\
         pub(super) static MONTHS: [u32; {count}] = {months:?};\n\
         {statics}\
         pub(super) static COUNTRIES: &[Country] = &[\n{countries}];\n"
    ))
}
