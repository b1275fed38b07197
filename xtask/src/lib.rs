//! The commands of this checkout, and what the tests use of them.
//!
//! [`artefacts`] builds what is deployed, [`stack`] runs it in workerd, [`site`] serves pages
//! on another origin, [`demo`] fills it through the public API. The commands put these together.

pub mod artefacts;
pub mod attack;
pub mod bench;
pub mod brotli;
pub mod check;
pub mod command;
pub mod corpora;
pub mod coverage;
pub mod demo;
pub mod figures;
pub mod fingerprint;
pub mod fuzz;
pub mod holidays;
pub mod http;
pub mod live;
pub mod lock;
pub mod mutants;
pub mod paths;
pub mod ports;
pub mod run;
pub mod say;
pub mod secrets;
pub mod signals;
pub mod site;
pub mod size;
pub mod stack;
pub mod tools;
pub mod tz;
