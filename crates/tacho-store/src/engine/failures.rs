//! What goes wrong, listed and one by one.

use jiff::tz::TimeZone;
use tacho_core::Scope;
use tacho_core::record::RecordType;
use tacho_core::time::Timestamp;
use tacho_query::compile::compile;
use tacho_query::failures::wire::{FailureDetail, FailureList, FailureListParams, FailureParams};
use tacho_query::failures::{
    FailureListQuery, FailureQuery, compile_failure, compile_failures, shape_failure, shape_failures,
};
use tacho_query::holdings::Holdings;
use tacho_query::plan::plan_raw;
use tacho_query::scope::scoped;
use tacho_query::shape::shape;

use super::admission::Weight;
use super::batch::HEAVY_ROWS;
use super::events::Kind;
use super::{EngineError, QueryEngine};

/// Reading when faults were seen takes a fifth of the time that it takes to read rows with all that is shown of them.
fn weight_of_all_time(holdings: &Holdings) -> Weight {
    let days = holdings.days.get(&RecordType::Execution);
    let rows: u64 = days.into_iter().flatten().map(|(_, rows)| rows).sum();
    match rows > 5 * HEAVY_ROWS {
        true => Weight::Heavy,
        false => Weight::Light,
    }
}

impl QueryEngine {
    /// A page of what goes wrong with the executions that the asker may see. `zone` is that of the asker, for questions
    /// that name none.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn list_failures(
        &self,
        scope: &Scope,
        params: &FailureListParams,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<FailureList, EngineError> {
        let answering = async {
            let query = scoped(FailureListQuery::validate(params, now, zone)?, scope);
            let holdings = self.holdings(scope.organization()).await?;
            let weight = match holdings.rows_in(RecordType::Execution, query.question().read()) > HEAVY_ROWS {
                true => Weight::Heavy,
                false => weight_of_all_time(&holdings),
            };
            let statements = compile_failures(&query, self.dialect);
            let read = self.read_one(scope.organization(), statements, weight, now);
            let (snapshot, moment) = read.await?;
            Ok(shape_failures(query.question(), &snapshot.results, moment)?)
        };
        self.told(scope.organization(), Kind::Failures, answering).await
    }

    /// One failure with its timeline; `None` if there is none that the asker may see.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn failure(
        &self,
        scope: &Scope,
        fingerprint: &str,
        params: &FailureParams,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Option<FailureDetail>, EngineError> {
        let answering = self.read_failure(scope, fingerprint, params, now, zone);
        self.told(scope.organization(), Kind::Failures, answering).await
    }

    async fn read_failure(
        &self,
        scope: &Scope,
        fingerprint: &str,
        params: &FailureParams,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Option<FailureDetail>, EngineError> {
        let Some(query) = FailureQuery::validate(fingerprint, params, now, zone)? else {
            return Ok(None);
        };
        let holdings = self.holdings(scope.organization()).await?;
        // From rows, because no cell has fingerprints.
        let timeline = plan_raw(scoped(query.timeline().clone(), scope), &holdings);
        let query = scoped(query, scope);
        let statements = vec![
            compile_failure(&query, self.dialect),
            compile(&timeline, self.dialect),
        ];
        let weight = weight_of_all_time(&holdings);
        let read = self.read_one(scope.organization(), statements, weight, now);
        let (snapshot, moment) = read.await?;
        let [failure, series] = snapshot.results.as_slice() else {
            return Err(EngineError::Lost);
        };
        let timeline = shape(&timeline, series, moment)?;
        Ok(shape_failure(query.question(), failure, timeline, moment)?)
    }
}
