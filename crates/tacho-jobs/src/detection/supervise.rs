//! Has a guard for each organization.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tacho_core::OrganizationId;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::guard::Guard;
use super::{DetectionError, Shared};

/// For how long detections are kept that are over.
const KEPT_US: i64 = 365 * 86_400 * 1_000_000;
/// How often it is looked for older ones.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// Starts guards of organizations that have none, until it is told to stop and they have.
pub(super) async fn supervise(shared: Arc<Shared>, mut stopping: watch::Receiver<bool>) {
    let mut guards = JoinSet::new();
    let mut by_organization: HashMap<OrganizationId, AbortHandle> = HashMap::new();
    let mut sweep_at = Instant::now();
    while !*stopping.borrow() {
        while let Some(ended) = guards.try_join_next() {
            if let Err(error) = ended {
                tracing::error!(%error, "the detection of an organization broke off; it begins anew");
            }
        }
        by_organization.retain(|_, guard| !guard.is_finished());
        let mut looked = start_guards(&shared, &stopping, &mut guards, &mut by_organization).await;
        if Instant::now() >= sweep_at {
            sweep_at = Instant::now() + SWEEP_EVERY;
            looked = looked.and(sweep(&shared).await);
        }
        if let Err(error) = looked {
            tracing::error!(%error, "could not look after detection");
        }
        let _ = tokio::time::timeout(shared.config.interval, stopping.changed()).await;
    }
    while guards.join_next().await.is_some() {}
}

async fn start_guards(
    shared: &Arc<Shared>,
    stopping: &watch::Receiver<bool>,
    guards: &mut JoinSet<()>,
    by_organization: &mut HashMap<OrganizationId, AbortHandle>,
) -> Result<(), DetectionError> {
    for organization in shared.parts.metastore.organizations().await? {
        by_organization.entry(organization.id).or_insert_with(|| {
            let guard = Guard::of(organization.id, shared.clone());
            guards.spawn(guard.watch_over(stopping.clone()))
        });
    }
    Ok(())
}

async fn sweep(shared: &Shared) -> Result<(), DetectionError> {
    let before = (shared.now)().plus_micros(-KEPT_US);
    while shared
        .parts
        .metastore
        .remove_detections_ended_before(before)
        .await?
        > 0
    {}
    Ok(())
}
