//! Reading a JSON body: its type, its size, its depth, and each wrong member by name.

use serde::de::DeserializeOwned;
use slotstead_shared::{limits::JSON_DEPTH, problem::FieldError};

use crate::{
    exchange::{BodyError, Incoming},
    problem::Failure,
};

/// The body as a `T`. Unknown and repeated members are refused by the types themselves.
pub fn json<T: DeserializeOwned>(incoming: &Incoming) -> Result<T, Failure> {
    if !is_json(incoming.header("content-type")) {
        return Err(Failure::UnsupportedMediaType);
    }
    let bytes = match &incoming.body {
        Ok(bytes) => bytes,
        Err(BodyError::TooLarge) => return Err(Failure::TooLarge),
        Err(BodyError::Broken) => return Err(unreadable("The body broke off")),
    };
    if depth(bytes) > JSON_DEPTH {
        return Err(unreadable(format!(
            "The body is nested deeper than {JSON_DEPTH} levels"
        )));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        failure(&path, &error.into_inner())
    })?;
    deserializer
        .end()
        .map_err(|_| unreadable("The body goes on after its JSON value"))?;
    Ok(value)
}

fn is_json(content_type: Option<&str>) -> bool {
    let essence = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn unreadable(detail: impl Into<String>) -> Failure {
    Failure::InvalidRequest {
        detail: detail.into(),
        field: None,
    }
}

/// The deepest nesting of arrays and objects, without parsing: brackets in strings do not count.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What serde says, as a named field and what would be right.
fn failure(path: &str, error: &serde_json::Error) -> Failure {
    let text = error.to_string();
    // serde_json appends the place, which the path already tells.
    let text = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message);
    if !error.is_data() {
        return unreadable(format!("The body is not JSON: {text}"));
    }
    let quoted = || text.split('`').nth(1).unwrap_or_default();
    let inside = |member: &str| match path {
        "" | "." => member.to_owned(),
        _ => format!("{path}.{member}"),
    };
    // For an unknown or repeated member the path may already end in it.
    let named = |member: &str| {
        let ends_in_it = path == member || path.ends_with(&format!(".{member}"));
        if ends_in_it {
            path.to_owned()
        } else {
            inside(member)
        }
    };
    let (field, detail) = if text.starts_with("missing field `") {
        (inside(quoted()), "This is missing".to_owned())
    } else if text.starts_with("unknown field `") {
        (named(quoted()), "There is no such field".to_owned())
    } else if text.starts_with("duplicate field `") {
        (named(quoted()), "This came twice".to_owned())
    } else {
        let field = if matches!(path, "" | ".") {
            "body"
        } else {
            path
        };
        (field.to_owned(), sentence(text))
    };
    Failure::InvalidFields(vec![FieldError::new(field, detail)])
}

/// `invalid type: string "x", expected u32` as a sentence. What came is not repeated.
fn sentence(text: &str) -> String {
    let expected = text
        .rsplit_once(", expected ")
        .map(|(_, expected)| match expected {
            "u32" => "a whole number, 0 or more",
            "a string" => "text",
            "a boolean" => "true or false",
            "a sequence" => "a list",
            _ if expected.starts_with("struct ") => "an object",
            other => other,
        });
    // The messages of our own types begin in the middle of a sentence: "not a wall time such as …".
    expected.map_or_else(
        || format!("This is {text}"),
        |expected| format!("This must be {expected}"),
    )
}

#[cfg(test)]
mod tests {
    use slotstead_shared::wire::{NewBooking, ScheduleInput, ServiceInput};

    use super::*;
    use crate::exchange::Method;

    fn incoming(body: &str) -> Incoming {
        Incoming {
            method: Method::Post,
            https: true,
            host: "edge.example".into(),
            path: "/".into(),
            query: String::new(),
            headers: vec![(
                "content-type".into(),
                "application/json; charset=utf-8".into(),
            )],
            body: Ok(body.as_bytes().to_vec()),
        }
    }

