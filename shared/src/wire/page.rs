//! The booker on the page: what its form asks for, where it may stand, whose it is.

use serde::{Deserialize, Serialize};

use crate::ids::FieldId;

/// How a booking field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A telephone number.
    Phone,
    /// One of the options.
    Choice,
    /// Yes or no; required means it must be yes. The answer is `yes` or absent.
    Checkbox,
}

/// `PUT /v1/{tenant}/fields/{field}`: a data point the owner asks for at booking.
/// Name and e-mail are always asked for and need no field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldInput {
    /// The question.
    pub label: String,
    /// How it is filled in.
    pub kind: FieldKind,
    /// Whether an answer is needed. The server enforces it.
    #[serde(default)]
    pub required: bool,
    /// The options of a choice; empty for the other kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Its place in the form, ascending, then by id.
    #[serde(default)]
    pub position: u32,
}

/// A booking field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Field {
    /// Its id, the key of its answer.
    pub id: FieldId,
    /// The rest.
    #[serde(flatten)]
    pub input: FieldInput,
}

/// `GET` and `PUT /v1/{tenant}/origins`: the pages that may carry the widget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Origins {
    /// Serialised origins (RFC 6454 section 6.2): `https://example.com`, no path.
    pub origins: Vec<String>,
}

/// `GET` and `PUT /v1/{tenant}/profile`: the business as bookers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name of the business.
    pub name: String,
    /// The accent colour as `#rrggbb`; the widget picks the text colour on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
}
