//! A batch of questions on its way: planned, read in one snapshot, shaped.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tacho_core::OrganizationId;
use tacho_core::time::Timestamp;
use tacho_query::answer::{Explanation, Stage};
use tacho_query::compile::compile;
use tacho_query::holdings::Holdings;
use tacho_query::plan::{Plan, plan, plan_raw};
use tacho_query::query::Query;
use tacho_query::scope::scoped;
use tacho_query::shape::Moment;
use tacho_query::time::zone_name;
use tacho_query::{QueryError, QueryParams};

use super::admission::Weight;
use super::error::{is_of_one, store_error};
use super::question::Work;
use super::{Answered, Answers, Asker, EngineError, QueryEngine, Question};
use crate::{Snapshot, Statement, StoreError};

/// Rows read one by one for a batch above which it is a heavy one: reading so many takes a tenth of a second.
pub(super) const HEAVY_ROWS: u64 = 2_000_000;
/// How often a batch is planned at most. The last time, cells are not read.
pub(super) const PLANS_MAX: usize = 3;

/// A question on its way: how it is to be answered, or why it cannot be.
struct Asked {
    work: Result<Work, EngineError>,
    /// How long planning took, if the asker wants to know how the question was answered.
    explain: Option<Duration>,
}

impl Asked {
    fn rows_read_max(&self) -> u64 {
        self.work.as_ref().map_or(0, Work::rows_read_max)
    }
}

impl QueryEngine {
    /// Reads the answers from the store.
    pub(super) async fn read_now(
        &self,
        asker: Asker<'_>,
        questions: Vec<Result<Question, QueryError>>,
    ) -> Result<Answers<Answered>, EngineError> {
        let (organization, now, started) = (
            asker.context.scope.organization(),
            asker.context.now,
            asker.started,
        );
        for plans in 1..=PLANS_MAX {
            let holdings = self.holdings(organization).await?;
            let uses_rollups = self.uses_rollups && plans < PLANS_MAX;
            let asked: Vec<Asked> = questions
                .iter()
                .map(|question| self.ask(question.clone(), asker, &holdings, uses_rollups))
                .collect();
            let rows: u64 = asked.iter().map(Asked::rows_read_max).sum();
            let weight = match rows > HEAVY_ROWS {
                true => Weight::Heavy,
                false => Weight::Light,
            };
            let answers = self
                .run(weight, organization, move |engine| {
                    engine.read_batch(organization, asked, now, started)
                })
                .await??;
            if let Some(answers) = answers {
                return Ok(answers);
            }
            // The cells have been made anew, for another zone, since it was asked how they are.
            self.holdings.invalidate(&organization);
        }
        Err(EngineError::Lost)
    }

    fn ask(
        &self,
        question: Result<Question, QueryError>,
        asker: Asker<'_>,
        holdings: &Arc<Holdings>,
        uses_rollups: bool,
    ) -> Asked {
        let started = Instant::now();
        let mut explains = false;
        let work = question
            .map_err(EngineError::from)
            .and_then(|question| match question {
                Question::Query(params) => {
                    explains = params.explain;
                    self.plan(&params, asker, holdings, uses_rollups)
                }
                Question::Executions(params) => Work::of_list(&params, asker, self.dialect),
                Question::Failures(params) => Work::of_failures(&params, asker, holdings, self.dialect),
                Question::Failure(fingerprint, params) => {
                    Work::of_failure(&fingerprint, &params, asker, holdings, self.dialect)
                }
                Question::Workflows(params) => {
                    Work::of_workflows(&params, asker.context.scope, holdings, self.dialect)
                }
                Question::Workflow(id) => Ok(Work::of_workflow(&id, asker.context.scope, self.dialect)),
                Question::ScheduledRuns(query) => {
                    Ok(Work::of_scheduled(*query, asker.context.scope, self.dialect))
                }
                Question::HasWorkflow(id) => Ok(Work::of_knowing(&id, asker.context.scope, self.dialect)),
            });
        Asked {
            work,
            explain: explains.then(|| started.elapsed()),
        }
    }

    fn plan(
        &self,
        params: &QueryParams,
        asker: Asker<'_>,
        holdings: &Arc<Holdings>,
        uses_rollups: bool,
    ) -> Result<Work, EngineError> {
        let query = scoped(
            Query::validate(params, asker.range_end, asker.context.zone)?,
            asker.context.scope,
        );
        let plan = match uses_rollups {
            true => plan(query, holdings, self.exact_rows_max),
            false => plan_raw(query, holdings),
        };
        let statement = compile(&plan, self.dialect);
        Ok(Work::Query(Box::new(plan), [statement]))
    }

