//! Time going by, hour after hour: what begins in each, and the records in the order in which senders would send them.

use tacho_core::{Record, RecordType, TimeRange, Timestamp};

use crate::catalogue::{Cadence, kind, trigger};
use crate::company::{Company, Incident};
use crate::dice::{Dice, hash, mix};
use crate::run::{self, Start};
use crate::schedule::{HOUR_MICROS, Hour, MINUTE_MICROS};
use crate::volume::Scale;
use crate::{Config, TypeSet, people, talk, telemetry};

/// No run, with its retries and children, lasts that long.
pub(crate) const RUN_HOURS_MAX: i64 = 14;
const STREAM_SLOT: u64 = 50;

/// Where the records of an hour are collected.
pub(crate) struct Sink {
    events: Vec<Record>,
    types: TypeSet,
    /// Whether executions and conversations are told as lives.
    pub(crate) lives: bool,
    /// What began before does not exist.
    pub(crate) origin: i64,
}

impl Sink {
    pub(crate) fn wants(&self, record_type: RecordType) -> bool {
        self.types.contains(record_type)
    }

    pub(crate) fn put(&mut self, record: Record) {
        self.events.push(record);
    }
}

/// The place of a thing in time as a number that no other thing of its type has: which series it belongs to, in which
/// hour it began, as which one. Scrambled, so that it looks like chance and can seed it.
pub(crate) fn pack(seed: u64, series: usize, hour: i64, index: u64) -> u64 {
    debug_assert!(series < 1 << 16 && index < 1 << 26);
    mix((series as u64) << 48 ^ (hour as u64 & 0x3f_ffff) << 26 ^ index ^ hash(&[seed]))
}

/// A prefix and 16 hexadecimal digits.
pub(crate) fn id_text(prefix: &str, key: u64) -> String {
    let mut text = String::with_capacity(prefix.len() + 17);
    text.push_str(prefix);
    text.push('-');
    for shift in (0..16).rev() {
        text.push(char::from(
            b"0123456789abcdef"[(key >> (shift * 4) & 15) as usize],
        ));
    }
    text
}

/// All that happens from an hour on.
pub(crate) struct Timeline {
    pub(crate) company: Company,
    scale: Scale,
    sink: Sink,
    next_hour: i64,
}

impl Timeline {
    pub(crate) fn new(config: &Config, origin: i64) -> Self {
        let company = Company::new(config);
        let scale = Scale::new(config, &company);
        Self {
            company,
            scale,
            sink: Sink {
                events: Vec::new(),
                types: config.types,
                lives: config.lives,
                origin,
            },
            next_hour: origin.div_euclid(HOUR_MICROS),
        }
    }

    /// Whether hours before that moment have yet to pass.
    pub(crate) fn is_before(&self, end: i64) -> bool {
        self.next_hour * HOUR_MICROS < end
    }

    /// Lets the next hour pass. Returns what is sent in it, in order.
    pub(crate) fn advance(&mut self) -> Vec<Record> {
        let hour = Hour::at(self.next_hour, &self.company.zone);
        self.next_hour += 1;
        let horizon = self.next_hour * HOUR_MICROS;
        self.begin_everything(&hour);
        // Stable, and what is left from the hour before is in order already.
        self.sink.events.sort_by_key(|record| record.updated_at);
        let later = self
            .sink
            .events
            .partition_point(|record| record.updated_at.as_micros() < horizon);
        let rest = self.sink.events.split_off(later);
        std::mem::replace(&mut self.sink.events, rest)
    }

    fn begin_everything(&mut self, hour: &Hour) {
        let begin = hour.begin();
        let incidents = self.company.incidents(TimeRange {
            start: Timestamp::from_micros(begin),
            end: Timestamp::from_micros(begin + (RUN_HOURS_MAX + 1) * HOUR_MICROS),
        });
        let (company, sink) = (&self.company, &mut self.sink);
        let is_asleep = !RUN_TYPES.iter().any(|record_type| sink.wants(*record_type));
        for workflow in &company.workflows {
            if sink.wants(RecordType::Workflow) {
                let at = Timestamp::from_micros(begin + HOUR_MICROS - 1);
                let deployed = workflow.version_at(at).since;
                if deployed.as_micros() >= begin.max(sink.origin) {
                    sink.put(company.definition(workflow, deployed));
                }
            }
            if is_asleep {
                continue;
            }
            let expected = self.scale.per_firing_or_hour(workflow, hour);
            match workflow.template.cadence {
                Cadence::Cron(schedule) => {
                    let firings = schedule.firings(hour);
                    for minute in (0..60u64).filter(|minute| firings >> minute & 1 == 1) {
                        let slot = [
                            company.seed,
                            STREAM_SLOT,
                            workflow.index as u64,
                            hour.number as u64,
                            minute,
                        ];
                        let runs = self.scale.runs_of_firing(expected, &mut Dice::of(&slot));
                        let at = begin + minute as i64 * MINUTE_MICROS;
                        for run in 0..runs.min(1 << 20) {
                            let key = pack(company.seed, workflow.index, hour.number, minute << 20 | run);
                            // The scheduler starts a batch run by run, and workers take them run by run.
                            let jitter = (mix(key) % 80_000) as i64 + run as i64 * 15_000;
                            let backlog = (run as i64 * 350_000).min(1_200 * 1_000_000);
                            begin_run(
                                company,
                                &incidents,
                                workflow.index,
                                key,
                                at + jitter,
                                trigger::SCHEDULED,
                                backlog,
                                sink,
                            );
                        }
                    }
                }
                Cadence::Flow(trigger, _) => {
                    let slot = [
                        company.seed,
                        STREAM_SLOT,
                        workflow.index as u64,
                        hour.number as u64,
                    ];
                    let runs = Dice::of(&slot).count(expected);
                    for run in 0..runs.min(1 << 26) {
                        let key = pack(company.seed, workflow.index, hour.number, run);
                        let at = begin + (mix(key) % HOUR_MICROS as u64) as i64;
                        begin_run(company, &incidents, workflow.index, key, at, trigger, 0, sink);
                    }
                }
            }
        }
        people::tell(company, hour, sink);
        telemetry::tell(company, &incidents, hour, sink);
    }
}

const RUN_TYPES: [RecordType; 7] = [
    RecordType::Execution,
    RecordType::Step,
    RecordType::Cost,
    RecordType::Resource,
    RecordType::Conversation,
    RecordType::Message,
    RecordType::Recovery,
];

#[allow(clippy::too_many_arguments, reason = "one place, two callers above")]
fn begin_run(
    company: &Company,
    incidents: &[Incident],
    workflow: usize,
    key: u64,
    at: i64,
    trigger: u8,
    backlog: i64,
    sink: &mut Sink,
) {
    if at < sink.origin {
        return;
    }
    if company.workflows[workflow].template.kind == kind::BOT {
        talk::tell(company, incidents, workflow, key, at, sink);
        return;
    }
    let start = Start {
        workflow,
        key,
        id: &id_text("exec", key),
        at,
        trigger,
        backlog,
        parent: None,
        conversation: None,
        depth: 0,
    };
    run::tell(company, incidents, start, sink);
}
