//! Tests over the whole workspace and the whole application, in one binary, so that DuckDB is linked once.

mod kill;
mod layers;
