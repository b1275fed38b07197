//! The commands of this checkout, and what the tests use of them.
//!
//! [`artefacts`] builds what is deployed, [`stack`] runs it in workerd, [`site`] serves pages
//! on another origin, [`demo`] fills it through the public API. The commands put these together.

pub mod artefacts;
pub mod brotli;
pub mod command;
pub mod fingerprint;
pub mod http;
pub mod paths;
pub mod say;
pub mod secrets;
pub mod site;
pub mod stack;
pub mod tools;
pub mod tz;
