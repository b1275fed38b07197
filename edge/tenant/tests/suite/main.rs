//! The tenant's tests. They know calls, answers and the store's trait, and nothing inside.

mod bookings;
mod changes;
mod kit;
mod offers;
