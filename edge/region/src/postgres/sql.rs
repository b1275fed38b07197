//! Between the tenant's SQL and PostgreSQL's: placeholders, and the two types of values.

use std::error::Error;

use slotstead_tenant::{
    StoreError,
    store::{PARAMETERS, Row, Value, in_range},
};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

/// `?1` becomes `$1`, but not within quotes, and how SQLite keeps a table is left out.
pub fn in_postgres(sql: &str) -> String {
    let sql = sql.trim_end().trim_end_matches("WITHOUT ROWID");
    let mut quoted = None;
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql.chars().peekable();
    while let Some(character) = rest.next() {
        match (quoted, character) {
            (Some(quote), _) if quote == character => quoted = None,
            (None, '\'' | '"') => quoted = Some(character),
            (None, '?') if rest.peek().is_some_and(char::is_ascii_digit) => {
                text.push('$');
                continue;
            }
            _ => {}
        }
        text.push(character);
    }
    text
}

/// Refuses what another store would refuse or bend.
pub fn check(parameters: &[Value]) -> Result<(), StoreError> {
    if parameters.len() > PARAMETERS {
        return Err(StoreError("a statement has too many parameters".to_owned()));
    }
    for parameter in parameters {
        if let Value::Integer(number) = parameter {
            in_range(*number)?;
        }
    }
    Ok(())
}

/// A value on its way to the database, as what the database takes it for.
#[derive(Debug)]
pub struct Parameter<'a>(pub &'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Integer(number), &Type::INT8) => number.to_sql(ty, out),
            (Value::Integer(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT) => text.to_sql(ty, out),
            // SQLite would take it and compare it by its own order of types.
            _ => Err("a parameter is of another type than what it is compared with".into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The values of a row.
pub fn read(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let columns = row.columns().iter().enumerate();
    columns
        .map(|(at, column)| {
            let value = match *column.type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(at).map(number),
                Type::INT4 => row
                    .try_get::<_, Option<i32>>(at)
                    .map(|value| number(value.map(i64::from))),
                Type::TEXT => row
                    .try_get::<_, Option<String>>(at)
                    .map(|text| Ok(text.into())),
                _ => Ok(Err(StoreError(
                    "a stored value is neither an integer nor a text".to_owned(),
                ))),
            };
            value.unwrap_or_else(|_| Err(StoreError("a stored value cannot be read".to_owned())))
        })
        .collect()
}

fn number(value: Option<i64>) -> Result<Value, StoreError> {
    value.map_or(Ok(Value::Null), |value| in_range(value).map(Value::Integer))
}

#[cfg(test)]
mod tests {
    use slotstead_tenant::store::INTEGER_MAX;

    use super::*;

    #[test]
    fn placeholders_are_numbered_in_the_databases_way_and_texts_stay() {
        for (ours, theirs) in [
            ("a = ?1 AND b IN (?2, ?10)", "a = $1 AND b IN ($2, $10)"),
            ("a = '?1' AND \"b?2\" = ?3", "a = '?1' AND \"b?2\" = $3"),
            ("a = 'it''s ?1' OR b = ?2", "a = 'it''s ?1' OR b = $2"),
            ("a ? b", "a ? b"),
            (
                "CREATE TABLE a (b TEXT)\n WITHOUT ROWID",
                "CREATE TABLE a (b TEXT)\n ",
            ),
        ] {
            assert_eq!(in_postgres(ours), theirs);
        }
    }

    #[test]
    fn what_another_store_would_refuse_is_refused() {
        assert!(check(&[Value::Integer(INTEGER_MAX), Value::Integer(-INTEGER_MAX)]).is_ok());
        assert!(check(&[Value::Integer(INTEGER_MAX + 1)]).is_err());
        assert!(check(&[Value::Integer(-INTEGER_MAX - 1)]).is_err());
        assert!(check(&vec![Value::Null; PARAMETERS + 1]).is_err());
    }
}
