//! The laws of the durable path: what is acknowledged is kept, and the store is what the journal says.
//!
//! One binary, so that DuckDB is linked once. A law stands in words beside the test that holds it.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod journal;
mod kill;
mod projection;
mod records;
