//! Executions listed and one by one.

use std::time::Instant;

use jiff::tz::TimeZone;
use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};
use tacho_query::executions::wire::{ExecutionDetail, ExecutionList, ExecutionListParams};
use tacho_query::executions::{
    ExecutionListQuery, ExecutionQuery, compile_detail, compile_list, shape_detail, shape_list,
};
use tacho_query::scope::scoped;
use tacho_query::shape::Moment;

use super::admission::Weight;
use super::{EngineError, QueryEngine, store_error};
use crate::{Snapshot, Statement};

impl QueryEngine {
    /// A page of the executions that the asker may see, newest first. `zone` is that of the asker, for periods.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn list_executions(
        &self,
        scope: &Scope,
        params: &ExecutionListParams,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<ExecutionList, EngineError> {
        let query = scoped(ExecutionListQuery::validate(params, now, zone)?, scope);
        let statements = compile_list(&query, self.dialect);
        let (snapshot, moment) = self
            .read_one(scope.organization(), statements, Weight::Light, now)
            .await?;
        Ok(shape_list(query.question(), &snapshot.results, moment)?)
    }

    /// An execution with its parts; `None` if there is none that the asker may see.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn execution(
        &self,
        scope: &Scope,
        query: ExecutionQuery,
        now: Timestamp,
    ) -> Result<Option<ExecutionDetail>, EngineError> {
        let statements = compile_detail(&scoped(query, scope), self.dialect);
        let (snapshot, moment) = self
            .read_one(scope.organization(), statements, Weight::Light, now)
            .await?;
        Ok(shape_detail(&snapshot.results, moment)?)
    }

    /// Reads statements in one snapshot.
    pub(super) async fn read_one(
        &self,
        organization: OrganizationId,
        statements: Vec<Statement>,
        weight: Weight,
        now: Timestamp,
    ) -> Result<(Snapshot, Moment), EngineError> {
        let started = Instant::now();
        let deadline = started + self.timeout;
        let snapshot = self
            .run(weight, move |engine| {
                engine.read(organization, &statements, deadline)
            })
            .await?
            .map_err(store_error)?;
        let moment = Moment {
            as_of: snapshot.as_of.unwrap_or(now),
            as_of_lsn: snapshot.as_of_lsn,
            elapsed: started.elapsed(),
        };
        Ok((snapshot, moment))
    }
}
