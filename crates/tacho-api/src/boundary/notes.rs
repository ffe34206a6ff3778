//! What becomes known of a request on the way, for its wide event.

use std::sync::{Arc, OnceLock};

use crate::auth::Asker;

/// Shared between the boundary and the extractors of one request.
#[derive(Clone, Debug)]
pub(crate) struct RequestNotes {
    id: Arc<str>,
    asker: Arc<OnceLock<AskerNote>>,
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

    pub(super) fn asker(&self) -> Option<&AskerNote> {
        self.asker.get()
    }
}
