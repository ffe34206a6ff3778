//! What is wrong now, for whoever shows it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tacho_core::OrganizationId;
use tacho_metastore::Detection;
use tokio::sync::watch;

/// What is wrong now in an organization, the last that was found first.
pub type OpenDetections = Arc<[Detection]>;

/// What is wrong now, by organization.
#[derive(Default)]
pub(super) struct Board(Mutex<HashMap<OrganizationId, watch::Sender<OpenDetections>>>);

impl Board {
    fn lock(&self) -> MutexGuard<'_, HashMap<OrganizationId, watch::Sender<OpenDetections>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subscribe(&self, organization: OrganizationId) -> watch::Receiver<OpenDetections> {
        let mut boards = self.lock();
        boards.entry(organization).or_default().subscribe()
    }

    pub(super) fn put_up(&self, organization: OrganizationId, open: OpenDetections) {
        self.lock().entry(organization).or_default().send_replace(open);
    }
}
