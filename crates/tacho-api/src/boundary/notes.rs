//! What becomes known of a request on the way, for its wide event and the headers of its answer.

use std::sync::{Arc, OnceLock};

use crate::auth::Asker;
use crate::query_limit::Standing;

/// Shared between the boundary and the extractors of one request.
#[derive(Clone, Debug)]
pub(crate) struct RequestNotes {
    id: Arc<str>,
    asker: Arc<OnceLock<AskerNote>>,
    standing: Arc<OnceLock<Standing>>,
}

#[derive(Debug)]
pub(super) struct AskerNote {
    pub(super) organization: String,
    pub(super) user: Option<String>,
    pub(super) key: Option<String>,
}

impl RequestNotes {
    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            asker: Arc::default(),
            standing: Arc::default(),
        }
    }

    /// The request's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Who asks.
    pub(crate) fn set_asker(&self, asker: &Asker) {
        let _ = self.asker.set(AskerNote {
            organization: asker.organization.id.to_string(),
            user: asker.user.as_ref().map(|user| user.id.to_string()),
            key: asker.key.as_ref().map(|key| key.id.to_string()),
        });
    }

    /// Where the asker stands with requests for data.
    pub(crate) fn set_standing(&self, standing: Standing) {
        let _ = self.standing.set(standing);
    }

    pub(super) fn standing(&self) -> Option<Standing> {
        self.standing.get().copied()
    }

    pub(super) fn asker(&self) -> Option<&AskerNote> {
        self.asker.get()
    }
}
