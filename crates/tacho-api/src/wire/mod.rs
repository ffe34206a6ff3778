//! What goes over the wire. The names of these types are the names of the schemas in `openapi.json`. Questions, answers,
//! executions and failures have theirs in `tacho-query`.

pub(crate) mod audit;
pub(crate) mod cost_rates;
pub(crate) mod dead_letters;
pub(crate) mod detections;
pub(crate) mod exports;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod metric_query;
pub(crate) mod preferences;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod record_schema;
pub(crate) mod records;
pub(crate) mod session;
pub(crate) mod store;
pub(crate) mod system;
pub(crate) mod users;
