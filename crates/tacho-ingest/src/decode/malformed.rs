//! A body that cannot be taken apart into records.

/// The body as a whole is not what it says it is. Nothing of it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedBody {
    /// There is nothing in it.
    #[error("The body is empty; send a JSON array of records.")]
    Empty,
    /// It is no JSON.
    #[error(
        "The body is not JSON: {what} at line {line}, column {column}. Nothing was accepted; mend it and send it again."
    )]
    Syntax {
        /// What is wrong there.
        what: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// Several JSON values follow each other.
    #[error(
        "The body goes on after its first JSON value, at line {line}, column {column}. Send one array, or one record a line with content-type application/x-ndjson."
    )]
    SeveralValues {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// It is JSON, but neither an array nor an object.
    #[error("The body is neither a JSON array of records nor one record; send one of them.")]
    NotRecords,
}

impl MalformedBody {
    pub(super) fn from_json(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let (line, column) = (error.line(), error.column());
        let what = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(what, _)| what);
        if what == "trailing characters" {
            return Self::SeveralValues { line, column };
        }
        Self::Syntax {
            what: what.to_owned(),
            line,
            column,
        }
    }
}
