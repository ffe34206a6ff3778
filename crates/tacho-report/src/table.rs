//! Tables, written row by row.

use std::io::{self, Write};

use super::Cell;
use super::csv_text::field;

/// As what a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated values (RFC 4180) in UTF-8 with a line of names. [Texts are kept from being formulas](super::neutralised).
    Csv,
    /// An array of objects, one a line.
    Json,
    /// An object a line.
    Ndjson,
}

enum Body<W: Write> {
    Csv(Box<csv::Writer<W>>),
    /// Objects: what stands before each value (`{"name":` or `,"name":`), and whether they are in an array.
    Objects {
        out: W,
        keys: Vec<String>,
        is_array: bool,
        is_first: bool,
    },
}

/// Writes a table. Memory is that of one row, whatever the number of rows.
pub struct TableWriter<W: Write> {
    body: Body<W>,
    columns: usize,
    scratch: Vec<u8>,
}

impl<W: Write> TableWriter<W> {
    /// Begins a table with columns of these names.
    ///
    /// # Errors
    /// Those of writing.
    pub fn new(format: TableFormat, columns: &[&str], mut out: W) -> io::Result<Self> {
        let mut scratch = Vec::new();
        let body = match format {
            TableFormat::Csv => {
                let mut builder = csv::WriterBuilder::new();
                let mut writer = builder.terminator(csv::Terminator::CRLF).from_writer(out);
                for name in columns {
                    writer.write_field(field(Cell::Text(name), &mut scratch))?;
                }
                end_record(&mut writer)?;
                Body::Csv(Box::new(writer))
            }
            TableFormat::Json | TableFormat::Ndjson => {
                let is_array = format == TableFormat::Json;
                if is_array {
                    out.write_all(b"[")?;
                }
                let mut keys = Vec::with_capacity(columns.len());
                for (at, name) in columns.iter().enumerate() {
                    let before = if at == 0 { "{" } else { "," };
                    keys.push(format!("{before}{}:", serde_json::to_string(name)?));
                }
                Body::Objects {
                    out,
                    keys,
                    is_array,
                    is_first: true,
                }
            }
        };
        Ok(Self {
            body,
            columns: columns.len(),
            scratch,
        })
    }

    /// Writes a row, which has as many cells as there are columns.
    ///
    /// # Errors
    /// Those of writing, and if there are more or fewer cells.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        if cells.len() != self.columns {
            return Err(io::Error::other("a row is not as long as the head"));
        }
        match &mut self.body {
            Body::Csv(writer) => {
                for cell in cells {
                    writer.write_field(field(*cell, &mut self.scratch))?;
                }
                end_record(writer)
            }
            Body::Objects {
                out,
                keys,
                is_array,
                is_first,
            } => {
                let line = &mut self.scratch;
                line.clear();
                match (*is_array, std::mem::replace(is_first, false)) {
                    (true, true) => line.push(b'\n'),
                    (true, false) => line.extend_from_slice(b",\n"),
                    (false, _) => {}
                }
                if keys.is_empty() {
                    line.push(b'{');
                }
                for (key, cell) in keys.iter().zip(cells) {
                    line.extend_from_slice(key.as_bytes());
                    write_json(*cell, line)?;
                }
                line.push(b'}');
                if !*is_array {
                    line.push(b'\n');
                }
                out.write_all(line)
            }
        }
    }

    /// Ends the table. What it was written to is given back, with everything handed over to it.
    ///
    /// # Errors
    /// Those of writing.
    pub fn finish(self) -> io::Result<W> {
        match self.body {
            Body::Csv(writer) => writer.into_inner().map_err(|error| error.into_error()),
            Body::Objects {
                mut out, is_array, ..
            } => {
                if is_array {
                    out.write_all(b"\n]\n")?;
                }
                Ok(out)
            }
        }
    }
}

fn end_record<W: Write>(writer: &mut csv::Writer<W>) -> io::Result<()> {
    Ok(writer.write_record(None::<&[u8]>)?)
}

