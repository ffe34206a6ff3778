//! The organization's store against the journal: its digest, and making it anew.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::AppState;
use crate::extract::{Allowed, Json, need};
use crate::problem::{Problem, Result};
use crate::wire::store::Digest;

/// Rows and a checksum of each table of the organization's store, as of one position of the journal. Reads all of it.
#[utoipa::path(get, path = "/api/v1/store/digest", tag = "system", responses((status = 200, body = Digest)))]
pub(crate) async fn get_store_digest(
    State(state): State<AppState>,
    asker: Allowed<need::MendRecords>,
) -> Result<Json<Digest>> {
    let (store, organization) = (Arc::clone(&state.store), asker.organization.id);
    let digest = tokio::task::spawn_blocking(move || store.digest(organization, true)).await;
    Ok(Json(digest.map_err(Problem::internal)??.into()))
}

/// Makes the organization's store anew from the journal. Records go on being accepted; queries are answered 503 until it is
/// whole. `GET /api/v1/system` tells how far it is.
#[utoipa::path(post, path = "/api/v1/store/rebuild", tag = "system", responses((status = 202, description = "Begun")))]
pub(crate) async fn rebuild_store(
    State(state): State<AppState>,
    asker: Allowed<need::MendRecords>,
) -> Result<StatusCode> {
    let (ingest, organization) = (state.ingest.clone(), asker.organization.id);
    // Waits for the batch that is being applied.
    let begun = tokio::task::spawn_blocking(move || ingest.rebuild_store(organization)).await;
    begun.map_err(Problem::internal)??;
    Ok(StatusCode::ACCEPTED)
}
