//! Makes the frames of a topic, as long as somebody watches it.

use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::json;
use tacho_core::OrganizationId;
use tacho_jobs::Follower;
use tacho_jobs::detection::OpenDetections;
use tacho_live::Watch;
use tacho_query::{Answer, QueryParams};
use tacho_store::{Freshness, QueryContext};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::channel::{Channel, Interval};
use super::frames::{self, ExecutionsView, Head, Typical};
use super::topic::{Snapshot, Style, Topic};
use crate::AppState;
use crate::auth::Asker;
use crate::problem::Problem;

/// How long changes of executions are gathered for one frame.
const GATHER: Duration = Duration::from_millis(40);
/// How long counts that are due wait for the batch that is on its way: just after one, they lack little of what has been
/// acknowledged.
const NEXT_BATCH: Duration = Duration::from_millis(100);
/// How often it is looked, at the least, whether anybody still watches.
const LOOK: Duration = Duration::from_secs(1);
/// For how long it is taken as known how long workflows usually take.
const TYPICAL_LIFE: Duration = Duration::from_secs(600);

/// One topic's.
struct Feed {
    state: AppState,
    follower: Follower,
    zone: TimeZone,
    topic: Arc<Topic>,
    key: String,
    open: watch::Receiver<OpenDetections>,
    typical: Arc<RwLock<Typical>>,
    typical_at: Option<Instant>,
}

/// Starts the feed of a new topic.
pub(super) fn start(
    state: &AppState,
    asker: &Asker,
    channel: &Channel,
    watched: Watch,
    key: String,
    epoch: u64,
) -> Arc<Topic> {
    let organization: OrganizationId = asker.organization.id;
    let (watched, typical) = (Arc::new(watched), Arc::new(RwLock::new(Typical::default())));
    let (name, open) = (channel.name(), state.detections.open(organization));
    let snapshot: Snapshot = match channel {
        Channel::Executions(workflow) => {
            let (watched, typical) = (Arc::clone(&watched), Arc::clone(&typical));
            let (name, workflow) = (name.clone(), workflow.clone());
            let (rows, open) = (asker.scope().rows().clone(), open.clone());
            Box::new(move |seq| {
                let typical = known(&typical);
                let open = open.borrow().clone();
                let view = ExecutionsView {
                    topic: &name,
                    epoch,
                    workflow: workflow.as_deref(),
                    typical: &typical,
                    rows: &rows,
                    open: &open,
                };
                watched
                    .look(|state, now| view.frame(state, now, None, seq))
                    .flatten()
            })
        }
        Channel::Metrics(_) => {
            let (watched, name) = (Arc::clone(&watched), name.clone());
            Box::new(move |seq| {
                watched.look(|state, now| frames::metrics(state, &name, epoch, seq, now, None))
            })
        }
        Channel::Query { .. } => Box::new(|_| None),
    };
    let style = match channel {
        Channel::Executions(_) => Style::Changes,
        Channel::Metrics(_) | Channel::Query { .. } => Style::Whole,
    };
    let topic = Arc::new(Topic::new(organization, name, epoch, style, snapshot));
    let feed = Feed {
        state: state.clone(),
        follower: Follower::new(state.engine.clone(), asker.scope().clone(), watched),
        zone: asker.zone().clone(),
        topic: Arc::clone(&topic),
        key,
        open,
        typical,
        typical_at: None,
    };
    match channel.clone() {
        Channel::Executions(workflow) => tokio::spawn(feed.executions(workflow)),
        Channel::Metrics(every) => tokio::spawn(feed.metrics(every)),
        Channel::Query { params, interval, .. } => tokio::spawn(feed.query(params, interval)),
    };
    topic
}

fn known(typical: &RwLock<Typical>) -> Typical {
    let typical = typical.read();
    typical.unwrap_or_else(std::sync::PoisonError::into_inner).clone()
}

impl Feed {
    /// Whether it is over: nobody watches, or the server stops.
    fn is_over(&self) -> bool {
        let live = &self.state.live.0;
        *live.closing.borrow() || self.topic.subscribers() == 0 && live.topics.forget(&self.key)
    }

    async fn read(&mut self) {
        self.follower.read(self.state.clock.now()).await;
    }

    async fn executions(mut self, workflow: Option<String>) {
        let (watched, mut open) = (Arc::clone(self.follower.watch()), self.open.clone());
        let mut changed = watched.changed();
        let mut told = None;
        while !self.is_over() {
            changed.mark_unchanged();
            self.read().await;
            self.learn_typical().await;
            let typical = known(&self.typical);
            let detections = open.borrow_and_update().clone();
            let view = ExecutionsView {
                topic: &self.topic.name,
                epoch: self.topic.epoch,
                workflow: workflow.as_deref(),
                typical: &typical,
                rows: self.follower.scope().rows(),
                open: &detections,
            };
            let topic = &self.topic;
            watched.look(|state, now| {
                topic.publish(|seq| view.frame(state, now, told.as_ref(), seq));
                told = Some(view.told(state));
            });
            tokio::select! {
                _ = changed.changed() => sleep(GATHER).await,
                _ = open.changed() => {}
                () = sleep(LOOK) => {}
            }
        }
    }

