//! Reading the engine's answers by the names of their columns.

use serde_json::Value;
use tacho_core::Timestamp;
use tacho_query::Answer;

/// An answer, read by name.
pub(crate) struct Table<'a>(pub(crate) &'a Answer);

/// A row of an answer, or its totals.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    answer: &'a Answer,
    cells: &'a [Value],
}

impl<'a> Table<'a> {
    /// The measures over all rows.
    pub(crate) fn totals(&self) -> Row<'a> {
        Row {
            answer: self.0,
            cells: &self.0.totals,
        }
    }

    /// The measures over the range compared with, if there is one.
    pub(crate) fn totals_before(&self) -> Option<Row<'a>> {
        let before = self.0.comparison.as_ref()?;
        Some(Row {
            answer: self.0,
            cells: &before.totals,
        })
    }

    /// Row after row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'a>> + use<'a> {
        let answer = self.0;
        answer.rows.iter().map(move |cells| Row { answer, cells })
    }
}

impl<'a> Row<'a> {
    /// What stands in a column.
    pub(crate) fn value(&self, column: &str) -> Option<&'a Value> {
        let at = self.answer.columns.iter().position(|one| one.name == column)?;
        self.cells.get(at).filter(|value| !value.is_null())
    }

    /// A number; `None` if it is not known.
    pub(crate) fn number(&self, column: &str) -> Option<f64> {
        self.value(column)?.as_f64()
    }

    /// A count; 0 if it is not known.
    pub(crate) fn count(&self, column: &str) -> u64 {
        self.value(column).and_then(Value::as_u64).unwrap_or(0)
    }

    /// A text, or what stands in its place, such as a number by which rows are grouped.
    pub(crate) fn text(&self, column: &str) -> Option<String> {
        match self.value(column)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// When the row's bucket begins.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.value("time")?.as_str()?.parse().ok()
    }
}
