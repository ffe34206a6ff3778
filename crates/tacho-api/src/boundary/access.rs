//! A request for data, on its way into the audit log. The extractor that finds out who asks begins it; the boundary, which
//! sees every answer, completes it. So no route can forget it, and refused requests are there too.

use std::net::IpAddr;
use std::sync::OnceLock;

use axum::http::{Method, Uri};
use bytes::Bytes;
use serde_json::Value;
use tacho_core::scope::Rows;
use tacho_core::{OrganizationId, Timestamp, UserId};
use tacho_metastore::{ApiKeyId, AuditQuestion, DataAccess};

use crate::audit::{Audit, AuditUnavailable};
use crate::auth::Asker;

/// What is known of a request for data before it is answered.
#[derive(Debug)]
pub(crate) struct Access {
    audit: Audit,
    organization: OrganizationId,
    user: Option<(UserId, String)>,
    key: Option<(ApiKeyId, String)>,
    scope: &'static str,
    address: IpAddr,
    at: Timestamp,
    /// The body as canonical JSON, if one was read.
    body: OnceLock<String>,
}

/// What is known of it afterwards.
pub(super) struct Answered<'a> {
    pub(super) method: &'a Method,
    pub(super) route: &'a str,
    pub(super) uri: &'a Uri,
    pub(super) status: u16,
    pub(super) request_id: &'a str,
}

impl Access {
    /// A request of that asker.
    pub(crate) fn new(audit: Audit, asker: &Asker, address: IpAddr, at: Timestamp) -> Self {
        let user = asker.user.as_ref();
        let key = asker.key.as_ref();
        Self {
            audit,
            organization: asker.organization.id,
            user: user.map(|user| (user.id, user.name.clone())),
            key: key.map(|key| (key.id, key.name.clone())),
            scope: match asker.scope().rows() {
                Rows::All => "all",
                Rows::Owned { .. } => "owned",
            },
            address,
            at,
            body: OnceLock::new(),
        }
    }

    /// Notes what was asked.
    pub(super) fn set_body(&self, body: &Bytes) {
        let _ = self.body.set(canonical(body));
    }

    /// Puts the request into the log.
    pub(super) async fn record(&self, answered: Answered<'_>) -> Result<(), AuditUnavailable> {
        let Answered {
            method,
            route,
            uri,
            status,
            request_id,
        } = answered;
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        let question = match self.body.get() {
            Some(body) if path == route => body.clone(),
            Some(body) => format!("{path} {body}"),
            None => path.to_owned(),
        };
        let access = DataAccess {
            organization: self.organization,
            user: self.user.clone(),
            key: self.key.clone(),
            operation: format!("{method} {route}"),
            question: AuditQuestion::new(&question),
            scope: self.scope,
            address: self.address.to_string(),
            status,
            request_id: request_id.to_owned(),
            at: self.at,
        };
        self.audit.record(access).await
    }
}

/// The same text for the same JSON: fields in the order of their names, no blanks. What is no JSON stays as it is.
fn canonical(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => value.to_string(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_one_text() {
        let text = canonical(br#" {"b": [1, 2],  "a": {"d":1,"c":null}} "#);
        assert_eq!(text, r#"{"a":{"c":null,"d":1},"b":[1,2]}"#);
        assert_eq!(canonical(b"{"), "{");
    }
}
