//! Puts the document together: the table gives method, path and security, [`operations`] the rest.

use std::{collections::BTreeSet, ops::RangeInclusive};

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use slotstead_shared::{
    Date, TenantId,
    ids::{BookingId, FeedId, FieldId, HoldId, HostId, ResourceId, ScheduleId, ServiceId, TokenId},
    limits::{self, ALTERNATIVES, IDEMPOTENCY_KEY_CHARS, PAGE, SLOTS_RANGE_DAYS},
    problem::Problem,
    wire::Scope,
};
use slotstead_worker::routes::{May, ROWS, Row, Target};

use crate::operations::{Body, Words, words};

/// The document.
pub fn build() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();

    let mut paths = Map::new();
    let mut used = BTreeSet::new();
    for row in ROWS {
        let item = paths.entry(row.path).or_insert_with(|| json!({}));
        item[row.method.as_str().to_lowercase()] = operation(row, &mut generator, &mut used);
    }
    let responses: Map<String, Value> = used
        .into_iter()
        .map(|status| (status.to_string(), problem_response(status, &problem)))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Slotstead",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Bookings that stay in their region",
            "description": "Times are RFC 3339 in whole seconds with an offset. Ids that guard something carry 128 random bits; \
                an id that is malformed, forged or somebody else's is answered with 404. Errors are problem documents (RFC 9457). \
                Every answer carries `x-request-id`. GET never changes anything.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas(&mut generator),
            "responses": responses,
            "headers": {
                "request-id": { "description": "The id of this request in the logs.", "schema": { "type": "string" } },
                "replayed": {
                    "description": "`true` when this is the answer that an earlier request with the same key got.",
                    "schema": { "type": "string", "const": "true" }
                },
                "retry-after": { "description": "Seconds after which another try makes sense.", "schema": { "type": "string", "pattern": "^[0-9]+$" } }
            },
            "securitySchemes": {
                "operator": { "type": "http", "scheme": "bearer", "description": "The operator's key." },
                "owner": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An owner's token with the scope named." },
                "session": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A visitor's session; it works only with the `Origin` it was opened with." },
                "capability": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The capability of the one booking in the path." }
            }
        }
    });
    spell_limits_out(&mut document);
    document
}

/// Limits that the types do not carry, by the name of the property: it means the same everywhere.
fn limits_of(property: &str) -> Value {
    let minutes =
        |range: RangeInclusive<u32>| json!({ "minimum": range.start(), "maximum": range.end() });
    let text = |chars: usize| json!({ "maxLength": chars });
    let list = |least: usize, most: usize| json!({ "minItems": least, "maxItems": most });
    match property {
        "name" | "label" => {
            // One line with something to be seen on it.
            let unruly = "\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069";
            let invisible = "\\s\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\
                             \\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb";
            let pattern = format!("^[^{unruly}]*[^{invisible}{unruly}][^{unruly}]*$");
            json!({ "minLength": 1, "maxLength": limits::NAME_CHARS, "pattern": pattern })
        }
        "email" => text(limits::EMAIL_CHARS),
        "description" | "value" => text(limits::TEXT_CHARS),
        "url" => json!({ "minLength": 1, "maxLength": limits::URL_CHARS, "format": "uri" }),
        "accent" => json!({ "pattern": "^#[0-9a-fA-F]{6}$" }),
        "zone" => json!({ "minLength": 1, "examples": ["Europe/Oslo"] }),
        "duration_minutes" => minutes(limits::DURATION_MINUTES),
        "slot_step_minutes" => minutes(limits::SLOT_STEP_MINUTES),
        "buffer_before_minutes" | "buffer_after_minutes" => minutes(limits::BUFFER_MINUTES),
        "minimum_notice_minutes" => minutes(limits::NOTICE_MINUTES),
        "booking_window_days" => minutes(limits::WINDOW_DAYS),
        "hosts" => list(1, limits::SERVICE_HOSTS),
        "scopes" => json!({ "minItems": 1 }),
        "rules" => list(0, limits::SCHEDULE_RULES),
        "spans" => list(0, limits::OVERRIDE_SPANS),
        "options" => list(0, limits::FIELD_OPTIONS),
        "origins" => list(0, limits::ORIGINS),
        _ => json!({}),
    }
}

fn schemas(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut schemas = generator.take_definitions(true);
    for schema in schemas.values_mut() {
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            continue;
        };
        for (name, property) in properties {
            // A reference to a type has its own limits; a nested object's `items` too.
            if let (Some(property), Value::Object(limits)) =
                (property.as_object_mut(), limits_of(name))
                && !property.contains_key("$ref")
            {
                property.extend(limits);
            }
        }
    }
    schemas
}

/// Puts numbers in the place of the links to limits that descriptions hold.
fn spell_limits_out(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("[`crate::limits::") => {
            for (name, limit) in [
                ("ALTERNATIVES", ALTERNATIVES.to_string()),
                ("PAGE", PAGE.to_string()),
                ("SLOTS_RANGE_DAYS", SLOTS_RANGE_DAYS.to_string()),
            ] {
                *text = text.replace(&format!("[`crate::limits::{name}`]"), &limit);
            }
            assert!(
                !text.contains("crate::"),
                "a limit has no number here: {text}"
            );
        }
        Value::Array(items) => items.iter_mut().for_each(spell_limits_out),
        Value::Object(map) => map.values_mut().for_each(spell_limits_out),
        _ => {}
    }
}

