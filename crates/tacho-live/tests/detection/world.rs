//! One workflow, what is told of it, and a detector that is asked every ten seconds.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use tacho_analysis::detection::History;
use tacho_core::record::{Record, RecordType, Row, Value};
use tacho_core::{OrganizationId, Scope, Timestamp};
use tacho_live::{Detection, Detector, Hub, Judged, PATIENCE_US, Subject, Subjects, Watch};
use tacho_store::live::LiveRows;
use tacho_store::{Change, Replaced, StoredRow, Watcher};

use crate::company::Plan;
use crate::life::{Life, SECOND_US};

/// How often it is judged.
pub(crate) const INTERVAL_US: i64 = 10 * SECOND_US;
const ORGANIZATION: OrganizationId = OrganizationId::from_bytes([7; 16]);

/// What is told of an execution at a time.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// When it arrives.
    pub(crate) at: Timestamp,
    pub(crate) execution: u64,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum What {
    Queued,
    Started,
    /// So many steps are done.
    Stepped(usize),
    Ended,
}

/// Where fields are, in the order in which they come.
struct Positions {
    workflow_id: u8,
    trigger_type: u8,
    status: u8,
    queued_at: u8,
    started_at: u8,
    completed_at: u8,
    steps_completed: u8,
    step: [u8; 4],
}

static POSITIONS: LazyLock<Positions> = LazyLock::new(|| {
    let execution = RecordType::Execution.spec();
    let step = RecordType::Step.spec();
    Positions {
        workflow_id: execution.position("workflow_id"),
        trigger_type: execution.position("trigger_type"),
        status: execution.position("status"),
        queued_at: execution.position("queued_at"),
        started_at: execution.position("started_at"),
        completed_at: execution.position("completed_at"),
        steps_completed: execution.position("steps_completed"),
        step: ["execution_id", "status", "started_at", "ended_at"].map(|name| step.position(name)),
    }
});

pub(crate) struct World {
    now: Arc<AtomicI64>,
    hub: Hub,
    watch: Watch,
    pub(crate) detector: Detector,
    pub(crate) subjects: Subjects,
    workflow: Arc<str>,
    plan: Plan,
    open: HashMap<u64, StoredRow>,
    lsn: u64,
    /// When it was judged last.
    judged_at: Timestamp,
    /// Whether it is judged each ten seconds, come what may.
    pub(crate) is_judged_each: bool,
    /// Everything that was found.
    pub(crate) found: Vec<Detection>,
    pub(crate) last: Judged,
}

impl World {
    /// A server that starts then.
    pub(crate) fn new(plan: &Plan, history: History, start: Timestamp) -> Self {
        let now = Arc::new(AtomicI64::new(start.as_micros()));
        let clock = Arc::clone(&now);
        let hub = Hub::new(move || Timestamp::from_micros(clock.load(Ordering::Relaxed)));
        let watch = hub.watch(&Scope::all(ORGANIZATION)).unwrap();
        let workflow: Arc<str> = plan.id().into();
        let subject = Subject {
            name: Some("Invoices".into()),
            history,
            is_active: true,
            schedule: plan.schedule().cloned(),
            declared_at: None,
        };
        let world = Self {
            now,
            hub,
            watch,
            detector: Detector::new(PATIENCE_US),
            subjects: Subjects(HashMap::from([(workflow.clone(), subject)])),
            workflow,
            plan: plan.clone(),
            open: HashMap::new(),
            lsn: 0,
            judged_at: start,
            is_judged_each: false,
            found: Vec::new(),
            last: Judged::default(),
        };
        world.read(&LiveRows::default());
        world
    }

    /// The store is read, and holds that.
    pub(crate) fn read(&self, rows: &LiveRows) {
        self.watch.read(self.watch.load().unwrap(), self.lsn, rows);
    }

    /// The state does not know everything any more.
    pub(crate) fn lose(&self) {
        self.hub.lost(ORGANIZATION);
    }

    pub(crate) fn subject(&mut self) -> &mut Subject {
        self.subjects.0.get_mut(&self.workflow).unwrap()
    }

