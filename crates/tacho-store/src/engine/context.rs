//! Who asks, and on what terms.

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use tacho_core::Scope;
use tacho_core::time::Timestamp;

use super::holds::HOLD;

/// Whether an answer may be one that was worked out before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It may lack what has changed in so long.
    Within(Duration),
    /// It is read for this asker.
    Fresh,
}

impl Freshness {
    /// That of askers who say nothing.
    pub const KEPT: Freshness = Freshness::Within(HOLD);
}

/// Who asks, when, and how old the answer may be.
#[derive(Clone, Copy, Debug)]
pub struct QueryContext<'a> {
    /// What the asker may see.
    pub scope: &'a Scope,
    /// The asker's time zone, for questions that name none.
    pub zone: &'a TimeZone,
    /// The time by the clock: when ranges end that end now.
    pub now: Timestamp,
    /// Whether the answer may be a kept one.
    pub freshness: Freshness,
}

impl<'a> QueryContext<'a> {
    /// That of an asker who does not say how old the answer may be.
    pub fn new(scope: &'a Scope, zone: &'a TimeZone, now: Timestamp) -> Self {
        Self {
            scope,
            zone,
            now,
            freshness: Freshness::KEPT,
        }
    }

    /// The same for answers of a given age.
    #[must_use]
    pub fn with_freshness(self, freshness: Freshness) -> Self {
        Self { freshness, ..self }
    }
}

/// Who asks, from when on, and up to when.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) context: QueryContext<'a>,
    /// When relative ranges end.
    pub(super) range_end: Timestamp,
    pub(super) started: Instant,
}

impl<'a> Asker<'a> {
    pub(super) fn new(context: QueryContext<'a>, started: Instant) -> Self {
        Self {
            context,
            range_end: context.now,
            started,
        }
    }
}
