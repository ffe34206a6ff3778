//! Questions answered by DuckDB against a plain computation over the same rows: every measure, across zones, filters,
//! scopes and moved clocks.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

#[path = "query/cells.rs"]
mod cells;
#[path = "query/columns.rs"]
mod columns;
#[path = "query/export.rs"]
mod export;
#[path = "query/failures.rs"]
mod failures;
#[path = "query/fixture.rs"]
mod fixture;
#[path = "query/golden.rs"]
mod golden;
#[path = "query/histories.rs"]
mod histories;
#[path = "query/list.rs"]
mod list;
#[path = "query/patterns.rs"]
mod patterns;
#[path = "query/plain.rs"]
mod plain;
#[path = "query/random.rs"]
mod random;
#[path = "query/sources.rs"]
mod sources;
#[path = "query/workflows.rs"]
mod workflows;