    /// Judges at a moment, which is one at which it would be.
    pub(crate) fn judge(&mut self, now: Timestamp) {
        self.now.store(now.as_micros(), Ordering::Relaxed);
        let (detector, subjects) = (&mut self.detector, &self.subjects);
        self.last = self
            .watch
            .look(|state, now| detector.judge(state, subjects, now))
            .unwrap();
        self.found.extend(self.last.begun.iter().cloned());
        self.judged_at = now;
    }

    /// Judges as if every ten seconds until before a moment. Where nothing is told, what is wrong becomes it once and stays
    /// so: the last time will do. Only of queues it matters how they were.
    pub(crate) fn judge_until(&mut self, before: Timestamp) {
        let ticks = (before.micros_since(self.judged_at) - 1).div_euclid(INTERVAL_US);
        if ticks <= 0 {
            return;
        }
        let has_queue = self.watch.look(|state, _| state.queued() > 4).unwrap();
        let first = if has_queue || self.is_judged_each {
            1
        } else {
            ticks
        };
        let from = self.judged_at;
        for tick in first..=ticks {
            self.judge(from.plus_micros(tick * INTERVAL_US));
        }
    }

    pub(crate) fn tell(&mut self, told: &Told, life: &Life) {
        self.judge_until(told.at);
        self.now.store(told.at.as_micros(), Ordering::Relaxed);
        match told.what {
            What::Stepped(count) if !self.plan.counts_steps => self.merge_step(told.execution, life, count),
            what => self.merge_execution(told.execution, life, what),
        }
    }

    fn merge_execution(&mut self, number: u64, life: &Life, what: What) {
        let at = |instant: Timestamp| Value::Int(instant.as_micros());
        let positions = &*POSITIONS;
        let (status, updated_at) = match what {
            What::Queued => (0, life.queued_at.unwrap()),
            What::Started => (1, life.started_at),
            What::Stepped(count) => (1, life.steps[count - 1]),
            What::Ended => (life.end as u8, life.ended_at),
        };
        let mut fields = Vec::with_capacity(7);
        fields.push((positions.workflow_id, Value::from(&*self.workflow)));
        if self.plan.schedule().is_none() {
            // Called from outside.
            fields.push((positions.trigger_type, Value::Keyword(4)));
        }
        fields.push((positions.status, Value::Keyword(status)));
        fields.extend(
            life.queued_at
                .map(|queued_at| (positions.queued_at, at(queued_at))),
        );
        if status > 0 {
            fields.push((positions.started_at, at(life.started_at)));
        }
        if status > 1 {
            fields.push((positions.completed_at, at(life.ended_at)));
        }
        if let What::Stepped(count) = what {
            fields.push((positions.steps_completed, Value::Int(count as i64)));
        }
        let row = self.row(RecordType::Execution, format!("run-{number}"), updated_at, fields);
        let before = match status > 1 {
            true => self.open.remove(&number),
            false => self.open.insert(number, row.clone()),
        };
        self.merge(row, before);
    }

    fn merge_step(&mut self, number: u64, life: &Life, count: usize) {
        let ended_at = life.steps[count - 1];
        let started_at = count
            .checked_sub(2)
            .map_or(life.started_at, |before| life.steps[before]);
        let values = [
            Value::from(format!("run-{number}").as_str()),
            Value::Keyword(0),
            Value::Int(started_at.as_micros()),
            Value::Int(ended_at.as_micros()),
        ];
        let fields = POSITIONS.step.into_iter().zip(values).collect();
        let row = self.row(
            RecordType::Step,
            format!("run-{number}-{count}"),
            ended_at,
            fields,
        );
        self.merge(row, None);
    }

    fn row(
        &mut self,
        record_type: RecordType,
        id: String,
        updated_at: Timestamp,
        fields: Vec<(u8, Value)>,
    ) -> StoredRow {
        self.lsn += 1;
        let record = Record {
            record_type,
            id: id.into(),
            attempt: 1,
            updated_at,
            is_inferred: false,
            fields,
        };
        StoredRow::new(self.lsn, Row::from(record), None)
    }

    fn merge(&mut self, row: StoredRow, before: Option<StoredRow>) {
        let replaced: Vec<Replaced> = before.map(|row| Replaced { by: 0, row }).into_iter().collect();
        let change = Change {
            applied_lsn: self.lsn,
            retracted: Vec::new(),
            rows: vec![row],
        };
        self.hub.merged(ORGANIZATION, &change, &replaced);
    }
}
