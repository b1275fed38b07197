//! Lists in pages. A page ends with a cursor, `<number>.<id>` of its last row, and the next one begins after it.

use std::{fmt::Display, str::FromStr};

use slotstead_shared::{limits::PAGE, problem::FieldError};

use crate::{refusal::Refusal, store::in_range};

/// Rows to ask for: one more than a page has tells whether there is another.
pub fn rows_asked_for() -> u32 {
    u32::try_from(PAGE + 1).unwrap_or(u32::MAX)
}

/// Where a page begins, by the text of `after`; `first` without one.
pub fn cursor<'a, Id: FromStr>(
    after: Option<&'a str>,
    first: (i64, &'a str),
) -> Result<(i64, &'a str), Refusal> {
    let Some(text) = after else {
        return Ok(first);
    };
    let cursor = text.split_once('.').and_then(|(number, id)| {
        let number = in_range(number.parse().ok()?).ok()?;
        id.parse::<Id>().is_ok().then_some((number, id))
    });
    cursor.ok_or_else(|| {
        let detail = "This is not what `next` of another page said";
        Refusal::Invalid(vec![FieldError::new("after", detail)])
    })
}

/// Cuts the rows to a page, and returns the cursor of the next one if there is one.
pub fn cut<Row, Id: Display>(
    rows: &mut Vec<Row>,
    place: impl Fn(&Row) -> (i64, &Id),
) -> Option<String> {
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let last = rows.last().filter(|_| more)?;
    let (number, id) = place(last);
    Some(format!("{number}.{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_just_full_is_the_last_one() {
        let cut_of = |many: usize| {
            let mut rows: Vec<usize> = (0..many).collect();
            let next = cut(&mut rows, |row| (7, row));
            (rows.len(), next)
        };
        assert_eq!(cut_of(0), (0, None));
        assert_eq!(cut_of(PAGE), (PAGE, None));
        let last = format!("7.{}", PAGE - 1);
        assert_eq!(cut_of(PAGE + 1), (PAGE, Some(last)));
    }
}
