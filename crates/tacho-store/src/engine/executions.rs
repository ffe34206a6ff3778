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
use super::error::store_error;
use super::events::{Asked, Kind};
use super::{EngineError, QueryEngine, ms_since};
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
        let answering = async {
            let query = scoped(ExecutionListQuery::validate(params, now, zone)?, scope);
            let statements = compile_list(&query, self.dialect);
            let (snapshot, moment) = self
                .read_one(scope.organization(), statements, Weight::Light, now)
                .await?;
            Ok(shape_list(query.question(), &snapshot.results, moment)?)
        };
        self.told(scope.organization(), Kind::List, answering).await
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
        let answering = async {
            let statements = compile_detail(&scoped(query, scope), self.dialect);
            let (snapshot, moment) = self
                .read_one(scope.organization(), statements, Weight::Light, now)
                .await?;
            Ok(shape_detail(&snapshot.results, moment)?)
        };
        self.told(scope.organization(), Kind::Detail, answering).await
    }

    /// Answers a question and tells how that ended.
    pub(super) async fn told<T>(
        &self,
        organization: OrganizationId,
        kind: Kind,
        answering: impl Future<Output = Result<T, EngineError>>,
    ) -> Result<T, EngineError> {
        let started = Instant::now();
        self.recently_asked.note(organization);
        let answer = answering.await;
        let outcome = answer.as_ref().map(|_| None);
        Asked::executions(kind).tell(organization, outcome, ms_since(started));
        answer
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
            .run(weight, organization, move |engine| {
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
