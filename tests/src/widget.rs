//! The widget as a visitor meets it: found by its hooks, used by what is written on it.
