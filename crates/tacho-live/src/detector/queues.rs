//! What waits, by workflow.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tacho_analysis::detection::{DEPTH_MIN, Depth, GROWTH_US, Kind, queue_growing};
use tacho_core::Timestamp;

use super::{Detector, Judged, MINUTE_US, Place, Subjects};
use crate::state::State;

/// How far apart depths are that are kept. Closer, chance would show.
const SAMPLE_US: i64 = MINUTE_US;

/// What waits for a workflow's turn.
#[derive(Debug)]
struct Queue {
    waiting: u64,
    oldest: Timestamp,
    /// How many waited through the last minutes, the oldest first.
    depths: VecDeque<Depth>,
}

/// The queues in which anything waits.
#[derive(Debug, Default)]
pub(super) struct Queues {
    by_workflow: HashMap<Arc<str>, Queue>,
}

impl Queues {
    /// Sees what waits now.
    pub(super) fn look(&mut self, state: &State, now: Timestamp) {
        for queue in self.by_workflow.values_mut() {
            (queue.waiting, queue.oldest) = (0, Timestamp::MAX);
        }
        for active in state.active().filter(|active| active.is_queued) {
            let Some(workflow) = &active.workflow_id else {
                continue;
            };
            let queue = self.by_workflow.entry(workflow.clone()).or_insert_with(|| Queue {
                waiting: 0,
                oldest: Timestamp::MAX,
                depths: VecDeque::new(),
            });
            queue.waiting += 1;
            queue.oldest = queue.oldest.min(active.queued_at.unwrap_or(active.event_time));
        }
        self.by_workflow.retain(|_, queue| queue.waiting > 0);
        for queue in self.by_workflow.values_mut() {
            queue.sample(now);
        }
    }

    /// Whether a queue is worked off: few wait, or none for longer than the limit in milliseconds.
    pub(super) fn is_over(&self, workflow: &str, limit_ms: f64, now: Timestamp) -> bool {
        self.by_workflow.get(workflow).is_none_or(|queue| {
            queue.waiting < DEPTH_MIN || now.micros_since(queue.oldest) as f64 / 1000.0 <= limit_ms
        })
    }
}

impl Queue {
    fn sample(&mut self, now: Timestamp) {
        if self
            .depths
            .back()
            .is_some_and(|last| now.micros_since(last.at) < SAMPLE_US)
        {
            return;
        }
        let waiting = self.waiting;
        self.depths.push_back(Depth { at: now, waiting });
        // Of those that are too old one has to stay: how it was when the time began through which a queue has to grow.
        while self
            .depths
            .get(1)
            .is_some_and(|second| now.micros_since(second.at) >= GROWTH_US)
        {
            self.depths.pop_front();
        }
    }

    fn depths(&self, now: Timestamp) -> Vec<Depth> {
        let waiting = self.waiting;
        self.depths
            .iter()
            .copied()
            .chain([Depth { at: now, waiting }])
            .collect()
    }
}

impl Detector {
    pub(super) fn judge_queues(&mut self, subjects: &Subjects, now: Timestamp, judged: &mut Judged) {
        let mut found = Vec::new();
        for (workflow, queue) in &self.queues.by_workflow {
            let is_open = || {
                self.open
                    .contains_key(&Place::Workflow(Kind::QueueGrowing, workflow.clone()))
            };
            if queue.waiting < DEPTH_MIN || is_open() {
                continue;
            }
            let history = subjects.history(Some(workflow));
            let finding = queue_growing(&queue.depths(now), queue.oldest, &history, now);
            found.extend(finding.map(|finding| (workflow.clone(), finding)));
        }
        for (workflow, finding) in found {
            self.begin(Kind::QueueGrowing, &workflow, finding, (subjects, now), judged);
        }
    }
}
