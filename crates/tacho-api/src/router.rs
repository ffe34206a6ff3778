//! Puts routes and layers together.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{Extensions, HeaderMap, StatusCode, Uri, Version, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use crate::boundary::{on_panic, security_headers, surround};
use crate::problem::Problem;
use crate::{AppState, assets, openapi, routes};

/// Paths that belong to programs: what is not there is a problem, never the web application.
const PROGRAM_PATHS: [&str; 6] = ["/api", "/trpc", "/ws", "/metrics", "/healthz", "/readyz"];

/// How long requests under way may still take when the server stops.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(20);

/// The whole service.
pub fn router(state: AppState) -> Router {
    let (routes, description) = described_routes();
    let routes = routes
        .route("/ws/analytics", get(routes::open_web_socket))
        .merge(SwaggerUi::new("/docs").url("/api/v1/openapi.json", description))
        .fallback(fallback)
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED });
    surrounded(routes).with_state(state)
}

/// With what every request goes through, innermost first.
fn surrounded<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes
        .layer(CatchPanicLayer::custom(on_panic))
        .layer(middleware::from_fn(surround))
        .layer(middleware::from_fn(security_headers))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(is_no_file)))
}

/// Files to be saved are sent as they lie on the disk, so that their length is known and parts of them can be asked for.
fn is_no_file(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::CONTENT_DISPOSITION)
}

/// Serves until `shutdown` is ready, then ends live connections, takes no more of any kind, gives the requests under way 20 s to finish and writes
/// the rest of the audit log.
pub async fn serve(
    listener: tokio::net::TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (audit, live) = (state.audit.clone(), state.live.clone());
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    let signal = async move {
        shutdown.await;
        live.close().await;
        let _ = stopping.send(());
    };
    let serving = axum::serve(listener, service).with_graceful_shutdown(signal);
    let drained = async {
        // Never sent means that serving ended by itself.
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(DRAIN_TIME_MAX).await;
    };
    let result = tokio::select! {
        result = serving.into_future() => result,
        () = drained => {
            tracing::warn!("requests were still under way when the time to stop was over");
            Ok(())
        }
    };
    if audit.flush().await.is_err() {
        tracing::error!("the last entries of the audit log could not be written");
    }
    result
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_problem_and_says_nothing_of_the_inside() {
        async fn panicking() -> &'static str {
            panic!("the secret of the house")
        }
        let router: Router = surrounded(Router::new().route("/", get(panicking)));
        let response = router
            .oneshot(Request::get("/").body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert!(response.headers().contains_key("x-request-id"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            body.contains("\"code\":\"internal\"") && !body.contains("secret"),
            "{body}"
        );
    }
}