    /// The answers; none if the store's cells are cut otherwise than was planned for.
    fn read_batch(
        &self,
        organization: OrganizationId,
        mut asked: Vec<Asked>,
        now: Timestamp,
        started: Instant,
    ) -> Result<Option<Answers<Answered>>, EngineError> {
        let deadline = started + self.timeout;
        let reading = Instant::now();
        let snapshot = match self.read_all(organization, &asked, deadline) {
            Err(error) if is_of_one(&error) && asked.len() > 1 => {
                self.set_failing_aside(organization, &mut asked, deadline);
                self.read_all(organization, &asked, deadline)
            }
            other => other,
        };
        let snapshot = match (snapshot, asked.as_mut_slice()) {
            (Ok(snapshot), _) => snapshot,
            (Err(error), [one]) if is_of_one(&error) => {
                one.work = Err(store_error(error));
                Snapshot::default()
            }
            (Err(error), _) => return Err(store_error(error)),
        };
        let mut plans = asked.iter().filter_map(|asked| asked.work.as_ref().ok()?.plan());
        let is_cut_otherwise = plans.any(|plan| {
            let (holdings, cells) = (plan.holdings(), &snapshot.cells);
            let is_cut_so = zone_name(&holdings.zone) == cells.zone
                && holdings.quarter_hours_since == cells.quarter_hours_since;
            plan.reads_cells() && !is_cut_so
        });
        if is_cut_otherwise {
            return Ok(None);
        }
        let rows = snapshot.results.iter().flat_map(|result| &result.rows);
        let (cells, max) = (rows.map(Vec::len).sum(), self.answer_cells_max);
        if cells > max {
            return Err(EngineError::AnswerTooLarge { cells, max });
        }
        let as_of = snapshot.as_of.unwrap_or(now);
        let moment = Moment {
            as_of,
            as_of_lsn: snapshot.as_of_lsn,
            elapsed: started.elapsed(),
        };
        let read = reading.elapsed();
        let mut results = snapshot.results.as_slice();
        let answers = asked.into_iter().map(|asked| {
            let work = asked.work?;
            let shaping = Instant::now();
            let own;
            (own, results) = results
                .split_at_checked(work.statements().len())
                .ok_or(EngineError::Lost)?;
            let mut answer = work.shape(own, moment)?;
            if let (Answered::Query(answer), Work::Query(plan, [statement]), Some(planned)) =
                (&mut answer, &work, asked.explain)
            {
                let stages = [
                    ("plan", planned),
                    ("wait", (reading - started).saturating_sub(planned)),
                    ("read", read),
                    ("shape", shaping.elapsed()),
                ];
                answer.explain = Some(explanation(plan, statement, stages));
            }
            Ok(answer)
        });
        Ok(Some(Answers {
            answers: answers.collect(),
            as_of,
            as_of_lsn: snapshot.as_of_lsn,
            from_cache: false,
        }))
    }

    /// Reads what can still be answered, in one snapshot.
    fn read_all(
        &self,
        organization: OrganizationId,
        asked: &[Asked],
        deadline: Instant,
    ) -> Result<Snapshot, StoreError> {
        let answerable = asked.iter().filter_map(|asked| asked.work.as_ref().ok());
        let statements: Vec<Statement> = answerable.flat_map(Work::statements).cloned().collect();
        self.read(organization, &statements, deadline)
    }

    /// One question has failed and taken the batch with it: asks each alone, so that those that fail get their error.
    fn set_failing_aside(&self, organization: OrganizationId, asked: &mut [Asked], deadline: Instant) {
        for one in asked {
            if let Ok(work) = &one.work
                && let Err(error) = self.read(organization, work.statements(), deadline)
            {
                one.work = Err(store_error(error));
            }
        }
    }
}

fn explanation(plan: &Plan, statement: &Statement, stages: [(&str, Duration); 4]) -> Explanation {
    let stages = stages.map(|(name, elapsed)| Stage {
        name: name.to_owned(),
        elapsed_ms: elapsed.as_secs_f64() * 1000.0,
    });
    Explanation {
        readings: plan.explained(),
        statement: statement.sql.clone(),
        stages: stages.to_vec(),
    }
}
