//! What is known of all workflows at once.

use tacho_core::Scope;
use tacho_core::time::Timestamp;
use tacho_query::scope::scoped;
use tacho_query::workflows::{
    DeclaredWorkflow, DeclaredWorkflowsQuery, QueueWaits, QueueWaitsQuery, compile_declared,
    compile_queue_waits, shape_declared, shape_queue_waits,
};

use super::admission::Weight;
use super::{EngineError, QueryEngine};

impl QueryEngine {
    /// The workflows that somebody has declared and the asker may see, by id.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn declared_workflows(
        &self,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<DeclaredWorkflow>, EngineError> {
        let statement = compile_declared(&scoped(DeclaredWorkflowsQuery, scope), self.dialect);
        let (snapshot, _) = self
            .read_one(scope.organization(), vec![statement], Weight::Light, now)
            .await?;
        Ok(shape_declared(&snapshot.results)?)
    }

    /// How long the executions of each workflow waited in a queue, in no order.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn queue_waits(
        &self,
        scope: &Scope,
        query: QueueWaitsQuery,
        now: Timestamp,
    ) -> Result<Vec<QueueWaits>, EngineError> {
        let statement = compile_queue_waits(&scoped(query, scope), self.dialect);
        let (snapshot, _) = self
            .read_one(scope.organization(), vec![statement], Weight::Heavy, now)
            .await?;
        Ok(shape_queue_waits(&snapshot.results)?)
    }
}
