//! A stretch of history, as an iterator.

use tacho_core::{Record, RecordType};

use crate::timeline::Timeline;
use crate::{Company, Config};

/// The records of a stretch of history, in the order in which senders would send them (`updated_at`). First the workflows
/// as they are at the start. The same configuration gives the same records.
pub struct Generator {
    timeline: Timeline,
    ready: std::vec::IntoIter<Record>,
    start: i64,
    now: i64,
    end: i64,
}

impl Generator {
    /// Begins at the configuration's start.
    pub fn new(config: Config) -> Self {
        let timeline = Timeline::new(&config, config.start.as_micros());
        let definitions = if config.types.contains(RecordType::Workflow) && config.start < config.end {
            timeline.company.definitions(config.start)
        } else {
            Vec::new()
        };
        Self {
            timeline,
            ready: definitions.into_iter(),
            start: config.start.as_micros(),
            now: config.start.as_micros(),
            end: config.end.as_micros(),
        }
    }

    /// The company that it tells of.
    pub fn company(&self) -> &Company {
        &self.timeline.company
    }

    /// How far it has come, from 0 to 1.
    pub fn progress(&self) -> f64 {
        let all = (self.end - self.start).max(1);
        ((self.now - self.start) as f64 / all as f64).clamp(0.0, 1.0)
    }
}

impl Iterator for Generator {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            if let Some(record) = self.ready.next() {
                self.now = record.updated_at.as_micros();
                if self.now < self.end {
                    return Some(record);
                }
            }
            if !self.timeline.is_before(self.end) {
                return None;
            }
            self.ready = self.timeline.advance().into_iter();
        }
    }
}
