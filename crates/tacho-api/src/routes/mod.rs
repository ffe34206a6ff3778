//! One file per resource. Handlers are named verb_noun, which is also the operation's id. Each takes
//! `Allowed<need::…>` unless the contract leaves it open.

mod audit;
mod cost_rates;
mod dead_letters;
mod executions;
mod health;
mod keys;
mod metric_query;
mod metrics;
mod preferences;
mod query;
mod records;
mod session;
mod setup;
mod store;
mod system;
mod users;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;

/// Every route that openapi.json describes.
pub(crate) fn all() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health::get_health))
        .routes(routes!(health::get_readiness))
        .routes(routes!(metrics::get_metrics))
        .routes(routes!(setup::get_setup, setup::create_setup))
        .routes(routes!(
            session::get_session,
            session::create_session,
            session::delete_session
        ))
        .routes(routes!(keys::list_keys, keys::create_key))
        .routes(routes!(keys::delete_key))
        .routes(routes!(users::list_users, users::create_user))
        .routes(routes!(users::update_user))
        .routes(routes!(
            cost_rates::get_cost_rates,
            cost_rates::update_cost_rates,
            cost_rates::delete_cost_rates
        ))
        .routes(routes!(
            preferences::get_preferences,
            preferences::update_preferences
        ))
        .routes(routes!(audit::list_audit_entries))
        .routes(routes!(audit::get_audit_export))
        .routes(routes!(records::create_records))
        .routes(routes!(query::get_model))
        .routes(routes!(query::run_query))
        .routes(routes!(metric_query::run_metric_query))
        .routes(routes!(executions::list_executions))
        .routes(routes!(executions::get_execution))
        .routes(routes!(system::get_system))
        .routes(routes!(store::get_store_digest))
        .routes(routes!(store::rebuild_store))
        .routes(routes!(dead_letters::list_dead_letters))
        .routes(routes!(
            dead_letters::get_dead_letter,
            dead_letters::mend_dead_letter,
            dead_letters::discard_dead_letter
        ))
        .routes(routes!(dead_letters::replay_dead_letter))
}