    async fn metrics(mut self, every: Interval) {
        let mut due = interval(every.duration());
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let watched = Arc::clone(self.follower.watch());
        let mut changed = watched.changed();
        loop {
            self.read().await;
            if self.topic.seq() > 0 {
                changed.mark_unchanged();
                // Where none comes, nothing is lacking.
                let _ = timeout(NEXT_BATCH, changed.changed()).await;
            }
            let topic = &self.topic;
            let shown = watched.look(|state, now| {
                let (name, epoch, since) = (&topic.name, topic.epoch, Some(every.duration()));
                topic.publish(|seq| Some(frames::metrics(state, name, epoch, seq, now, since)));
            });
            if shown.is_none() {
                // Until there is something to show, whatever might change that is worth another look.
                tokio::select! {
                    _ = changed.changed() => {}
                    () = sleep(GATHER) => {}
                }
            } else if self.wait(&mut due).await {
                return;
            }
            if self.is_over() {
                return;
            }
        }
    }

    /// Waits for the next time. Says whether it is over before.
    async fn wait(&self, due: &mut tokio::time::Interval) -> bool {
        loop {
            tokio::select! {
                _ = due.tick() => return false,
                () = sleep(LOOK * 2) => if self.is_over() { return true },
            }
        }
    }

    async fn query(self, params: Box<QueryParams>, every: Interval) {
        let mut due = interval(every.duration());
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = None;
        loop {
            due.tick().await;
            let answer = self.ask(&params, every.duration()).await;
            let now = self.state.clock.now();
            let head = |seq| Head {
                kind: "query",
                topic: &self.topic.name,
                epoch: self.topic.epoch,
                seq,
                as_of_lsn: None,
                at: now,
                is_snapshot: true,
            };
            match answer {
                Ok(answer) => {
                    // What is as it was need not be sent again; only `meta` says when it was asked.
                    let said = serde_json::to_string(&(&answer.rows, &answer.totals, &answer.other)).ok();
                    if told != said {
                        told = said;
                        self.topic
                            .publish(|seq| Some(frames::query(head(seq), json!({ "answer": answer }))));
                    }
                }
                Err(problem) => {
                    told = None;
                    let problem = json!({"problem": {"code": problem.code, "detail": problem.detail}});
                    self.topic.publish(|seq| Some(frames::query(head(seq), problem)));
                }
            }
            if self.wait_over(every).await {
                return;
            }
        }
    }

    /// Whether nobody waits for the next answer. Looked at between, so that a minute's topic does not stay for a minute.
    async fn wait_over(&self, every: Interval) -> bool {
        let until = Instant::now() + every.duration().saturating_sub(LOOK);
        while Instant::now() < until {
            if self.is_over() {
                return true;
            }
            sleep(LOOK.min(until.saturating_duration_since(Instant::now()))).await;
        }
        self.is_over()
    }

    async fn ask(&self, params: &QueryParams, tolerance: Duration) -> Result<Answer, Problem> {
        let freshness = match tolerance < tacho_store::engine::HOLD {
            true => Freshness::Fresh,
            false => Freshness::Within(tolerance),
        };
        let context = QueryContext {
            scope: self.follower.scope(),
            zone: &self.zone,
            now: self.state.clock.now(),
            freshness,
        };
        Ok(self.state.engine.answer_one(context, params.clone()).await?)
    }

    /// Asks how long the workflows usually take, now and then.
    async fn learn_typical(&mut self) {
        if self
            .typical_at
            .is_some_and(|asked| asked.elapsed() < TYPICAL_LIFE)
        {
            return;
        }
        self.typical_at = Some(Instant::now());
        let Some(params) = typical_question() else { return };
        match self.ask(params, TYPICAL_LIFE).await {
            Ok(answer) => {
                let pairs = answer.rows.iter().filter_map(|row| match row.as_slice() {
                    [workflow, .., median] => Some((workflow.as_str()?.to_owned(), median.as_f64()?)),
                    _ => None,
                });
                let typical: Typical = Arc::new(pairs.collect());
                *self
                    .typical
                    .write()
                    .unwrap_or_else(std::sync::PoisonError::into_inner) = typical;
            }
            Err(problem) => {
                tracing::debug!(code = problem.code, "could not find out how long workflows take");
            }
        }
    }
}

/// The median of what each workflow's successful executions took in the last thirty days.
fn typical_question() -> Option<&'static QueryParams> {
    static QUESTION: OnceLock<Option<QueryParams>> = OnceLock::new();
    let read = || {
        let question = json!({
            "source": "executions", "measures": ["duration_median"], "dimensions": ["workflow"],
            "time": {"last": "30d"}, "limit": 1000,
            "filters": [{"field": "status", "op": "eq", "value": "success"}]
        });
        QueryParams::from_json(&question).ok()
    };
    QUESTION.get_or_init(read).as_ref()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_usual_duration_can_be_asked_for() {
        assert!(super::typical_question().is_some());
    }
}
