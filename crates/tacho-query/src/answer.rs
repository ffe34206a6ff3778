//! An answer as it is sent.

use serde::{Deserialize, Serialize};
use tacho_core::time::Timestamp;
use utoipa::ToSchema;

use crate::granularity::Granularity;

/// The answer to a question: a table, its totals, and how it came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// What stands in the cells of each row: time first, then dimensions, then measures.
    pub columns: Vec<Column>,
    /// The rows. Each is as long as `columns`.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// If asked for and there are more groups than the limit: the measures over all of those, a row for each bucket or
    /// one, in the order of the columns; null for dimensions.
    #[serde(default)]
    #[schema(required)]
    pub other: Option<Vec<Vec<serde_json::Value>>>,
    /// The measures over all rows and groups, those beyond the limit included; null for time and dimensions.
    pub totals: Vec<serde_json::Value>,
    /// The range compared with beside the one asked about, if that was asked for and there is such a range.
    pub comparison: Option<Comparison>,
    /// How far each of `rows` is from the baseline's, if there is one.
    #[serde(default)]
    #[schema(required)]
    pub differences: Option<Differences>,
    /// How the answer came about.
    pub meta: Meta,
    /// How the question was answered in detail, if that was asked for.
    #[serde(default)]
    #[schema(required)]
    pub explain: Option<Explanation>,
}

/// How a question was answered in detail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// What was read. The first reading counts the rows, too.
    pub readings: Vec<Reading>,
    /// The statement that was sent to the store, without its values.
    pub statement: String,
    /// How long each stage took, in their order. Reading is of the whole batch.
    pub stages: Vec<Stage>,
}

/// Measures that were worked out together, and from what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reading {
    /// The measures.
    pub measures: Vec<String>,
    /// Why that was read, in a sentence.
    pub reason: String,
    /// What was read, in order of time. Beside the cells of a rollup, the rows that they do not count yet are read too, and
    /// those that they count beyond the stretch, which are taken off.
    pub pieces: Vec<ExplainedPiece>,
}

/// A stretch of the range, and what it was read from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExplainedPiece {
    /// The rollup or the type of records.
    pub read: String,
    /// Its first instant.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

/// A stage of answering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stage {
    /// What was done: `plan`, `wait`, `read` or `shape`.
    pub name: String,
    /// How long it took, in milliseconds.
    pub elapsed_ms: f64,
}

/// What stands in one cell of each row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Column {
    /// Its name: `time`, or that of a dimension or measure.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// What its numbers count.
    pub unit: Option<Unit>,
    /// Why it is there.
    pub role: ColumnRole,
    /// What it means, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub definition: Option<String>,
    /// Which way is better, for measures where one is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub direction: Option<Better>,
}

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Text.
    Text,
    /// True or false. As a dimension: the texts "true" and "false".
    Flag,
    /// RFC 3339 times with the zone's offset.
    Timestamp,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Things.
    Count,
    /// Things a minute.
    PerMinute,
    /// Hundredths, from 0 to 100.
    Percent,
    /// Milliseconds.
    Ms,
    /// US dollars.
    Usd,
    /// Credits.
    Credits,
    /// Bytes.
    Bytes,
    /// Megabytes.
    Megabytes,
    /// Tokens of a language model.
    Tokens,
    /// Minutes.
    Minutes,
    /// Points of a rating, from 0 to 5.
    Score,
    /// Whatever the record's sender counts, such as a custom metric's own unit.
    Value,
}

/// Why a column is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRole {
    /// It holds the starts of the buckets of time.
    Time,
    /// Rows are grouped by it.
    Dimension,
    /// It was asked for.
    Measure,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// Another range, and how far the answer is from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The first instant of the range compared with.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Its totals, in the order of the columns.
    pub totals: Vec<serde_json::Value>,
    /// The answer's total minus the one compared with; null where either is not known.
    pub absolute: Vec<Option<f64>>,
    /// The same as a fraction of the one compared with (0.25 is a quarter more); null where that is 0 or not known.
    pub relative: Vec<Option<f64>>,
    /// The same for each row, if there are dimensions or buckets of time. Null if the range compared with is too long for
    /// buckets of that length.
    #[serde(default)]
    #[schema(required)]
    pub by_row: Option<ComparedRows>,
}

/// The rows of another range, and how far those of the answer are from them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComparedRows {
    /// The groups of the answer, in the same order, over the range compared with, each as long as `columns`. With buckets
    /// of time, those of that range, of which there may be more or fewer.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// For each row of the answer, in the order of the columns: its value minus the one compared with, which is that of
    /// the same group, in the bucket at the same place from the beginning; null where either is not known.
    pub absolute: Vec<Vec<Option<f64>>>,
    /// The same as a fraction of the one compared with (0.25 is a quarter more); null where that is 0 or not known.
    pub relative: Vec<Vec<Option<f64>>>,
}

/// Groups side by side: how far each row is from that of the baseline, in the same bucket of time if there are some.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Differences {
    /// The baseline's values of the dimensions.
    pub baseline: Vec<serde_json::Value>,
    /// Whether it is among the groups answered. If not, no difference is known.
    pub is_known: bool,
    /// For each row, in the order of the columns: its value minus the baseline's; null where either is not known.
    pub absolute: Vec<Vec<Option<f64>>>,
    /// The same as a fraction of the baseline's (0.25 is a quarter more); null where that is 0 or not known.
    pub relative: Vec<Vec<Option<f64>>>,
}

/// How an answer came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Meta {
    /// Records accepted up to about then are counted.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    pub as_of_lsn: u64,
    /// From what it was worked out.
    pub served_by: ServedBy,
    /// Whether the numbers are exact.
    pub exact: bool,
    /// If not exact: how far off a number is at most, as a fraction of it.
    pub relative_error: Option<f64>,
    /// Whether it was worked out for an earlier question.
    pub from_cache: bool,
    /// How long it took, in milliseconds.
    pub elapsed_ms: f64,
    /// Rows that the numbers were worked out from, after filters.
    pub rows_read: Option<u64>,
    /// Whether there are more groups after the last of `rows`.
    pub has_more: bool,
    /// Ranges of which nothing is known.
    pub gaps: Vec<Gap>,
    /// Rows among them that belong to no workflow.
    pub unattributed: u64,
    /// Rows among them about which senders contradict each other.
    pub conflicts: u64,
    /// The first instant of the range.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// The time zone of periods and buckets.
    pub timezone: String,
    /// The length of a bucket.
    pub granularity: Option<Granularity>,
    /// The length asked for, which would have given too many buckets if it differs.
    pub requested_granularity: Option<Granularity>,
    /// What else to know, in sentences.
    pub notes: Vec<String>,
}

impl Meta {
    /// Says that the answer was worked out for an earlier question, and came in so many milliseconds this time.
    pub fn come_from_cache(&mut self, elapsed_ms: f64) {
        self.from_cache = true;
        self.elapsed_ms = elapsed_ms;
    }
}

/// From what an answer was worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServedBy {
    /// The rows themselves.
    Raw,
    /// Sums kept beside the rows, and the rows that they do not count yet.
    Rollup,
}

/// A range of which nothing is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// Its first instant.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Why.
    pub reason: String,
}
