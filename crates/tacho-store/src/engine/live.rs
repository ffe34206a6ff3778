//! What live state begins with.

use std::sync::Arc;

use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};
use tacho_query::live::{
    LiveExecution, LiveQuery, LiveRows, UnheardQuery, compile_live, compile_unheard, shape_live,
    shape_unheard,
};
use tacho_query::scope::scoped;

use super::admission::Weight;
use super::error::store_error;
use super::{EngineError, QueryEngine};
use crate::Lsn;

impl QueryEngine {
    /// What runs now and what happened last, of one moment, with its position in the journal.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn live_rows(
        &self,
        scope: &Scope,
        query: LiveQuery,
        now: Timestamp,
    ) -> Result<(Lsn, LiveRows), EngineError> {
        let statements = compile_live(&scoped(query, scope), self.dialect);
        let (snapshot, moment) = self
            .read_one(scope.organization(), statements, Weight::Heavy, now)
            .await?;
        Ok((moment.as_of_lsn, shape_live(&snapshot.results)?))
    }

    /// Up to where in the journal the store has an organization's rows.
    ///
    /// # Errors
    /// If the store can't say.
    pub async fn applied_lsn(&self, organization: OrganizationId) -> Result<Lsn, EngineError> {
        let store = Arc::clone(&self.store);
        let applied = tokio::task::spawn_blocking(move || store.applied_lsn(organization));
        applied.await.map_err(|_| EngineError::Lost)?.map_err(store_error)
    }

    /// Executions that have not ended and of which nothing was heard for long, those first that were heard of the longest ago.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn unheard_executions(
        &self,
        scope: &Scope,
        query: UnheardQuery,
        now: Timestamp,
    ) -> Result<Vec<LiveExecution>, EngineError> {
        let statement = compile_unheard(&scoped(query, scope), self.dialect);
        let (snapshot, _) = self
            .read_one(scope.organization(), vec![statement], Weight::Heavy, now)
            .await?;
        Ok(shape_unheard(&snapshot.results)?)
    }
}
