//! Dates as JavaScript writes them.

use serde::{Serialize, Serializer};
use tacho_core::Timestamp;
use tacho_query::Answer;
use utoipa::ToSchema;

/// An instant as `Date.prototype.toISOString` writes it: UTC, with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-22T10:00:00.000Z")]
pub(crate) struct Date(pub(crate) Timestamp);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_jiff().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        serializer.serialize_str(&text)
    }
}

/// The range of time that a result is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DateRange {
    /// Its first instant.
    pub(crate) start: Date,
    /// The first instant after it.
    pub(crate) end: Date,
}

impl DateRange {
    /// That of an answer.
    pub(crate) fn of(answer: &Answer) -> Self {
        Self {
            start: Date(answer.meta.from),
            end: Date(answer.meta.to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_javascript_does() {
        let date = |text: &str| serde_json::to_value(Date(text.parse().unwrap())).unwrap();
        assert_eq!(date("2026-11-22T10:00:00Z"), "2026-11-22T10:00:00.000Z");
        assert_eq!(
            date("2026-11-22T11:00:00.123456+01:00"),
            "2026-11-22T10:00:00.123Z"
        );
    }
}
