//! CSV files of any size: a header with names, then one record a row.
//!
//! A column holds the field of its name, or of one of that field's aliases; what the sender calls otherwise is mapped. A
//! column `tags.NAME` holds a tag, and a column that nothing knows goes into the metadata. Empty cells are absent. Numbers,
//! times and truth are read by the kind of the field, amounts by their digits. Rows without an id get one from their cells
//! and how often the file held the same cells before, so that importing the same file twice counts nothing twice.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::ByteRecord;
use tacho_core::Record;
use tacho_core::record::{FieldKind, RecordType};
use xxhash_rust::xxh3::Xxh3;

use super::canonical::quoted;
use super::entry::{Entry, Wire};
use super::identity::{IdSource, Occurrences};
use super::object::{ObjectDecoder, name_of_field};
use super::rejection::{Checked, Fault, Refused, Rejection, RejectionCode};
use super::{DecodeOptions, split};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What a table holds.
#[derive(Clone, Debug)]
pub struct TableOptions<'a> {
    /// The type of its records. A column `type` may say otherwise for its row.
    pub record_type: RecordType,
    /// Fields (or `tags.NAME`) with the columns that hold them, where the names differ.
    pub columns: &'a [(String, String)],
    /// What stands between cells.
    pub delimiter: u8,
    /// Whether times without an offset are UTC. If not, they are refused.
    pub times_are_utc: bool,
}

impl TableOptions<'_> {
    /// The usual: commas, no mapping, times with offsets.
    pub fn new(record_type: RecordType) -> Self {
        Self {
            record_type,
            columns: &[],
            delimiter: b',',
            times_are_utc: false,
        }
    }
}

/// The table cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    /// There is no header.
    #[error("the file has no header; its first row names the columns")]
    HeaderMissing,
    /// The header is not UTF-8.
    #[error("the header is not UTF-8; save the file as UTF-8")]
    HeaderNotUtf8,
    /// The header has too many columns.
    #[error("the file has {count} columns; a record has at most {max}")]
    TooManyColumns {
        /// Columns there are.
        count: usize,
        /// Columns there may be.
        max: usize,
    },
    /// A mapping names a column that is not there.
    #[error("there is no column \"{column}\"; the columns are {present}")]
    ColumnMissing {
        /// The column.
        column: String,
        /// Those that are there.
        present: String,
    },
    /// A mapping names a field that the type does not have.
    #[error(
        "a record of type {record_type} has no field \"{field}\"; it has id, attempt, updated_at, {known} and tags.NAME"
    )]
    FieldUnknown {
        /// The field.
        field: String,
        /// The type.
        record_type: &'static str,
        /// The fields of the type.
        known: String,
    },
    /// Two columns hold one field.
    #[error(
        "the columns \"{first}\" and \"{second}\" both hold {field}; map one of them to a tag, or leave it out"
    )]
    FieldTwice {
        /// The field.
        field: String,
        /// One column.
        first: String,
        /// The other.
        second: String,
    },
}

/// What a column holds.
#[derive(Debug)]
enum Target {
    /// A name, of a field or for the metadata.
    Name(String),
    /// A tag.
    Tag(String),
}

/// The records of a table, each with the number of its row's first line, from 1. A row may give several.
pub struct TableRecords<'o, R> {
    rows: csv::Reader<Bounded<Unmarked<R>>>,
    row_bytes: Arc<AtomicU64>,
    table: TableOptions<'o>,
    options: &'o DecodeOptions<'o>,
    objects: ObjectDecoder<'o>,
    /// What is read from which cell.
    targets: Vec<(Target, usize)>,
    columns_count: usize,
    seen: Occurrences,
    index: u32,
    row: ByteRecord,
    line: u64,
    fresh: Vec<Record>,
    pending: VecDeque<Record>,
    is_done: bool,
}

