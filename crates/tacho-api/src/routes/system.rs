//! How the server is.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use tacho_core::OrganizationId;
use tacho_ingest::IngestStatus;
use tacho_metastore::DeadLetterTotals;
use tacho_store::{Store, StoreStatus};

use crate::extract::{Allowed, Json, need};
use crate::problem::{Problem, Result};
use crate::wire::system::{
    Conflicts, DeadLetterCount, DiskState, IngestState, JournalState, QueryCache, StoreCondition, StoreState,
    System,
};
use crate::{AppState, conflicts};

/// How journal, store, ingest and disk are. Rows, dead letters and conflicts are those of the asker's organization.
#[utoipa::path(get, path = "/api/v1/system", tag = "system", responses((status = 200, body = System)))]
pub(crate) async fn get_system(
    State(state): State<AppState>,
    asker: Allowed<need::SeeSystem>,
) -> Result<Json<System>> {
    let organization = asker.organization.id;
    let letters = state.metastore.dead_letter_totals(organization).await?;
    let (ingest, store) = (state.ingest.clone(), Arc::clone(&state.store));
    let look = tokio::task::spawn_blocking(move || look(&ingest, store.as_ref(), organization));
    let (ingest, store, conflicts) = look.await.map_err(Problem::internal)?;
    Ok(Json(System {
        version: env!("CARGO_PKG_VERSION"),
        started_at: state.started_at,
        journal: journal(&ingest),
        store,
        disk: disk(&ingest),
        ingest: in_figures(ingest),
        dead_letters: counted(letters),
        conflicts,
        query_cache: state.engine.cache_stats().map(|stats| {
            let redis = state.engine.shared_cache().map(|redis| redis.status());
            QueryCache::new(stats, redis)
        }),
        live: state.live.figures().into(),
    }))
}

/// Throws away the organization's answers that are kept, so that whoever asks next gets new ones.
#[utoipa::path(delete, path = "/api/v1/system/query-cache", tag = "system",
    responses((status = 204, description = "They are gone")))]
pub(crate) async fn delete_query_cache(
    State(state): State<AppState>,
    asker: Allowed<need::MendRecords>,
) -> StatusCode {
    state.engine.forget_answers(asker.organization.id);
    StatusCode::NO_CONTENT
}

/// Everything that takes looking at files. A store that fails is told, and hides nothing else.
fn look(
    ingest: &tacho_ingest::Ingest,
    store: &dyn Store,
    organization: OrganizationId,
) -> (IngestStatus, StoreState, Conflicts) {
    let ingest = ingest.status(organization);
    let (status, fault) = match store.status(organization) {
        Ok(status) => (Some(status), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let conflicts = conflicts::read(store, organization).unwrap_or_default();
    let state = store_state(&ingest, status, fault);
    (ingest, state, conflicts)
}

fn store_state(ingest: &IngestStatus, status: Option<StoreStatus>, fault: Option<String>) -> StoreState {
    let lane = &ingest.lane;
    let state = match &status {
        _ if lane.rebuild_progress.is_some() => StoreCondition::Rebuilding,
        Some(status) => status.state.into(),
        None => StoreCondition::Degraded,
    };
    let (rollup_lsn, bytes, rows, stored_error) = status.map_or_else(Default::default, |status| {
        (status.cells_lsn, status.bytes, status.rows, status.last_error)
    });
    StoreState {
        state,
        applied_lsn: lane.applied_lsn,
        rollup_lsn,
        lag_records: lane.lag_records,
        lag_ms: lane.lag_ms as f64,
        bytes,
        rows,
        rebuild_progress: lane.rebuild_progress,
        last_error: lane.last_error.clone().or(stored_error).or(fault),
    }
}

fn journal(ingest: &IngestStatus) -> JournalState {
    JournalState {
        last_lsn: ingest.journal.durable_lsn,
        bytes: ingest.journal_bytes,
        segments_active: ingest.segments_active,
        segments_sealed: ingest.segments_sealed,
        oldest_at: ingest.oldest_at,
        fsync_p50_ms: ingest.journal.sync_p50_ms,
        fsync_p99_ms: ingest.journal.sync_p99_ms,
        commits: ingest.journal.commits,
        damages: ingest.journal_damages,
    }
}

fn disk(ingest: &IngestStatus) -> DiskState {
    DiskState {
        free_bytes: ingest.disk.free_bytes,
        total_bytes: ingest.disk.total_bytes,
        stop_below_bytes: ingest.disk.stop_below_bytes,
    }
}

fn in_figures(ingest: IngestStatus) -> IngestState {
    IngestState {
        accepted_total: ingest.accepted,
        rejected_total: ingest.rejected,
        duplicates_total: ingest.lane.duplicates,
        accepted_per_second: ingest.accepted_per_second,
        queue_records: ingest.lane.lag_records,
        queue_limit: ingest.lag_records_max,
        stopped_reason: ingest.stopped_reason,
    }
}

fn counted(letters: DeadLetterTotals) -> DeadLetterCount {
    DeadLetterCount {
        open: letters.open,
        dropped: letters.dropped,
    }
}
