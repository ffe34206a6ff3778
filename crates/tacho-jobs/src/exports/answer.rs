//! The answer to a question as a table: its rows, and beside each measure how far it is from what it was compared with.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::Value;
use tacho_query::Answer;
use tacho_query::answer::ColumnRole;
use tacho_report::{Cell, TableWriter};

use super::ExportFormat;

type Changes = Vec<Vec<Option<f64>>>;

/// Writes the rows of an answer. After the columns of the answer come, for each measure, `<name>_change` and
/// `<name>_change_relative` where it was compared with another range, `<name>_difference` and `<name>_difference_relative`
/// where it was compared with a baseline. Totals are not among the rows.
///
/// # Errors
/// Those of writing.
pub fn write_answer<W: Write>(answer: &Answer, format: ExportFormat, out: W) -> io::Result<W> {
    let compared = answer
        .comparison
        .as_ref()
        .and_then(|comparison| comparison.by_row.as_ref());
    let compared = compared.map(|by_row| ("change", &by_row.absolute, &by_row.relative));
    let differing = answer.differences.as_ref();
    let differing = differing.map(|apart| ("difference", &apart.absolute, &apart.relative));
    let beside: Vec<(&str, &Changes, &Changes)> = compared.into_iter().chain(differing).collect();
    let measures: Vec<usize> = (0..answer.columns.len())
        .filter(|&at| answer.columns[at].role == ColumnRole::Measure)
        .collect();

    let mut names: Vec<Cow<'_, str>> = answer
        .columns
        .iter()
        .map(|column| column.name.as_str().into())
        .collect();
    for (word, ..) in &beside {
        for &at in &measures {
            let name = &answer.columns[at].name;
            names.push(format!("{name}_{word}").into());
            names.push(format!("{name}_{word}_relative").into());
        }
    }
    let names: Vec<&str> = names.iter().map(|name| name.as_ref()).collect();
    let mut table = TableWriter::new(format.table(), &names, out)?;
    for (number, row) in answer.rows.iter().enumerate() {
        let nested: Vec<Option<String>> = row.iter().map(nested_text).collect();
        let mut cells: Vec<Cell<'_>> = row
            .iter()
            .zip(&nested)
            .map(|(value, nested)| cell(value, nested))
            .collect();
        for (_, absolute, relative) in &beside {
            for &at in &measures {
                for changes in [absolute, relative] {
                    let change = changes.get(number).and_then(|row| row.get(at).copied()).flatten();
                    cells.push(change.map_or(Cell::Null, Cell::Float));
                }
            }
        }
        table.row(&cells)?;
    }
    table.finish()
}

fn nested_text(value: &Value) -> Option<String> {
    matches!(value, Value::Array(_) | Value::Object(_)).then(|| value.to_string())
}

fn cell<'a>(value: &'a Value, nested: &'a Option<String>) -> Cell<'a> {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Cell::Int(number),
            None => number.as_f64().map_or(Cell::Null, Cell::Float),
        },
        Value::String(text) => Cell::Text(text),
        Value::Array(_) | Value::Object(_) => nested.as_deref().map_or(Cell::Null, Cell::Json),
    }
}
