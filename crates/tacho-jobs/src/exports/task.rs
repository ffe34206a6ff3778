//! What an export is to hold and how it is written.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tacho_core::Timestamp;
use tacho_query::executions::ExecutionExportQuery;
use tacho_query::executions::wire::ExecutionExportParams;
use tacho_query::query::Query;
use tacho_query::{QueryError, QueryParams};
use tacho_report::TableFormat;

/// As what rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Comma-separated values (RFC 4180) with a line of names.
    Csv,
    /// An array of objects.
    Json,
    /// An object a line.
    Ndjson,
}

impl ExportFormat {
    /// The ending of a file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            ExportFormat::Csv => "csv",
            ExportFormat::Json => "json",
            ExportFormat::Ndjson => "ndjson",
        }
    }

    pub(super) const fn table(self) -> TableFormat {
        match self {
            ExportFormat::Csv => TableFormat::Csv,
            ExportFormat::Json => TableFormat::Json,
            ExportFormat::Ndjson => TableFormat::Ndjson,
        }
    }
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// As gzip.
    Gzip,
}

/// What an export holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportOf {
    /// The rows of the answer to a question.
    Query(Box<QueryParams>),
    /// Executions.
    Executions(Box<ExecutionExportParams>),
}

/// What an export is to hold and how it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportTask {
    /// As what.
    pub format: ExportFormat,
    /// How it is packed.
    pub compression: Compression,
    /// What.
    pub of: ExportOf,
}

impl ExportTask {
    /// Whether it can be written, as far as can be told without reading a row.
    ///
    /// # Errors
    /// With the field at fault, as a pointer into the question or the filters.
    pub fn check(&self, now: Timestamp, zone: &TimeZone) -> Result<(), QueryError> {
        match &self.of {
            ExportOf::Query(params) => Query::validate(params, now, zone).map(drop),
            ExportOf::Executions(params) => ExecutionExportQuery::validate(params, now, zone).map(drop),
        }
    }

    /// The ending of the file's name.
    pub fn extension(&self) -> String {
        let extension = self.format.extension();
        match self.compression {
            Compression::None => extension.to_owned(),
            Compression::Gzip => format!("{extension}.gz"),
        }
    }

    pub(super) fn to_text(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    pub(super) fn from_text(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }
}
