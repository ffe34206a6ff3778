//! One file per resource. Handlers are named verb_noun, which is also the operation's id. Each takes
//! `Allowed<need::…>` unless the contract leaves it open.

mod health;
mod keys;
mod metrics;
mod session;
mod setup;
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
}
