//! JSON schemas of the types that are text on the wire. The others derive theirs.
//!
//! Behind the feature `schema`, which only the test that pins the `OpenAPI` document turns on.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    Date, Stamp, TenantId, WallTime,
    ids::{
        BookingId, ErasureId, FeedId, FieldId, HoldId, HostId, ResourceId, ScheduleId, ServiceId,
        TokenId,
    },
};

macro_rules! text_schema {
    ($($kind:ident $description:literal $example:literal { $($keyword:literal : $value:literal),* $(,)? })*) => {$(
        impl JsonSchema for $kind {
            fn schema_name() -> Cow<'static, str> {
                stringify!($kind).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": $description,
                    "examples": [$example],
                    $($keyword: $value),*
                })
            }
        }
    )*};
}

text_schema! {
    TenantId "A tenant. The prefix names the region its data lives in." "eu_0123456789abcdefghjkmnpqrs0123456789abcdef"
        { "pattern": "^(us|eu|cbr)_[0-9abcdefghjkmnpqrstvwxyz]{42}$" }
    ServiceId "A service, named by the owner." "first-consultation" { "pattern": "^[a-z0-9][a-z0-9-]{0,63}$" }
    HostId "A host, named by the owner." "ingrid" { "pattern": "^[a-z0-9][a-z0-9-]{0,63}$" }
    ResourceId "A resource, named by the owner." "room-2" { "pattern": "^[a-z0-9][a-z0-9-]{0,63}$" }
    ScheduleId "A schedule, named by the owner." "weekdays" { "pattern": "^[a-z0-9][a-z0-9-]{0,63}$" }
    FieldId "A booking field, named by the owner." "phone" { "pattern": "^[a-z0-9][a-z0-9-]{0,63}$" }
    FeedId "A calendar feed, named by the owner." "ingrid-private" { "pattern": "^[a-z0-9][a-z0-9-]{0,63}$" }
    BookingId "A booking." "bkg_0123456789abcdefghjkmnpqrs" { "pattern": "^bkg_[0-9abcdefghjkmnpqrstvwxyz]{26}$" }
    ErasureId "An erasure." "era_0123456789abcdefghjkmnpqrs" { "pattern": "^era_[0-9abcdefghjkmnpqrstvwxyz]{26}$" }
    HoldId "A hold." "hld_0123456789abcdefghjkmnpqrs" { "pattern": "^hld_[0-9abcdefghjkmnpqrstvwxyz]{26}$" }
    TokenId "An owner's token; not the token itself." "tok_0123456789abcdefghjkmnpqrs" { "pattern": "^tok_[0-9abcdefghjkmnpqrstvwxyz]{26}$" }
    Date "A calendar date; years 1970 to 9999." "2027-03-11" { "format": "date", "pattern": "^(19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}$" }
    WallTime "A wall time, from 00:00 to 24:00." "09:30" { "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" }
    Stamp "An instant with the offset it is seen at, in whole seconds (RFC 3339); years 1970 to 9999." "2027-03-11T09:30:00+01:00"
        { "format": "date-time", "pattern": "^(19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$" }
}
