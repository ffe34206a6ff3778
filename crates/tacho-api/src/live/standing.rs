//! Whether a credential still holds, and what it allows: asked every few seconds, once for all connections that use it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use tokio::sync::watch;
use tokio::time::sleep;

use super::Live;
use crate::AppState;
use crate::auth::{Asker, Grant};
use crate::extract::Credential;
use crate::problem::Problem;

/// Who stands behind a credential; `None` once nobody does who may read.
pub(crate) type Standing = Option<Arc<Asker>>;

#[derive(Default)]
pub(super) struct Standings(Mutex<HashMap<Credential, watch::Sender<Standing>>>);

impl Standings {
    fn lock(&self) -> MutexGuard<'_, HashMap<Credential, watch::Sender<Standing>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose credential it is, if that one may read.
pub(crate) async fn reader(state: &AppState, credential: &Credential) -> Result<Asker, Problem> {
    let asker = credential.asker(state).await?;
    asker.require(Grant::Read)?;
    Ok(asker)
}

impl Live {
    /// Follows what a credential allows, from what it was just found to.
    pub(crate) fn follow(
        &self,
        state: &AppState,
        credential: &Credential,
        asker: Asker,
    ) -> watch::Receiver<Standing> {
        let mut standings = self.0.standings.lock();
        if let Some(known) = standings.get(credential) {
            known.send_if_modified(|standing| changes(standing, Some(asker)));
            return known.subscribe();
        }
        let (sender, receiver) = watch::channel(Some(Arc::new(asker)));
        standings.insert(credential.clone(), sender);
        tokio::spawn(look_again_and_again(state.clone(), credential.clone()));
        receiver
    }
}

async fn look_again_and_again(state: AppState, credential: Credential) {
    loop {
        sleep(state.live.rules().recheck).await;
        let found = reader(&state, &credential).await;
        let mut standings = state.live.0.standings.lock();
        let Some(sender) = standings.get(&credential) else {
            return;
        };
        if sender.receiver_count() == 0 {
            standings.remove(&credential);
            return;
        }
        match found {
            Ok(asker) => {
                sender.send_if_modified(|standing| changes(standing, Some(asker)));
            }
            Err(problem) if matches!(problem.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                sender.send_if_modified(|standing| changes(standing, None));
            }
            // The metastore does not answer just now, which says nothing about the credential.
            Err(problem) => tracing::warn!(
                code = problem.code,
                "could not look whether a credential still holds"
            ),
        }
    }
}

/// Takes over what was found, if that sees something else than before.
fn changes(standing: &mut Standing, found: Option<Asker>) -> bool {
    let sees = |asker: &Asker| (asker.scope().clone(), asker.zone().clone());
    if standing.as_deref().map(sees) == found.as_ref().map(sees) {
        return false;
    }
    *standing = found.map(Arc::new);
    true
}
