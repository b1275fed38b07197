//! The engine against answers that it had no part in.

mod brute;
mod iana;
mod offsets;
mod oracle;
mod random;
mod slots;