/// Reads a table's header, and makes ready to read its rows.
///
/// # Errors
/// If the header is missing, or does not fit the mapping.
pub fn read<'o, R: Read>(
    reader: R,
    table: TableOptions<'o>,
    options: &'o DecodeOptions<'o>,
) -> Result<TableRecords<'o, R>, TableError> {
    let row_bytes = Arc::new(AtomicU64::new(0));
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(table.delimiter)
        .flexible(true)
        .from_reader(Bounded {
            inner: unmarked(reader)?,
            read: Arc::clone(&row_bytes),
            bytes_max: 4 * options.limits.record_bytes_max as u64 + (1 << 16),
        });
    let header = rows.byte_headers().map_err(io_error)?.clone();
    let names = header
        .iter()
        .map(|name| std::str::from_utf8(name).map(|name| name.trim().to_owned()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| TableError::HeaderNotUtf8)?;
    if names.iter().all(String::is_empty) {
        return Err(TableError::HeaderMissing);
    }
    if names.len() > options.limits.fields_max {
        return Err(TableError::TooManyColumns {
            count: names.len(),
            max: options.limits.fields_max,
        });
    }
    Ok(TableRecords {
        rows,
        row_bytes,
        targets: targets(&names, &table)?,
        objects: ObjectDecoder::new(options, table.times_are_utc),
        table,
        options,
        columns_count: names.len(),
        seen: Occurrences::default(),
        index: 0,
        row: ByteRecord::new(),
        line: 1,
        fresh: Vec::new(),
        pending: VecDeque::new(),
        is_done: false,
    })
}

