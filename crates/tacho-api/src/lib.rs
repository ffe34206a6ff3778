//! Tacho over HTTP.
//!
//! `routes` has one file per resource, `wire` what goes in and out of them, `extract` what every route needs to read,
//! `auth` the one place where a role or a key's scopes become permissions, `boundary` what surrounds every request (id,
//! wide event, problems, headers). A route checks, calls one function of another crate and translates; it computes
//! nothing. No adapter of a store is named here, and no clock is read but through [`Clock`].

mod analytics;
mod answer_table;
mod asking;
mod assets;
mod audit;
mod auth;
mod boundary;
mod budget;
mod clock;
mod conflicts;
mod cookie;
mod cost_rates;
mod extract;
mod figures;
#[doc(hidden)]
pub mod fuzzing;
mod live;
mod openapi;
mod problem;
mod query_limit;
mod readiness;
mod reporting;
mod router;
mod routes;
mod sign_in_limit;
mod state;
mod trpc;
mod wire;

pub use audit::AuditRules;
pub use clock::Clock;
pub use figures::prometheus;
pub use live::LiveRules;
pub use openapi::{openapi, openapi_json};
pub use router::{router, serve};
pub use state::{AppState, Config, Parts};
