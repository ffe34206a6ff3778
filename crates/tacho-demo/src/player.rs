//! History going on: what the company's automations send while time passes.

use std::collections::VecDeque;

use tacho_core::{Record, Timestamp};

use crate::schedule::HOUR_MICROS;
use crate::timeline::{RUN_HOURS_MAX, Timeline};
use crate::{Company, Config, Volume};

/// Tells what is sent from one moment to the next, as lives. After a restart, a new player with the same configuration
/// goes on where the old one was: what was running then finishes under the same id, and what is sent again is equal.
pub struct Player {
    timeline: Timeline,
    ready: VecDeque<Record>,
    until: Timestamp,
}

impl Player {
    /// Goes on from a moment: usually where the history ends that is already there. Of the configuration, seed, zone,
    /// workflows, people, types and volume count; keep them over restarts. The volume should be [`Volume::PerDay`]; a
    /// total is what it is over the configured range.
    pub fn new(config: &Config, from: Timestamp) -> Self {
        let config = Config {
            lives: true,
            ..config.clone()
        };
        // What began before may still be running.
        let origin = from.as_micros() - (RUN_HOURS_MAX + 1) * HOUR_MICROS;
        Self {
            timeline: Timeline::new(&config, origin),
            ready: VecDeque::new(),
            until: from,
        }
    }

    /// For a demo of so many executions a day.
    pub fn per_day(config: &Config, executions_per_day: f64, from: Timestamp) -> Self {
        let config = Config {
            executions: Volume::PerDay(executions_per_day),
            ..config.clone()
        };
        Self::new(&config, from)
    }

    /// The company that it tells of.
    pub fn company(&self) -> &Company {
        &self.timeline.company
    }

    /// What is sent from the end of the last tick (inclusive) until `now` (exclusive), in order. Nothing if `now` is earlier.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Record> {
        let from = self.until;
        if now <= from {
            return Vec::new();
        }
        self.until = now;
        while self.timeline.is_before(now.as_micros()) {
            let records = self.timeline.advance();
            self.ready
                .extend(records.into_iter().filter(|record| record.updated_at >= from));
        }
        let due = self.ready.partition_point(|record| record.updated_at < now);
        self.ready.drain(..due).collect()
    }
}
