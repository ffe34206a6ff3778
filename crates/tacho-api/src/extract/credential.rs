//! With what somebody proves who they are. Kept by live connections, which ask again and again whether it still holds; so it
//! has no `Debug`.

use axum::http::{HeaderMap, header};

use crate::auth::Asker;
use crate::problem::Problem;
use crate::{AppState, cookie};

/// An API key, or the token of a browser's session.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Credential {
    Key(String),
    Session(String),
}

impl Credential {
    /// What a request carries: an API key if one is sent, else the browser's session, if there is one.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            let token = cookie::session_token(headers);
            return Ok(token.map(|token| Credential::Session(token.to_owned())));
        };
        let key = value.to_str().ok().and_then(bearer);
        let key = key.ok_or_else(Problem::unauthenticated)?;
        Ok(Some(Credential::Key(key.to_owned())))
    }

    /// Whose it is now.
    pub(crate) async fn asker(&self, state: &AppState) -> Result<Asker, Problem> {
        let now = state.clock.now();
        match self {
            Credential::Key(key) => {
                let owner = state.metastore.key_owner(key, now).await?;
                owner.map(Asker::of_key).ok_or_else(|| Problem {
                    detail: "The API key is unknown or revoked. Make another.".to_owned(),
                    ..Problem::unauthenticated()
                })
            }
            Credential::Session(token) => {
                let signed_in = state.metastore.session(token, now).await?;
                signed_in.map(Asker::of_session).ok_or_else(|| Problem {
                    detail: "The session has ended. Sign in again.".to_owned(),
                    ..Problem::unauthenticated()
                })
            }
        }
    }
}

/// The credential of "Bearer …"; the scheme in any case.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, credential) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credential.trim())
}
