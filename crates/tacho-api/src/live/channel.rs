//! What can be subscribed to.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use serde_json::Value;
use tacho_core::record::schema::ID_BYTES_MAX;
use tacho_query::QueryParams;

use crate::problem::Problem;

/// How often something is told anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval(&'static str, Duration);

const INTERVALS: [Interval; 4] = [
    Interval("1s", Duration::from_secs(1)),
    Interval("5s", Duration::from_secs(5)),
    Interval("30s", Duration::from_secs(30)),
    Interval("1m", Duration::from_secs(60)),
];

impl Interval {
    fn of(word: Option<&str>) -> Result<Self, Problem> {
        let word = word.unwrap_or("5s");
        let known = INTERVALS.into_iter().find(|interval| interval.0 == word);
        known.ok_or_else(|| Problem::invalid("/interval", "Choose 1s, 5s, 30s or 1m."))
    }

    pub(crate) fn duration(self) -> Duration {
        self.1
    }
}

/// Something that can be subscribed to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Channel {
    /// What runs and what happens: all of it, or of one workflow. Told at once.
    Executions(Option<String>),
    /// Counts of what runs and of the last minute, five minutes and hour.
    Metrics(Interval),
    /// The answer to a question.
    Query {
        params: Box<QueryParams>,
        /// The question as canonical JSON.
        text: String,
        interval: Interval,
    },
}

impl Channel {
    /// What a client that says nothing gets.
    pub(crate) const DEFAULT: Channel = Channel::Metrics(INTERVALS[0]);

    /// From what a client says.
    pub(crate) fn of(channel: &str, interval: Option<&str>, query: Option<&Value>) -> Result<Self, Problem> {
        if query.is_some() && channel != "query" {
            return Err(Problem::invalid(
                "/query",
                "Only the channel \"query\" takes a query.",
            ));
        }
        match channel {
            "executions" => Ok(Channel::Executions(None)),
            "metrics" => Ok(Channel::Metrics(Interval::of(interval)?)),
            "query" => {
                let query = query.ok_or_else(|| {
                    Problem::invalid("/query", "Send the question, as POST /api/v1/query takes it.")
                })?;
                Ok(Channel::Query {
                    params: Box::new(QueryParams::from_json(query)?),
                    text: query.to_string(),
                    interval: Interval::of(interval)?,
                })
            }
            other => match other.strip_prefix("workflow:") {
                Some(id) if (1..=ID_BYTES_MAX).contains(&id.len()) => {
                    Ok(Channel::Executions(Some(id.to_owned())))
                }
                _ => Err(Problem::invalid(
                    "/channel",
                    "Choose executions, metrics, query or workflow:{id}.",
                )),
            },
        }
    }

    /// Under what its frames are known.
    pub(crate) fn name(&self) -> String {
        match self {
            Channel::Executions(None) => "executions".to_owned(),
            Channel::Executions(Some(id)) => format!("workflow:{id}"),
            Channel::Metrics(interval) => format!("metrics:{}", interval.0),
            Channel::Query { text, interval, .. } => {
                let mut hasher = DefaultHasher::new();
                text.hash(&mut hasher);
                format!("query:{}:{:016x}", interval.0, hasher.finish())
            }
        }
    }

    /// What tells it from all others.
    pub(crate) fn identity(&self) -> String {
        match self {
            Channel::Query { text, interval, .. } => format!("query:{}:{text}", interval.0),
            other => other.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn channels_are_read_and_named() {
        let name = |channel, interval| Channel::of(channel, interval, None).map(|channel| channel.name());
        assert_eq!(name("executions", None).unwrap(), "executions");
        assert_eq!(name("workflow:a:b", None).unwrap(), "workflow:a:b");
        assert_eq!(name("metrics", None).unwrap(), "metrics:5s");
        assert_eq!(name("metrics", Some("1m")).unwrap(), "metrics:1m");
        for (channel, interval, pointer) in [
            ("metrics", Some("2s"), "/interval"),
            ("workflow:", None, "/channel"),
            ("everything", None, "/channel"),
            ("query", None, "/query"),
        ] {
            assert_eq!(name(channel, interval).unwrap_err().pointer.unwrap(), pointer);
        }
        let query = json!({"source": "executions", "measures": ["count"], "time": {"last": "1h"}});
        assert!(Channel::of("metrics", None, Some(&query)).is_err());
        let of = |interval| Channel::of("query", Some(interval), Some(&query)).unwrap();
        assert_ne!(of("1s").identity(), of("5s").identity());
    }
}
