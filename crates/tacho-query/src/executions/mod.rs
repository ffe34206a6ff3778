//! Executions themselves, listed and one by one.

pub mod wire;
