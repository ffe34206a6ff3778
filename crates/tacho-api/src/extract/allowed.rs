//! The asker, once it is known to have what the route needs. A route that takes `Allowed<…>` can't forget the check.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use tacho_core::Permission;

use super::check_csrf;
use crate::auth::{Asker, Grant};
use crate::boundary::RequestNotes;
use crate::problem::Problem;
use crate::{AppState, cookie};

/// An asker that has the grant `N`.
#[derive(Clone, Debug)]
pub(crate) struct Allowed<N> {
    asker: Asker,
    need: PhantomData<N>,
}

impl<N> Deref for Allowed<N> {
    type Target = Asker;
    fn deref(&self) -> &Asker {
        &self.asker
    }
}

/// A grant as a type.
pub(crate) trait Need {
    const GRANT: Grant;
}

/// What routes need.
pub(crate) mod need {
    use super::*;

    macro_rules! need {
        ($name:ident, $grant:expr) => {
            #[derive(Clone, Debug)]
            pub(crate) struct $name;
            impl Need for $name {
                const GRANT: Grant = $grant;
            }
        };
    }

    need!(SignedIn, Grant::SignedIn);
    need!(Ingest, Grant::Ingest);
    need!(Read, Grant::Read);
    need!(ManagePeople, Grant::Permission(Permission::ManagePeople));
    need!(ManageKeys, Grant::Permission(Permission::ManageKeys));
    need!(SeeSystem, Grant::Permission(Permission::SeeSystem));
    need!(ManageCosts, Grant::Permission(Permission::ManageCosts));
    need!(MendRecords, Grant::Permission(Permission::MendRecords));
}

impl<N: Need> FromRequestParts<AppState> for Allowed<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let asker = ask(parts, state).await?;
        if let Some(notes) = parts.extensions.get::<RequestNotes>() {
            notes.set_asker(&asker);
        }
        asker.require(N::GRANT)?;
        Ok(Self {
            asker,
            need: PhantomData,
        })
    }
}

/// Who asks: an API key if one is sent, else the browser's session.
async fn ask(parts: &Parts, state: &AppState) -> Result<Asker, Problem> {
    let now = state.clock.now();
    if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
        let key = value
            .to_str()
            .ok()
            .and_then(bearer)
            .ok_or_else(Problem::unauthenticated)?;
        let owner = state
            .metastore
            .key_owner(key, now)
            .await?
            .ok_or_else(|| Problem {
                detail: "The API key is unknown or revoked. Make another.".to_owned(),
                ..Problem::unauthenticated()
            })?;
        return Ok(Asker::of_key(owner));
    }
    let token = cookie::session_token(&parts.headers).ok_or_else(Problem::unauthenticated)?;
    let signed_in = state
        .metastore
        .session(token, now)
        .await?
        .ok_or_else(|| Problem {
            detail: "The session has ended. Sign in again.".to_owned(),
            ..Problem::unauthenticated()
        })?;
    check_csrf(parts, &state.config)?;
    Ok(Asker::of_session(signed_in))
}

/// The credential of "Bearer …"; the scheme in any case.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, credential) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credential.trim())
}