/// What is read from which column: first what is mapped, then every column that is not.
fn targets(names: &[String], table: &TableOptions<'_>) -> Result<Vec<(Target, usize)>, TableError> {
    let mut targets: Vec<(Target, usize)> = Vec::with_capacity(names.len());
    for (field, column) in table.columns {
        let at = names
            .iter()
            .position(|name| name == column.trim())
            .ok_or_else(|| TableError::ColumnMissing {
                column: column.clone(),
                present: names.join(", "),
            })?;
        targets.push((target(field, table.record_type), at));
        if matches!(&targets[targets.len() - 1].0, Target::Name(name) if name_of_field(table.record_type, name).is_none())
        {
            let spec = table.record_type.spec();
            return Err(TableError::FieldUnknown {
                field: field.clone(),
                record_type: spec.name,
                known: spec
                    .fields
                    .iter()
                    .map(|field| field.name)
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        }
    }
    let mapped = targets.len();
    for (at, name) in names.iter().enumerate() {
        let is_mapped = targets[..mapped].iter().any(|(_, column)| *column == at);
        if !is_mapped && !name.is_empty() {
            targets.push((target(name, table.record_type), at));
        }
    }
    let has_tags = |target: &Target| matches!(target, Target::Name(name) if name == "tags");
    for (second, (target, at)) in targets.iter().enumerate() {
        let clash = targets[..second].iter().find(|(other, _)| match (other, target) {
            (Target::Name(a), Target::Name(b)) | (Target::Tag(a), Target::Tag(b)) => a == b,
            (Target::Tag(_), name) | (name, Target::Tag(_)) => has_tags(name),
        });
        if let Some((_, first)) = clash {
            let (Target::Name(name) | Target::Tag(name)) = target;
            return Err(TableError::FieldTwice {
                field: name.clone(),
                first: names[*first].clone(),
                second: names[*at].clone(),
            });
        }
    }
    Ok(targets)
}

fn target(name: &str, record_type: RecordType) -> Target {
    match name.strip_prefix("tags.") {
        Some(tag) if !tag.is_empty() => Target::Tag(tag.to_owned()),
        _ => Target::Name(name_of_field(record_type, name).unwrap_or(name).to_owned()),
    }
}

impl<R: Read> TableRecords<'_, R> {
    /// The next row with its number. False at the end.
    fn read_row(&mut self) -> io::Result<bool> {
        self.row_bytes.store(0, Ordering::Relaxed);
        let has_row = self.rows.read_byte_record(&mut self.row).map_err(|error| {
            let error = io_error(error);
            match error.kind() {
                io::ErrorKind::FileTooLarge => {
                    io::Error::new(error.kind(), format!("after line {}: {error}", self.line))
                }
                _ => error,
            }
        })?;
        if let Some(position) = self.row.position().filter(|_| has_row) {
            self.line = position.line();
        }
        Ok(has_row)
    }

    fn decode_row(&mut self) -> Result<(), Rejection> {
        let index = self.index;
        self.index = self.index.saturating_add(1);
        let limits = &self.options.limits;
        let row = &self.row;
        let mut tags = String::new();
        let outcome = cells(row, self.columns_count, limits.record_bytes_max)
            .and_then(|cells| entries(&cells, &self.targets, self.table.record_type, &mut tags))
            .map_err(Refused::from)
            .and_then(|mut entries| {
                let mut ids = IdSource::File {
                    seen: &mut self.seen,
                    content: content(row),
                };
                self.objects.decode(&mut entries, &mut ids, &mut self.fresh)
            });
        self.pending.extend(self.fresh.drain(..));
        outcome.map_err(|refused| {
            let payload = as_json(row, &self.targets, self.table.record_type);
            refused.into_rejection(index, &payload, limits.payload_bytes_max)
        })
    }
}

impl<R: Read> Iterator for TableRecords<'_, R> {
    /// The line with its record or the reason why it gives none; an error, after which nothing comes, if the file cannot
    /// be read on. The payload of a rejection is the row as a JSON object, which can be mended and sent.
    type Item = io::Result<(u64, Result<Record, Rejection>)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.pending.pop_front() {
                return Some(Ok((self.line, Ok(record))));
            }
            if self.is_done {
                return None;
            }
            match self.read_row() {
                Ok(true) => {
                    if let Err(rejection) = self.decode_row() {
                        return Some(Ok((self.line, Err(rejection))));
                    }
                }
                Ok(false) => self.is_done = true,
                Err(error) => {
                    self.is_done = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

/// The row's cells, if they are what the header says.
fn cells(row: &ByteRecord, columns_count: usize, bytes_max: usize) -> Checked<Vec<&str>> {
    if row.as_slice().len() > bytes_max {
        return Err(Fault::new(
            RejectionCode::RecordTooLarge,
            format!("The row takes more than {bytes_max} bytes; send less in it."),
        ));
    }
    let has_more = row.iter().skip(columns_count).any(|cell| !cell.is_empty());
    if has_more || row.len() < columns_count {
        return Err(Fault::new(
            RejectionCode::NotAnObject,
            format!(
                "The row has {} cells and the header {columns_count}; look for a missing or an unquoted delimiter.",
                row.len()
            ),
        ));
    }
    row.iter()
        .map(|cell| std::str::from_utf8(cell).map_err(|_| split::not_utf8()))
        .collect()
}

/// The row as names with values. Tags are gathered in `tags`.
fn entries<'a>(
    cells: &[&'a str],
    targets: &'a [(Target, usize)],
    record_type: RecordType,
    tags: &'a mut String,
) -> Checked<Vec<Entry<'a>>> {
    let mut entries = Vec::with_capacity(targets.len() + 2);
    let mut has_type = false;
    for (target, at) in targets {
        let cell = cells[*at];
        if cell.trim_ascii().is_empty() {
            continue;
        }
        match target {
            Target::Name(name) => {
                has_type |= name == "type";
                entries.push(Entry {
                    key: Cow::Borrowed(name),
                    value: Wire::Cell(cell),
                });
            }
            Target::Tag(name) => {
                tags.push(if tags.is_empty() { '{' } else { ',' });
                // Writing to a string cannot fail.
                let _ = write!(tags, "{}:{}", quoted(name), quoted(cell));
            }
        }
    }
    if !has_type {
        entries.push(Entry {
            key: Cow::Borrowed("type"),
            value: Wire::Cell(record_type.as_str()),
        });
    }
    if !tags.is_empty() {
        tags.push('}');
        entries.push(Entry {
            key: Cow::Borrowed("tags"),
            value: Wire::Json(tags),
        });
    }
    Ok(entries)
}

/// What the row says, whatever its columns are taken for.
fn content(row: &ByteRecord) -> u128 {
    let mut hasher = Xxh3::new();
    for cell in row {
        hasher.update(&(cell.len() as u64).to_le_bytes());
        hasher.update(cell);
    }
    hasher.digest128()
}

/// The row as a record that could be sent: numbers and truth plain where the field holds them.
fn as_json(row: &ByteRecord, targets: &[(Target, usize)], record_type: RecordType) -> String {
    let mut members = Vec::with_capacity(targets.len() + 1);
    let mut tags = Vec::new();
    let mut type_word = Cow::Borrowed(record_type.as_str());
    for (target, at) in targets {
        let cell = String::from_utf8_lossy(row.get(*at).unwrap_or_default());
        if cell.trim_ascii().is_empty() {
            continue;
        }
        match target {
            Target::Tag(name) => tags.push(format!("{}:{}", quoted(name), quoted(&cell))),
            Target::Name(name) if name == "type" => type_word = cell,
            Target::Name(name) => {
                members.push(format!("{}:{}", quoted(name), plain(&cell, name, record_type)));
            }
        }
    }
    members.insert(0, format!("\"type\":{}", quoted(&type_word)));
    if !tags.is_empty() {
        members.push(format!("\"tags\":{{{}}}", tags.join(",")));
    }
    format!("{{{}}}", members.join(","))
}

/// A cell as the JSON value that its field wants, or as text if it is none.
fn plain<'a>(cell: &'a str, name: &str, record_type: RecordType) -> Cow<'a, str> {
    let kind = match record_type.spec().field(name) {
        Some((_, field)) => Some(field.kind),
        None if name == "attempt" => Some(FieldKind::Count),
        None => None,
    };
    let trimmed = cell.trim();
    let fits = match (kind, serde_json::from_str::<serde_json::Value>(trimmed)) {
        (_, Err(_)) | (None, _) => false,
        (Some(FieldKind::Bool), Ok(value)) => value.is_boolean(),
        (Some(FieldKind::Json | FieldKind::Tags), Ok(value)) => value.is_object(),
        (Some(FieldKind::Text { .. } | FieldKind::Keyword(_) | FieldKind::Time), _) => false,
        (Some(_), Ok(value)) => value.is_number(),
    };
    if fits {
        Cow::Borrowed(trimmed)
    } else {
        Cow::Owned(quoted(cell))
    }
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, format!("{other:?}")),
    }
}

/// A reader that gives up when one row takes more than it may: an unclosed quote would make the rest of the file one row.
struct Bounded<R> {
    inner: R,
    /// Bytes read since the last row began.
    read: Arc<AtomicU64>,
    bytes_max: u64,
}

/// A file behind its byte order mark.
type Unmarked<R> = io::Chain<io::Cursor<Vec<u8>>, R>;

/// Reads over a byte order mark, however it arrives: the library sees one only where it comes in one piece, with more.
fn unmarked<R: Read>(mut file: R) -> io::Result<Unmarked<R>> {
    loop {
        let mut first = Vec::with_capacity(BYTE_ORDER_MARK.len());
        file.by_ref()
            .take(BYTE_ORDER_MARK.len() as u64)
            .read_to_end(&mut first)?;
        if first != BYTE_ORDER_MARK {
            return Ok(io::Cursor::new(first).chain(file));
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read.load(Ordering::Relaxed) > self.bytes_max {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "a row does not end; look for a quote that is not closed",
            ));
        }
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
