//! Writes down what was found and what is over.

use std::collections::HashMap;
use std::sync::Arc;

use tacho_analysis::detection::Kind;
use tacho_core::{OrganizationId, Timestamp};
use tacho_live::{Detection, DetectionKey};
use tacho_metastore::{Metastore, NewDetection};

use super::DetectionError;
use super::board::OpenDetections;

/// What is open of one organization, as the metastore has it.
pub(super) struct Book {
    metastore: Metastore,
    organization: OrganizationId,
    open: HashMap<DetectionKey, tacho_metastore::Detection>,
}

impl Book {
    /// With what the process before left open.
    pub(super) async fn open(
        metastore: Metastore,
        organization: OrganizationId,
    ) -> Result<Self, DetectionError> {
        let kept = metastore.open_detections(organization).await?;
        let known = kept
            .into_iter()
            .filter_map(|kept| Some((found(&kept)?.key(), kept)));
        Ok(Self {
            open: known.collect(),
            metastore,
            organization,
        })
    }

    /// What is open, as a detector takes it.
    pub(super) fn to_resume(&self) -> Vec<Detection> {
        self.open.values().filter_map(found).collect()
    }

    /// What is open, the last that was found first.
    pub(super) fn open_detections(&self) -> OpenDetections {
        let mut open: Vec<_> = self.open.values().cloned().collect();
        open.sort_unstable_by_key(|kept| std::cmp::Reverse(kept.id));
        open.into()
    }

    /// Writes down what has begun and what is over. Says whether anything has changed.
    pub(super) async fn write(
        &mut self,
        begun: Vec<Detection>,
        ended: Vec<(DetectionKey, Timestamp)>,
    ) -> Result<bool, DetectionError> {
        let over: Vec<_> = ended
            .iter()
            .filter_map(|(key, at)| Some((self.open.get(key)?.id, *at)))
            .collect();
        if begun.is_empty() && over.is_empty() {
            return Ok(false);
        }
        let (keys, new): (Vec<_>, Vec<_>) = begun.into_iter().map(|one| (one.key(), to_keep(one))).unzip();
        let kept = self
            .metastore
            .record_detections(self.organization, new, &over)
            .await?;
        for (key, _) in &ended {
            if let Some(over) = self.open.remove(key) {
                tracing::info!(organization = %self.organization, detection = %over.id, kind = over.found.kind, "over");
            }
        }
        for (key, kept) in keys.into_iter().zip(kept) {
            tracing::info!(organization = %self.organization, detection = %kept.id, kind = kept.found.kind,
                workflow = kept.found.workflow_id, reason = kept.found.reason, "found");
            self.open.insert(key, kept);
        }
        Ok(true)
    }
}

fn to_keep(found: Detection) -> NewDetection {
    let text = |text: Arc<str>| text.as_ref().to_owned();
    NewDetection {
        kind: found.kind.as_str().to_owned(),
        workflow_id: found.workflow_id.map(text),
        workflow_name: found.workflow_name.map(text),
        user_id: found.user_id.map(text),
        execution: found.execution.map(|(id, attempt)| (text(id), attempt)),
        since: found.since,
        detected_at: found.detected_at,
        measured: found.measured,
        limit: found.limit,
        reason: found.reason,
    }
}

/// `None` if it is of a kind that this version does not know; then nobody here can say whether it is over.
fn found(kept: &tacho_metastore::Detection) -> Option<Detection> {
    let found = &kept.found;
    let shared = |text: &Option<String>| text.as_deref().map(Arc::from);
    Some(Detection {
        kind: Kind::from_word(&found.kind)?,
        workflow_id: shared(&found.workflow_id),
        workflow_name: shared(&found.workflow_name),
        user_id: shared(&found.user_id),
        execution: found
            .execution
            .as_ref()
            .map(|(id, attempt)| (id.as_str().into(), *attempt)),
        since: found.since,
        detected_at: found.detected_at,
        measured: found.measured,
        limit: found.limit,
        reason: found.reason.clone(),
    })
}
