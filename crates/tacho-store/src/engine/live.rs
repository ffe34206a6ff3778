//! What live state begins with.

use tacho_core::Scope;
use tacho_core::time::Timestamp;
use tacho_query::live::{LiveQuery, LiveRows, compile_live, shape_live};
use tacho_query::scope::scoped;

use super::admission::Weight;
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
}