    fn field<T: DeserializeOwned + std::fmt::Debug>(body: &str) -> (String, String) {
        match json::<T>(&incoming(body)) {
            Err(Failure::InvalidFields(mut errors)) => {
                let error = errors.remove(0);
                (error.field, error.detail)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_wrong_member_is_named() {
        let schedule = field::<ScheduleInput>;
        assert_eq!(
            schedule(r#"{"rules":[]}"#),
            ("zone".into(), "This is missing".into())
        );
        assert_eq!(
            schedule(r#"{"zone":1,"rules":[]}"#),
            ("zone".into(), "This must be text".into())
        );
        assert_eq!(
            schedule(r#"{"zone":"UTC","rules":[],"x":1}"#),
            ("x".into(), "There is no such field".into())
        );
        assert_eq!(
            schedule(r#"{"zone":"UTC","zone":"UTC","rules":[]}"#),
            ("zone".into(), "This came twice".into())
        );
        assert_eq!(
            schedule(r#"{"zone":"UTC","rules":{}}"#),
            ("rules".into(), "This must be a list".into())
        );
        assert_eq!(
            schedule(r#"{"zone":"UTC","rules":[{"weekday":"monday","start":"09:00","end":"9"}]}"#),
            (
                "rules[0].end".into(),
                "This is not a wall time such as 09:30, from 00:00 to 24:00".into()
            )
        );
        assert_eq!(
            schedule(r#"{"zone":"UTC","rules":[{"weekday":"monday","start":"09:00"}]}"#),
            ("rules[0].end".into(), "This is missing".into())
        );
        assert_eq!(
            schedule(
                r#"{"zone":"UTC","rules":[{"weekday":"monday","start":"09:00","end":"10:00","stop":1}]}"#
            ),
            ("rules[0].stop".into(), "There is no such field".into())
        );
        assert_eq!(schedule("[]").0, "body");
        assert_eq!(
            schedule("7"),
            ("body".into(), "This must be an object".into())
        );
    }

    #[test]
    fn numbers_and_stamps_say_what_would_be_right() {
        let service = r#"{"name":"x","duration_minutes":-1,"slot_step_minutes":5,"booking_window_days":1,"hosts":[]}"#;
        assert_eq!(
            field::<ServiceInput>(service),
            (
                "duration_minutes".into(),
                "This must be a whole number, 0 or more".into()
            )
        );
        let booking =
            r#"{"service":"x","start":"tomorrow","zone":"UTC","name":"A","email":"a@b.example"}"#;
        let (name, detail) = field::<NewBooking>(booking);
        assert_eq!(name, "start");
        assert!(detail.contains("2027-03-11T09:30:00+01:00"), "{detail}");
        let weekday =
            r#"{"zone":"UTC","rules":[{"weekday":"moonday","start":"09:00","end":"10:00"}]}"#;
        let (name, detail) = field::<ScheduleInput>(weekday);
        assert_eq!(name, "rules[0].weekday");
        assert!(
            detail.contains("`monday`") && !detail.contains("moonday"),
            "{detail}"
        );
    }

    #[test]
    fn what_is_not_json_is_refused_before_it_is_parsed() {
        for body in [
            "",
            "{",
            "{\"zone\":}",
            "\u{feff}{}",
            "{} {}",
            "nul",
            "{\"zone\":\"\\ud800\",\"rules\":[]}",
        ] {
            let result = json::<ScheduleInput>(&incoming(body));
            assert!(
                matches!(
                    result,
                    Err(Failure::InvalidRequest { .. } | Failure::InvalidFields(_))
                ),
                "{body}: {result:?}"
            );
        }
        let deep = format!(
            "{}{}",
            "[".repeat(JSON_DEPTH + 1),
            "]".repeat(JSON_DEPTH + 1)
        );
        assert!(matches!(
            json::<ScheduleInput>(&incoming(&deep)),
            Err(Failure::InvalidRequest { .. })
        ));
        assert_eq!(depth(br#"{"a":"[[[[\"[[[","b":[{}]}"#), 3);
    }

    #[test]
    fn only_json_in_size_is_read() {
        for content_type in ["", "text/plain", "application/jsonp", "multipart/form-data"] {
            let mut request = incoming("{}");
            request.headers = vec![("content-type".into(), content_type.into())];
            assert_eq!(
                json::<ScheduleInput>(&request),
                Err(Failure::UnsupportedMediaType),
                "{content_type}"
            );
        }
        let mut request = incoming("");
        request.body = Err(BodyError::TooLarge);
        assert_eq!(json::<ScheduleInput>(&request), Err(Failure::TooLarge));
    }
}
