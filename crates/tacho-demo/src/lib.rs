//! Realistic, seeded histories of a made-up company's automations: for the demo organization, for tests and for benches.
//!
//! Everything follows from a seed and from the time at which it happens, nothing from what was generated before. So
//! [`Generator`] tells any stretch of history, and [`Player`] goes on with it live, also after a restart, with the same
//! ids for the same executions. [`Company`] tells the truth behind it (incidents, versions, drift), so that tests can check
//! whether analysis finds it again.
//!
//! Pure: no clock, no I/O, no randomness but the seed's.

mod catalogue;
mod company;
mod dice;
mod draft;
mod failure;
mod generator;
mod layout;
mod people;
mod player;
mod run;
mod schedule;
mod talk;
mod telemetry;
mod timeline;
mod volume;

use jiff::tz::TimeZone;
use tacho_core::{RecordType, Timestamp};

pub use company::{Company, Incident, Version, Workflow};
pub use generator::Generator;
pub use player::Player;
pub use volume::Volume;

/// Record types to generate. What is generated of one does not depend on which others are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeSet(u16);

impl TypeSet {
    /// All ten.
    pub const ALL: TypeSet = TypeSet(u16::MAX);

    /// Some.
    pub fn of(record_types: &[RecordType]) -> Self {
        Self(
            record_types
                .iter()
                .fold(0, |bits, record_type| bits | 1 << *record_type as u8),
        )
    }

    /// Whether that one is among them.
    pub fn contains(self, record_type: RecordType) -> bool {
        self.0 >> record_type as u8 & 1 == 1
    }
}

/// What history to generate.
#[derive(Clone, Debug)]
pub struct Config {
    /// Another seed, another company.
    pub seed: u64,
    /// Nothing begins before.
    pub start: Timestamp,
    /// Nothing is sent at or after: what has not ended by then stays open, or untold without [`lives`](Self::lives).
    pub end: Timestamp,
    /// The company's workflows, at least 1, at most 65,536.
    pub workflows: usize,
    /// How many executions. Other records follow: about 5 for each execution, and some for every hour.
    pub executions: Volume,
    /// The company's clock, for working hours and schedules.
    pub zone: TimeZone,
    /// People with activity, at least 1.
    pub people: usize,
    /// Types of record to generate.
    pub types: TypeSet,
    /// Whether executions and conversations are told as lives (queued, running with progress, finished) instead of one
    /// finished record each.
    pub lives: bool,
}

impl Config {
    /// All types of record, finished ones, by the clock of Berlin, with people to fit the workflows.
    pub fn new(seed: u64, start: Timestamp, end: Timestamp, workflows: usize, executions: u64) -> Self {
        Self {
            seed,
            start,
            end,
            workflows: workflows.clamp(1, 1 << 16),
            executions: Volume::Total(executions),
            zone: TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC),
            people: 12 + workflows / 2,
            types: TypeSet::ALL,
            lives: false,
        }
    }
}
