//! Signing in and out.

use std::sync::PoisonError;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tacho_metastore::SignedIn;

use crate::auth::Asker;
use crate::extract::{Allowed, ClientAddress, Json, check_origin, need};
use crate::problem::{Problem, Result};
use crate::wire::session::{Session, SignInRequest};
use crate::{AppState, cookie};

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = Session)))]
pub(crate) async fn get_session(asker: Allowed<need::SignedIn>) -> Result<Json<Session>> {
    Session::of(&asker).map(Json).ok_or_else(|| {
        Problem::forbidden(
            "This key acts as no user, so there is no session. Use one that acts as a user, or sign in.",
        )
    })
}

/// Signs in.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()), request_body = SignInRequest, responses(
    (status = 200, description = "Signed in; the answer carries the session cookie", body = Session),
))]
pub(crate) async fn create_session(
    State(state): State<AppState>,
    address: ClientAddress,
    headers: HeaderMap,
    Json(request): Json<SignInRequest>,
) -> Result<Response> {
    check_origin(&headers, &state.config)?;
    let now = state.clock.now();
    let limit = || state.sign_in_limit.lock().unwrap_or_else(PoisonError::into_inner);
    limit().attempt(&request.email, address.ip, now).map_err(|wait| {
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_sign_ins",
            "There were too many attempts to sign in. Wait, then try again.",
        )
        .retry_after(wait)
    })?;
    let Some(user) = state
        .metastore
        .authenticate(&request.email, &request.password, now)
        .await?
    else {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "sign_in_failed",
            "E-mail address or password is wrong. Check both; an owner or admin can make you another account.",
        ));
    };
    limit().succeeded(&request.email, address.ip);
    let organization = state.metastore.organization(user.organization_id).await?;
    let (cookie, session) = signed_in(&state, &headers, SignedIn { user, organization }).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(session)).into_response())
}

/// Signs out: ends this session.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204, description = "Signed out")))]
pub(crate) async fn delete_session(
    State(state): State<AppState>,
    _asker: Allowed<need::SignedIn>,
    headers: HeaderMap,
) -> Result<Response> {
    if let Some(token) = cookie::session_token(&headers) {
        state.metastore.delete_session(token).await?;
    }
    let cookie = cookie::clear(cookie::is_secure(&headers, &state.config));
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Begins a session: its cookie and what the page needs to know.
pub(super) async fn signed_in(
    state: &AppState,
    headers: &HeaderMap,
    person: SignedIn,
) -> Result<(HeaderValue, Session)> {
    let token = state
        .metastore
        .create_session(person.user.id, state.clock.now())
        .await?;
    let cookie = cookie::set(token.expose(), cookie::is_secure(headers, &state.config));
    let session = Session::of(&Asker::of_session(person)).ok_or_else(Problem::unauthenticated)?;
    Ok((cookie, session))
}
