//! The engine against answers that it had no part in.

mod iana;
mod offsets;
mod slots;