fn write_json(cell: Cell<'_>, line: &mut Vec<u8>) -> io::Result<()> {
    match cell {
        Cell::Null => line.extend_from_slice(b"null"),
        Cell::Bool(true) => line.extend_from_slice(b"true"),
        Cell::Bool(false) => line.extend_from_slice(b"false"),
        Cell::Int(number) => write!(line, "{number}")?,
        // What is not finite becomes null.
        Cell::Float(number) => serde_json::to_writer(line, &number)?,
        Cell::Text(text) => serde_json::to_writer(line, text)?,
        Cell::Time(time) => write!(line, "\"{time}\"")?,
        // A value of several lines would break a file of one object a line; what is no JSON at all is text.
        Cell::Json(text) => match serde_json::from_str::<&serde_json::value::RawValue>(text) {
            Ok(_) if !text.contains(['\n', '\r']) => line.extend_from_slice(text.as_bytes()),
            Ok(_) => {
                let value: serde_json::Value = serde_json::from_str(text)?;
                serde_json::to_writer(line, &value)?;
            }
            Err(_) => serde_json::to_writer(line, text)?,
        },
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};
    use tacho_core::Timestamp;

    use super::*;

    /// A cell that owns its text.
    #[derive(Clone, Debug)]
    enum Owned {
        Null,
        Bool(bool),
        Int(i64),
        Float(f64),
        Text(String),
        Time(i64),
        Json(String),
    }

    impl Owned {
        fn cell(&self) -> Cell<'_> {
            match self {
                Owned::Null => Cell::Null,
                Owned::Bool(value) => Cell::Bool(*value),
                Owned::Int(value) => Cell::Int(*value),
                Owned::Float(value) => Cell::Float(*value),
                Owned::Text(text) => Cell::Text(text),
                Owned::Time(micros) => Cell::Time(Timestamp::from_micros(*micros)),
                Owned::Json(text) => Cell::Json(text),
            }
        }

        fn json(&self) -> Value {
            match self {
                Owned::Null => Value::Null,
                Owned::Bool(value) => json!(value),
                Owned::Int(value) => json!(value),
                // Reading may be off by the last bit.
                Owned::Float(value) => serde_json::from_str(&json!(value).to_string()).unwrap(),
                Owned::Text(text) => json!(text),
                Owned::Time(micros) => json!(Timestamp::from_micros(*micros).to_string()),
                Owned::Json(text) => serde_json::from_str(text).unwrap(),
            }
        }

        fn is_read_from(&self, field: &str) -> bool {
            let is_text = |text: &str| {
                let is_marked = field.strip_prefix('\'').is_some_and(|rest| rest == text);
                field == text || is_marked
            };
            match self {
                Owned::Null => field.is_empty(),
                Owned::Bool(value) => field.parse() == Ok(*value),
                Owned::Int(value) => field.parse() == Ok(*value),
                Owned::Float(value) => field.parse() == Ok(*value),
                Owned::Text(text) | Owned::Json(text) => is_text(text),
                Owned::Time(micros) => field.parse() == Ok(Timestamp::from_micros(*micros)),
            }
        }
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[=+@'\t\r\n\",;a-]{0,6}",
            "\\PC{0,12}",
            Just("=HYPERLINK(\"http://evil.example\")".to_owned())
        ]
    }

    fn cell() -> impl Strategy<Value = Owned> {
        let finite = any::<f64>().prop_filter("finite", |value| value.is_finite());
        prop_oneof![
            Just(Owned::Null),
            any::<bool>().prop_map(Owned::Bool),
            any::<i64>().prop_map(Owned::Int),
            finite.prop_map(Owned::Float),
            text().prop_map(Owned::Text),
            (0i64..7_258_118_400_000_000).prop_map(Owned::Time),
            text().prop_map(|text| Owned::Json(json!({ "key": text }).to_string())),
            Just(Owned::Json("{\n\"a\": [1,\r\n2]\n}".to_owned())),
        ]
    }

    fn table() -> impl Strategy<Value = (Vec<String>, Vec<Vec<Owned>>)> {
        (1usize..5).prop_flat_map(|width| {
            let names = prop::collection::btree_set(text(), width).prop_map(Vec::from_iter);
            let row = prop::collection::vec(cell(), width);
            (names, prop::collection::vec(row, 0..6))
        })
    }

    fn written(format: TableFormat, names: &[String], rows: &[Vec<Owned>]) -> Vec<u8> {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut writer = TableWriter::new(format, &names, Vec::new()).unwrap();
        for row in rows {
            let cells: Vec<Cell<'_>> = row.iter().map(Owned::cell).collect();
            writer.row(&cells).unwrap();
        }
        writer.finish().unwrap()
    }

    fn object(names: &[String], row: &[Owned]) -> Value {
        let cells = names.iter().cloned().zip(row.iter().map(Owned::json));
        Value::Object(cells.collect::<Map<_, _>>())
    }

    proptest! {
        #[test]
        fn csv_reads_back_as_the_same_and_holds_no_formula((names, rows) in table()) {
            let bytes = written(TableFormat::Csv, &names, &rows);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
            let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            prop_assert_eq!(records.len(), rows.len() + 1);
            for (name, field) in names.iter().zip(&records[0]) {
                prop_assert!(Owned::Text(name.clone()).is_read_from(field), "{:?} for {:?}", field, name);
            }
            let head: Vec<Owned> = names.iter().cloned().map(Owned::Text).collect();
            for (row, record) in std::iter::once(&head).chain(&rows).zip(&records) {
                prop_assert_eq!(row.len(), record.len());
                for (cell, field) in row.iter().zip(record) {
                    prop_assert!(cell.is_read_from(field), "{:?} for {:?}", field, cell);
                    let is_text = matches!(cell, Owned::Text(_) | Owned::Json(_));
                    prop_assert!(!is_text || !field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
                }
            }
        }

        #[test]
        fn json_reads_back_as_the_same((names, rows) in table()) {
            let expected: Vec<Value> = rows.iter().map(|row| object(&names, row)).collect();
            let array: Value = serde_json::from_slice(&written(TableFormat::Json, &names, &rows)).unwrap();
            prop_assert_eq!(&array, &Value::Array(expected.clone()));
            let lines = String::from_utf8(written(TableFormat::Ndjson, &names, &rows)).unwrap();
            let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            prop_assert_eq!(lines, expected);
        }
    }

    #[test]
    fn an_apostrophe_is_added_in_a_way_that_can_be_undone() {
        for text in ["=1", "'=1", "''=1", "'a", "'", ""] {
            let written = crate::neutralised(text).into_owned();
            let is_marked = written.trim_start_matches('\'').starts_with('=');
            let read = written.strip_prefix('\'').filter(|_| is_marked);
            assert_eq!(read.unwrap_or(&written), text);
        }
    }

    #[test]
    fn what_is_no_json_is_text_and_rows_have_the_width_of_the_head() {
        let mut writer = TableWriter::new(TableFormat::Ndjson, &["a"], Vec::new()).unwrap();
        writer.row(&[Cell::Json("{oops")]).unwrap();
        assert!(writer.row(&[]).is_err());
        assert_eq!(writer.finish().unwrap(), b"{\"a\":\"{oops\"}\n");
    }
}
