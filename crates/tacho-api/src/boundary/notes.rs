//! What becomes known of a request on the way: for its wide event, the headers of its answer and the audit log.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::access::Access;
use crate::auth::Asker;
use crate::query_limit::Standing;

/// Shared between the boundary and the extractors of one request.
#[derive(Clone, Debug)]
pub(crate) struct RequestNotes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: String,
    asker: OnceLock<AskerNote>,
    standing: OnceLock<Standing>,
    access: OnceLock<Access>,
}

#[derive(Debug)]
pub(super) struct AskerNote {
    pub(super) organization: String,
    pub(super) user: Option<String>,
    pub(super) key: Option<String>,
}

impl RequestNotes {
    pub(super) fn new(id: &str) -> Self {
        Self(Arc::new(Inner {
            id: id.to_owned(),
            asker: OnceLock::new(),
            standing: OnceLock::new(),
            access: OnceLock::new(),
        }))
    }

    /// The request's id.
    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    /// Who asks.
    pub(crate) fn set_asker(&self, asker: &Asker) {
        let _ = self.0.asker.set(AskerNote {
            organization: asker.organization.id.to_string(),
            user: asker.user.as_ref().map(|user| user.id.to_string()),
            key: asker.key.as_ref().map(|key| key.id.to_string()),
        });
    }

    pub(super) fn asker(&self) -> Option<&AskerNote> {
        self.0.asker.get()
    }

    /// Where the asker stands with requests for data.
    pub(crate) fn set_standing(&self, standing: Standing) {
        let _ = self.0.standing.set(standing);
    }

    pub(super) fn standing(&self) -> Option<Standing> {
        self.0.standing.get().copied()
    }

    /// That this is a request for data.
    pub(crate) fn set_access(&self, access: Access) {
        let _ = self.0.access.set(access);
    }

    /// The body that was read; kept of requests for data only.
    pub(crate) fn set_body(&self, body: &Bytes) {
        if let Some(access) = self.0.access.get() {
            access.set_body(body);
        }
    }

    pub(super) fn access(&self) -> Option<&Access> {
        self.0.access.get()
    }
}
