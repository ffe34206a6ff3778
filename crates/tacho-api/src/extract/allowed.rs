//! The asker, once it is known to have what the route needs. A route that takes `Allowed<…>` can't forget the check, and
//! one that reads data can't forget that its requests are limited and put into the audit log.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tacho_core::Permission;

use super::{ClientAddress, Credential, check_csrf};
use crate::AppState;
use crate::auth::{Asker, Grant};
use crate::boundary::{Access, RequestNotes};
use crate::problem::Problem;
use crate::query_limit::UnderWay;

/// An asker that has the grant `N`.
#[derive(Clone, Debug)]
pub(crate) struct Allowed<N> {
    asker: Asker,
    /// A request for data counts as under way for as long as its route has this.
    _under_way: Option<Arc<UnderWay>>,
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
    /// Whether the route answers data of the organization, so that requests are limited and put into the audit log.
    const IS_QUERY: bool = false;
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

    /// To ask for data. Every route that answers data of the organization needs this; those that answer only how it is set
    /// up need [`ReadSettings`].
    #[derive(Clone, Debug)]
    pub(crate) struct Read;
    impl Need for Read {
        const GRANT: Grant = Grant::Read;
        const IS_QUERY: bool = true;
    }

    need!(SignedIn, Grant::SignedIn);
    need!(Ingest, Grant::Ingest);
    need!(ReadSettings, Grant::Read);
    need!(Person, Grant::Person);
    need!(ManagePeople, Grant::Permission(Permission::ManagePeople));
    need!(ManageKeys, Grant::Permission(Permission::ManageKeys));
    need!(SeeSystem, Grant::Permission(Permission::SeeSystem));
    need!(ManageCosts, Grant::Permission(Permission::ManageCosts));
    need!(SeeAudit, Grant::Permission(Permission::SeeAudit));
    need!(MendRecords, Grant::Permission(Permission::MendRecords));
}

impl<N: Need> FromRequestParts<AppState> for Allowed<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let asker = ask(parts, state).await?;
        let Ok(address) = ClientAddress::from_request_parts(parts, state).await;
        let notes = parts.extensions.get::<RequestNotes>();
        if let Some(notes) = notes {
            notes.set_asker(&asker);
            if N::IS_QUERY {
                let (audit, now) = (state.audit.clone(), state.clock.now());
                notes.set_access(Access::new(audit, &asker, address.ip, now));
            }
        }
        let limited_by = asker.limited_by().filter(|_| N::IS_QUERY);
        let under_way = limited_by.map(|who| {
            let (standing, entered) = state.query_limit.enter(who);
            if let (Some(notes), Some(standing)) = (notes, standing) {
                notes.set_standing(standing);
            }
            entered.map(Arc::new)
        });
        // A request that is not allowed has been counted.
        asker.require(N::GRANT)?;
        Ok(Self {
            asker,
            _under_way: under_way.transpose()?,
            need: PhantomData,
        })
    }
}

/// Who asks: an API key if one is sent, else the browser's session.
async fn ask(parts: &Parts, state: &AppState) -> Result<Asker, Problem> {
    let credential = Credential::of(&parts.headers)?.ok_or_else(Problem::unauthenticated)?;
    let asker = credential.asker(state).await?;
    if matches!(credential, Credential::Session(_)) {
        check_csrf(parts, &state.config)?;
    }
    Ok(asker)
}