fn operation(row: &Row, generator: &mut SchemaGenerator, used: &mut BTreeSet<u16>) -> Value {
    let words = words(row.name);
    let mut operation = json!({
        "operationId": row.name,
        "summary": words.summary,
        "security": security(row.target),
        "parameters": parameters(row, &words, generator),
        "responses": responses(row, &words, generator, used),
    });
    if let Some(body) = words.body {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": body(generator) } } });
    }
    operation
}

fn security(target: Target) -> Value {
    let owner = |scope: Scope| json!({ "owner": [scope] });
    match target {
        Target::Open(_) | Target::OpenSession => json!([]),
        Target::SignUp => json!([{ "operator": [] }]),
        Target::Inside(May::Owner(scope), _) => json!([owner(scope)]),
        Target::Inside(May::Visitor, _) => json!([{ "session": [] }]),
        Target::Inside(May::VisitorOrOwner(scope), _) => json!([{ "session": [] }, owner(scope)]),
        Target::Inside(May::BookerOrOwner(scope), _) => json!([{ "capability": [] }, owner(scope)]),
    }
}

fn parameters(row: &Row, words: &Words, generator: &mut SchemaGenerator) -> Vec<Value> {
    let mut parameters = Vec::new();
    for name in row
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    {
        let schema = path_schema(name, generator);
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    for (name, required, schema, description) in words.query {
        parameters.push(json!({
            "name": name, "in": "query", "required": required,
            "schema": schema(generator), "description": description
        }));
    }
    if words.idempotent {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "A random text, the same for every try of one change: it is never done twice.",
            "schema": { "type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_CHARS, "pattern": "^[!-~]+$" }
        }));
    }
    if matches!(row.target, Target::OpenSession) {
        parameters.push(json!({
            "name": "Origin", "in": "header", "required": true,
            "description": "The page's origin. Browsers send it by themselves.",
            "schema": { "type": "string", "examples": ["https://example.com"] }
        }));
    }
    parameters
}

fn path_schema(name: &str, generator: &mut SchemaGenerator) -> Schema {
    fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
    match name {
        "tenant" => of::<TenantId>(generator),
        "token" => of::<TokenId>(generator),
        "service" => of::<ServiceId>(generator),
        "host" => of::<HostId>(generator),
        "resource" => of::<ResourceId>(generator),
        "schedule" => of::<ScheduleId>(generator),
        "date" => of::<Date>(generator),
        "field" => of::<FieldId>(generator),
        "feed" => of::<FeedId>(generator),
        "hold" => of::<HoldId>(generator),
        "booking" => of::<BookingId>(generator),
        "file" => of::<String>(generator),
        other => panic!("the path parameter {other} has no schema: add it here"),
    }
}

fn responses(
    row: &Row,
    words: &Words,
    generator: &mut SchemaGenerator,
    used: &mut BTreeSet<u16>,
) -> Value {
    let mut responses = Map::new();
    let mut good = json!({
        "description": words.summary,
        "headers": { "x-request-id": { "$ref": "#/components/headers/request-id" } }
    });
    if words.idempotent {
        good["headers"]["idempotency-replayed"] =
            json!({ "$ref": "#/components/headers/replayed" });
    }
    match words.answer {
        Body::Nothing => {}
        Body::Json(schema) => {
            good["content"] = json!({ "application/json": { "schema": schema(generator) } });
        }
        Body::Other(kind) => good["content"] = json!({ kind: {} }),
    }
    responses.insert(words.status.to_string(), good);
    for status in problems(row, words) {
        used.insert(status);
        responses.insert(
            status.to_string(),
            json!({ "$ref": format!("#/components/responses/{status}") }),
        );
    }
    Value::Object(responses)
}

/// The statuses of the problems that a route can answer with.
fn problems(row: &Row, words: &Words) -> BTreeSet<u16> {
    let mut statuses: BTreeSet<u16> = words.problems.iter().copied().collect();
    statuses.insert(500);
    if row.path.starts_with("/v1/") {
        statuses.extend([403, 503]);
    }
    if row.path.contains('{') || row.name == "loader" {
        statuses.insert(404);
    }
    if matches!(row.target, Target::Inside(..) | Target::SignUp) {
        statuses.insert(401);
    }
    if words.body.is_some() {
        statuses.extend([400, 413, 415, 422]);
    }
    if words.idempotent {
        statuses.extend([400, 422]);
    }
    statuses
}

fn problem_response(status: u16, problem: &Schema) -> Value {
    let description = match status {
        400 => "The request cannot be read: malformed JSON, or a header is missing or malformed.",
        401 => "No token, one that is not genuine, was revoked or has expired.",
        403 => {
            "The token or the page's origin does not allow this, or the request came over plain HTTP."
        }
        404 => "There is no such thing, or it is not yours.",
        409 => {
            "Something is in the way: the slot is taken or not offered, the booking is closed, the thing is in use, or a limit is reached."
        }
        413 => "The body is too large.",
        415 => "The body is not JSON.",
        422 => {
            "Fields are not right, each named in `errors`; or an idempotency key was used before."
        }
        429 => "Too many requests.",
        500 => "Something failed on our side.",
        503 => "The tenant's region cannot be reached. No other was tried.",
        other => panic!("the status {other} has no words: add them here"),
    };
    let mut headers = json!({ "x-request-id": { "$ref": "#/components/headers/request-id" } });
    if matches!(status, 429 | 503) {
        headers["retry-after"] = json!({ "$ref": "#/components/headers/retry-after" });
    }
    json!({
        "description": description,
        "headers": headers,
        "content": { "application/problem+json": { "schema": problem } }
    })
}
