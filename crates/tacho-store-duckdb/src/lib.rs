//! The embedded store: one DuckDB file per organization, so that isolation, erasure and damage stay inside one file.
//!
//! DuckDB's dialect and errors stay inside this crate. A file holds a table per record type (made from its declaration),
//! a table per cube, and one row of `tacho_meta` with the position in the journal that all of them are as of.

mod cells;
mod error;
mod file;
mod files;
mod long;
mod rows;
mod schema;
mod statements;
mod store;
mod watchdog;

pub use store::{DuckDbConfig, DuckDbStore};
