//! Frames as they are sent.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tacho_core::Timestamp;
use tacho_core::scope::Rows;
use tacho_live::{Active, Event, Point, State, Window};
use tacho_metastore::{Detection, DetectionId};

use super::topic::Frame;
use crate::wire;

/// Executions of one frame at most. Of more, those that began last; the counts are of all.
const ACTIVE_MAX: usize = 500;
/// Detections of one frame at most. Of more, those that were found last.
const DETECTIONS_MAX: usize = 200;
/// Events of a frame that says everything.
const EVENTS_MAX: usize = 100;
/// Seconds of a point of the series.
const POINT_SECONDS: i64 = 10;
/// Seconds of the series of a frame that says everything.
const SERIES_SECONDS: i64 = 3600;
/// How long after its end a point is still told: what happened in its last second is merged a little later.
const SETTLING_SECONDS: i64 = 20;

/// What every frame begins with.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Head<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) topic: &'a str,
    pub(super) epoch: u64,
    pub(super) seq: u64,
    /// The position in the journal up to which the frame knows everything; null where the answer says it.
    pub(super) as_of_lsn: Option<u64>,
    pub(super) at: Timestamp,
    /// Whether it says everything, and not only what has changed.
    pub(super) is_snapshot: bool,
}

/// How long the workflows of an organization usually take, in milliseconds.
pub(super) type Typical = Arc<HashMap<String, f64>>;

#[derive(Serialize)]
struct ExecutionsFrame<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    queued: i64,
    running: i64,
    /// All that are known, or those that have changed.
    executions: Vec<ActiveOut<'a>>,
    /// Those that have ended, or are not seen any more.
    ended: Vec<EndedOut>,
    events: Vec<EventOut<'a>>,
    /// What is wrong now, if that has changed since the frame before.
    #[serde(skip_serializing_if = "Option::is_none")]
    detections: Option<Vec<wire::detections::Detection>>,
}

#[derive(Serialize)]
struct ActiveOut<'a> {
    id: &'a str,
    attempt: u32,
    status: &'static str,
    lsn: u64,
    workflow_id: Option<&'a str>,
    workflow_name: Option<&'a str>,
    user_id: Option<&'a str>,
    queued_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    updated_at: Timestamp,
    steps_completed: Option<i64>,
    steps_total: Option<i64>,
    /// The step that began last.
    step: Option<Box<str>>,
    /// By the median of what its workflow took; null without a history.
    expected_finish_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct EndedOut {
    id: Arc<str>,
    attempt: u32,
}

#[derive(Serialize)]
struct EventOut<'a> {
    #[serde(flatten)]
    event: &'a Event,
    workflow_name: Option<&'a str>,
}

fn active<'a>(state: &'a State, active: &'a Active, typical: &Typical) -> ActiveOut<'a> {
    let progress = state.progress(active);
    let workflow_id = active.workflow_id.as_deref();
    let usual_ms = workflow_id.and_then(|id| typical.get(id));
    ActiveOut {
        id: &active.id,
        attempt: active.attempt,
        status: if active.is_queued { "queued" } else { "running" },
        lsn: active.lsn,
        workflow_id,
        workflow_name: workflow_id
            .and_then(|id| state.workflow_name(id))
            .map(AsRef::as_ref),
        user_id: active.user_id.as_deref(),
        queued_at: active.queued_at,
        started_at: active.started_at,
        updated_at: active.updated_at,
        steps_completed: progress.steps_completed,
        steps_total: progress.steps_total,
        step: progress.step,
        expected_finish_at: active
            .started_at
            .zip(usual_ms)
            .map(|(started, ms)| started.plus_micros((ms * 1000.0) as i64)),
    }
}

fn event<'a>(state: &'a State, event: &'a Event) -> EventOut<'a> {
    let name = event.workflow_id.as_ref().and_then(|id| state.workflow_name(id));
    EventOut {
        event,
        workflow_name: name.map(AsRef::as_ref),
    }
}

/// What to tell of executions: since a frame before, or everything.
pub(super) struct ExecutionsView<'a> {
    pub(super) topic: &'a str,
    pub(super) epoch: u64,
    /// Of this workflow alone.
    pub(super) workflow: Option<&'a str>,
    pub(super) typical: &'a Typical,
    /// Whose rows the state shows.
    pub(super) rows: &'a Rows,
    /// What is wrong now, with everybody, the last that was found first.
    pub(super) open: &'a [Detection],
}

/// What was told by a frame.
pub(super) struct Told {
    version: u64,
    detections: Vec<DetectionId>,
}

