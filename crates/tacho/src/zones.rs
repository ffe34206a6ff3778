//! The organizations' zones for the store, which asks on threads that cannot wait for the metastore.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use tacho_core::OrganizationId;
use tacho_metastore::Metastore;
use tokio::sync::Notify;

/// How long a change of an organization's zone goes unnoticed at most.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Every organization's zone, as of lately.
#[derive(Clone, Default)]
pub(crate) struct Zones {
    known: Arc<RwLock<HashMap<OrganizationId, TimeZone>>>,
    is_missed: Arc<Notify>,
}

impl Zones {
    /// Reads the zones, and goes on reading them as long as the runtime lives.
    pub(crate) async fn follow(metastore: &Metastore) -> anyhow::Result<Self> {
        let zones = Self::default();
        zones.read(metastore).await?;
        let (reader, metastore) = (zones.clone(), metastore.clone());
        tokio::spawn(async move {
            loop {
                let _ = tokio::time::timeout(READ_AGAIN_AFTER, reader.is_missed.notified()).await;
                if let Err(error) = reader.read(&metastore).await {
                    tracing::warn!(%error, "could not read the organizations' zones");
                    tokio::time::sleep(READ_AGAIN_AFTER).await;
                }
            }
        });
        Ok(zones)
    }

    async fn read(&self, metastore: &Metastore) -> anyhow::Result<()> {
        let organizations = metastore.organizations().await?.into_iter();
        let read = organizations
            .filter_map(|organization| Some((organization.id, TimeZone::get(&organization.timezone).ok()?)))
            .collect();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// The zone of an organization. Of one that has just been made it is UTC, until the zones are read again, which is at
    /// once; the store then puts its days right.
    pub(crate) fn of(&self, organization: OrganizationId) -> TimeZone {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&organization).cloned().unwrap_or_else(|| {
            self.is_missed.notify_one();
            TimeZone::UTC
        })
    }
}
