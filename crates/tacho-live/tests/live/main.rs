//! Live state over a real store.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreement;
mod plain;
mod recents;
mod world;