impl ExecutionsView<'_> {
    fn is_wanted(&self, workflow_id: Option<&str>) -> bool {
        self.workflow.is_none_or(|wanted| workflow_id == Some(wanted))
    }

    /// Whether a detection may be seen: as of rows, it is who owns its workflow now that may, else its user.
    fn is_seen(&self, state: &State, detection: &Detection) -> bool {
        let found = &detection.found;
        match (self.rows, &found.workflow_id, &found.user_id) {
            (Rows::All, ..) => true,
            (Rows::Owned { .. }, Some(workflow), _) => state.has_workflow(workflow),
            (Rows::Owned { subjects }, None, Some(user)) => subjects.contains(user),
            (Rows::Owned { .. }, None, None) => false,
        }
    }

    fn detections(&self, state: &State) -> impl Iterator<Item = &Detection> {
        let is_shown = |detection: &&Detection| {
            self.is_wanted(detection.found.workflow_id.as_deref()) && self.is_seen(state, detection)
        };
        self.open.iter().filter(is_shown).take(DETECTIONS_MAX)
    }

    /// What a frame tells that is made now.
    pub(super) fn told(&self, state: &State) -> Told {
        Told {
            version: state.version(),
            detections: self.detections(state).map(|detection| detection.id).collect(),
        }
    }

    /// A frame; `None` if nothing has changed. After none, or if too much has changed since, it says everything.
    pub(super) fn frame(
        &self,
        state: &State,
        now: Timestamp,
        told: Option<&Told>,
        seq: u64,
    ) -> Option<Arc<Frame>> {
        let changes = told
            .and_then(|told| state.changes(told.version))
            .filter(|changes| changes.changed.len() <= ACTIVE_MAX);
        let is_snapshot = changes.is_none();
        let mut changes = changes.unwrap_or_default();
        let were_told = told.filter(|_| !is_snapshot).is_some_and(|told| {
            let ids = self.detections(state).map(|detection| &detection.id);
            ids.eq(&told.detections)
        });
        if is_snapshot {
            changes.changed = state.active().collect();
            changes.events = state.events().collect();
        }
        changes
            .changed
            .retain(|active| self.is_wanted(active.workflow_id.as_deref()));
        changes
            .events
            .retain(|event| self.is_wanted(event.workflow_id.as_deref()));
        if is_snapshot {
            changes
                .changed
                .sort_by_key(|active| std::cmp::Reverse(active.event_time));
            changes.changed.truncate(ACTIVE_MAX);
            let spare = changes.events.len().saturating_sub(EVENTS_MAX);
            changes.events.drain(..spare);
        } else if were_told
            && changes.changed.is_empty()
            && changes.ended.is_empty()
            && changes.events.is_empty()
        {
            return None;
        }
        let (mut queued, mut running) = (state.queued(), state.running());
        if self.workflow.is_some() {
            let of_it = state
                .active()
                .filter(|active| self.is_wanted(active.workflow_id.as_deref()));
            (queued, running) = of_it.fold((0, 0), |(queued, running), active| match active.is_queued {
                true => (queued + 1, running),
                false => (queued, running + 1),
            });
        }
        let frame = ExecutionsFrame {
            head: Head {
                kind: "executions",
                topic: self.topic,
                epoch: self.epoch,
                seq,
                as_of_lsn: Some(state.as_of_lsn()),
                at: now,
                is_snapshot,
            },
            queued,
            running,
            executions: changes
                .changed
                .iter()
                .map(|one| active(state, one, self.typical))
                .collect(),
            ended: changes
                .ended
                .into_iter()
                .map(|(id, attempt)| EndedOut { id, attempt })
                .collect(),
            events: changes.events.iter().map(|one| event(state, one)).collect(),
            detections: (!were_told).then(|| self.detections(state).cloned().map(Into::into).collect()),
        };
        Some(written(seq, "executions", &frame))
    }
}

#[derive(Serialize)]
struct MetricsFrame<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    data: MetricsData,
}

#[derive(Serialize)]
struct MetricsData {
    queued: i64,
    running: i64,
    last_minute: Window,
    last_5_minutes: Window,
    last_hour: Window,
    /// The last hour in a snapshot, else what may have changed since the frame before; the last point goes on.
    series: Series,
}

/// Points column by column, the oldest first. Connections keep a buffer as long as their longest frame, so it is short.
#[derive(Serialize)]
struct Series {
    /// When the first point begins, in milliseconds since 1970.
    start_ms: i64,
    step_ms: i64,
    starts: Vec<i64>,
    success: Vec<i64>,
    failures: Vec<i64>,
}

impl Series {
    fn of(points: &[Point]) -> Self {
        Self {
            start_ms: points.first().map_or(0, |point| point.at_ms),
            step_ms: POINT_SECONDS * 1000,
            starts: points.iter().map(|point| point.starts).collect(),
            success: points.iter().map(|point| point.success).collect(),
            failures: points.iter().map(|point| point.failures).collect(),
        }
    }
}

/// The counts of a moment; everything if it is not told how long ago the frame before was.
pub(super) fn metrics(
    state: &State,
    topic: &str,
    epoch: u64,
    seq: u64,
    now: Timestamp,
    since: Option<Duration>,
) -> Arc<Frame> {
    let windows = state.windows();
    let told = since.map_or(SERIES_SECONDS, |since| {
        let since = i64::try_from(since.as_secs()).unwrap_or(SERIES_SECONDS);
        POINT_SECONDS
            + since
                .saturating_add(SETTLING_SECONDS)
                .min(SERIES_SECONDS - POINT_SECONDS)
    });
    let frame = MetricsFrame {
        head: Head {
            kind: "metrics_update",
            topic,
            epoch,
            seq,
            as_of_lsn: Some(state.as_of_lsn()),
            at: now,
            is_snapshot: since.is_none(),
        },
        data: MetricsData {
            queued: state.queued(),
            running: state.running(),
            last_minute: windows.window(now, 60),
            last_5_minutes: windows.window(now, 300),
            last_hour: windows.window(now, 3600),
            series: Series::of(&windows.series(now, POINT_SECONDS, told.div_euclid(POINT_SECONDS))),
        },
    };
    written(seq, "metrics_update", &frame)
}

#[derive(Serialize)]
struct QueryFrame<'a, A> {
    #[serde(flatten)]
    head: Head<'a>,
    #[serde(flatten)]
    answer: A,
}

/// An answer, or the problem in its place.
pub(super) fn query(head: Head<'_>, answer: impl Serialize) -> Arc<Frame> {
    written(head.seq, "query", &QueryFrame { head, answer })
}

fn written(seq: u64, event: &'static str, frame: &impl Serialize) -> Arc<Frame> {
    // Of texts, numbers and lists of them: it can always be written.
    Frame::new(seq, event, serde_json::to_string(frame).unwrap_or_default())
}
