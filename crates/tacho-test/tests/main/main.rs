//! Tests over the whole workspace and the whole application, in one binary, so that DuckDB is linked once.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod kill;
mod layers;
