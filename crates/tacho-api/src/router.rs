//! Puts routes and layers together.

use std::net::SocketAddr;

use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::boundary::{on_panic, security_headers, surround};
use crate::problem::Problem;
use crate::{AppState, assets, openapi, routes};

/// Paths that belong to programs: what is not there is a problem, never the web application.
const PROGRAM_PATHS: [&str; 6] = ["/api", "/trpc", "/ws", "/metrics", "/healthz", "/readyz"];

/// The whole service.
pub fn router(state: AppState) -> Router {
    let (routes, description) = described_routes();
    routes
        .merge(SwaggerUi::new("/docs").url("/api/v1/openapi.json", description))
        .fallback(fallback)
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED })
        .layer(CatchPanicLayer::custom(on_panic))
        .layer(middleware::from_fn(surround))
        .layer(middleware::from_fn(security_headers))
        .layer(CompressionLayer::new())
        .with_state(state)
}

/// Serves until `shutdown` is ready, then finishes the requests under way.
pub async fn serve(
    listener: tokio::net::TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(shutdown)
        .await
}

/// The routes and their description.
pub(crate) fn described_routes() -> (Router<AppState>, OpenApi) {
    let (router, description) = OpenApiRouter::with_openapi(openapi::description())
        .merge(routes::all())
        .split_for_parts();
    (router, openapi::with_problems(description))
}

async fn fallback(request: axum::extract::Request) -> Response {
    let is_program = |uri: &Uri| {
        PROGRAM_PATHS.iter().any(|prefix| {
            uri.path()
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    if is_program(request.uri()) {
        return Problem::of_status(StatusCode::NOT_FOUND).into_response();
    }
    assets::serve(request.method(), request.uri().path(), request.headers())
}
