//! One file per resource. Handlers are named verb_noun, which is also the operation's id. Each takes
//! `Allowed<need::…>` unless the contract leaves it open.

mod analytics;
mod audit;
mod cost_rates;
mod dead_letters;
mod detections;
mod executions;
mod exports;
mod failures;
mod health;
mod keys;
mod live;
mod metric_query;
mod metrics;
mod preferences;
mod query;
mod records;
mod reporting;
mod session;
mod setup;
mod store;
mod system;
mod trpc;
mod users;
mod workflow_schedule;
mod workflows;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::live::open_web_socket;

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
        .routes(routes!(live::get_live))
        .routes(routes!(detections::list_detections))
        .routes(routes!(executions::list_executions))
        .routes(routes!(executions::get_execution))
        .routes(routes!(workflows::list_workflows))
        .routes(routes!(workflows::get_workflow))
        .routes(routes!(workflow_schedule::get_workflow_schedule))
        .routes(routes!(analytics::get_execution_stats))
        .routes(routes!(analytics::get_task_metrics))
        .routes(routes!(analytics::get_usage_stats))
        .routes(routes!(analytics::get_cost_analysis))
        .routes(routes!(analytics::get_performance_trends))
        .routes(routes!(analytics::get_web_socket_stats))
        .routes(routes!(analytics::get_cache_stats))
        .routes(routes!(trpc::run_procedures))
        .routes(routes!(reporting::get_executions_over_time))
        .routes(routes!(reporting::get_executions_summary))
        .routes(routes!(reporting::get_execution_errors))
        .routes(routes!(reporting::get_workflow_rankings))
        .routes(routes!(reporting::get_workflow_comparison))
        .routes(routes!(reporting::get_workflow_performance))
        .routes(routes!(reporting::get_workflow_steps))
        .routes(routes!(failures::list_failures))
        .routes(routes!(failures::get_failure))
        .routes(routes!(exports::list_exports, exports::create_export))
        .routes(routes!(exports::get_export, exports::delete_export))
        .routes(routes!(exports::download_export))
        .routes(routes!(system::get_system))
        .routes(routes!(system::delete_query_cache))
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
