//! Whether the parts work. Looked at no more than once a second, however often it is asked: the route is open.

use std::sync::Arc;
use std::time::Duration;

use tacho_core::Timestamp;
use tacho_store::{EngineError, StoreError, StoreState};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::AppState;
use crate::wire::health::ReadyPart;

const LOOK_EVERY_MICROS: i64 = 1_000_000;
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one organization may take to answer a small question.
const PROBE_TIMEOUT: Duration = Duration::from_secs(4);
/// Organizations whose stores are looked at.
const STORES_MAX: usize = 20;

/// The last look, and when it was. Who asks meanwhile waits for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness(Arc<Mutex<Option<Look>>>);

#[derive(Debug)]
struct Look {
    at: Timestamp,
    parts: Vec<ReadyPart>,
}

impl Readiness {
    /// How the parts are, as of a second ago at most.
    pub(crate) async fn parts(&self, state: &AppState) -> Vec<ReadyPart> {
        let now = state.clock.now();
        let mut last = self.0.lock().await;
        if let Some(look) = &*last
            && (0..LOOK_EVERY_MICROS).contains(&now.micros_since(look.at))
        {
            return look.parts.clone();
        }
        let parts = vec![
            part("journal", state.ingest.stopped_reason()),
            within("metastore", metastore(state)).await,
            within("store", store(state)).await,
            within("queries", queries(state)).await,
        ];
        *last = Some(Look {
            at: now,
            parts: parts.clone(),
        });
        parts
    }
}

fn part(name: &'static str, fault: Option<String>) -> ReadyPart {
    ReadyPart {
        name,
        ok: fault.is_none(),
        detail: fault,
    }
}

async fn within(name: &'static str, look: impl Future<Output = ReadyPart>) -> ReadyPart {
    tokio::time::timeout(CHECK_TIMEOUT, look)
        .await
        .unwrap_or_else(|_| part(name, Some("takes too long to answer".to_owned())))
}

async fn metastore(state: &AppState) -> ReadyPart {
    part(
        "metastore",
        state.metastore.check().await.err().map(|error| error.to_string()),
    )
}

/// One organization's bad store is told and does not make the whole server unready; it does when no store works.
async fn store(state: &AppState) -> ReadyPart {
    let Ok(organizations) = state.metastore.organizations().await else {
        return part(
            "store",
            Some("the metastore does not say which organizations there are".to_owned()),
        );
    };
    let store = Arc::clone(&state.store);
    let looks =
        tokio::task::spawn_blocking(move || {
            let looks = organizations.iter().take(STORES_MAX).map(|organization| {
                match store.status(organization.id) {
                    Ok(status) => status.state,
                    Err(StoreError::Unavailable(_)) => StoreState::Rebuilding,
                    Err(_) => StoreState::Degraded,
                }
            });
            looks.collect::<Vec<_>>()
        });
    let Ok(looks) = looks.await else {
        return part("store", Some("could not be looked at".to_owned()));
    };
    let count = |state| looks.iter().filter(|look| **look == state).count();
    let (rebuilding, degraded) = (count(StoreState::Rebuilding), count(StoreState::Degraded));
    let is_bad = rebuilding + degraded > 0;
    let detail = is_bad.then(|| {
        format!(
            "of {} stores {rebuilding} are being rebuilt and {degraded} fail",
            looks.len()
        )
    });
    ReadyPart {
        name: "store",
        ok: looks.is_empty() || rebuilding + degraded < looks.len(),
        detail,
    }
}

/// Whether questions are answered: asks a small one of the organizations that asked last. As with stores, one that gets no
/// answer is told, and the server is unready when none of them does. Being busy is no fault.
async fn queries(state: &AppState) -> ReadyPart {
    let mut organizations = state.engine.recently_asked();
    if organizations.is_empty()
        && let Ok(all) = state.metastore.organizations().await
    {
        organizations.extend(all.first().map(|organization| organization.id));
    }
    let count = organizations.len();
    let mut probes = JoinSet::new();
    for organization in organizations {
        let (engine, now) = (state.engine.clone(), state.clock.now());
        probes
            .spawn(async move { tokio::time::timeout(PROBE_TIMEOUT, engine.probe(organization, now)).await });
    }
    let faults: Vec<&str> = probes
        .join_all()
        .await
        .into_iter()
        .filter_map(|probe| match probe {
            Ok(Ok(()) | Err(EngineError::Overloaded { .. })) => None,
            Ok(Err(error)) => Some(error.outcome()),
            Err(_) => Some("timed_out"),
        })
        .collect();
    let detail = faults.first().map(|fault| {
        format!(
            "of {count} organizations that asked last {} get no answer ({fault})",
            faults.len()
        )
    });
    ReadyPart {
        name: "queries",
        ok: count == 0 || faults.len() < count,
        detail,
    }
}
