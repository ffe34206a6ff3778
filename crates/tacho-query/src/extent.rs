//! Of which records a question is, and over which time. It is found much sooner than the whole [`Query`](crate::query::Query),
//! and tells on what an answer depends: [`crate::relation`] reads rows of the source's type in these ranges, and the
//! workflows as they are now.

use jiff::tz::TimeZone;
use tacho_core::time::{TimeRange, Timestamp};

use crate::error::QueryError;
use crate::model::{Source, names};
use crate::params::QueryParams;
use crate::time::{self, ResolvedTime, resolve};

/// Of which records a question is, and over which time.
#[derive(Clone, Debug, PartialEq)]
pub struct Extent {
    /// What is asked about.
    pub source: &'static Source,
    /// The zone of periods and buckets.
    pub zone: TimeZone,
    /// The range of time, and the one just before it.
    pub time: ResolvedTime,
    /// The range whose totals are compared.
    pub compared: Option<TimeRange>,
}

impl Extent {
    /// Works it out. `default_zone` is the asker's own.
    ///
    /// # Errors
    /// If source, zone or a range of the question cannot be understood.
    pub fn of(params: &QueryParams, now: Timestamp, default_zone: &TimeZone) -> Result<Self, QueryError> {
        let source = names::source(&params.source, "/source")?;
        let zone = match &params.timezone {
            Some(name) => time::zone(name, "/timezone")?,
            None => default_zone.clone(),
        };
        let time = resolve(&params.time, now, &zone, "/time")?;
        let compared = match &params.compare {
            Some(compare) => time::compared(compare, time, &zone, "/compare")?,
            None => None,
        };
        Ok(Self {
            source,
            zone,
            time,
            compared,
        })
    }

    /// The range asked about, and the one compared with if there is one.
    pub fn ranges(&self) -> impl Iterator<Item = TimeRange> {
        std::iter::once(self.time.range).chain(self.compared)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_ranges_belong_to_it() {
        let params = json!({ "source": "costs", "measures": ["nonsense"], "compare": "last_year",
            "time": { "from": "2026-03-01T00:00:00Z", "to": "2026-04-01T00:00:00Z" } });
        let params = QueryParams::from_json(&params).unwrap();
        let extent = Extent::of(&params, Timestamp::MIN, &TimeZone::UTC).unwrap();
        assert_eq!(extent.source.name, "costs");
        let starts: Vec<String> = extent.ranges().map(|range| range.start.to_string()).collect();
        assert_eq!(starts, ["2026-03-01T00:00:00Z", "2025-03-01T00:00:00Z"]);
    }
}
