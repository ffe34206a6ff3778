//! NDJSON files of any size: one record a line, read as they come.
//!
//! Records without an id get one from their text and how often the file held that text before, so that importing the
//! same file twice counts nothing twice. An Idempotency-Key plays no part here.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use tacho_core::Record;
use xxhash_rust::xxh3::xxh3_128;

use super::DecodeOptions;
use super::identity::{IdSource, Occurrences};
use super::object::ObjectDecoder;
use super::rejection::{Refused, Rejection};
use super::split::{Origin, read_entries};

/// The records of a file, each with the number of its line, from 1. A line may give several.
pub struct NdjsonRecords<'o, R> {
    reader: R,
    options: &'o DecodeOptions<'o>,
    objects: ObjectDecoder<'o>,
    seen: Occurrences,
    line: u64,
    index: u32,
    buffer: Vec<u8>,
    fresh: Vec<Record>,
    pending: VecDeque<Record>,
    is_done: bool,
}

/// Reads a file line by line.
pub fn read<'o, R: BufRead>(reader: R, options: &'o DecodeOptions<'o>) -> NdjsonRecords<'o, R> {
    NdjsonRecords {
        reader,
        options,
        objects: ObjectDecoder::new(options, false),
        seen: Occurrences::default(),
        line: 0,
        index: 0,
        buffer: Vec::new(),
        fresh: Vec::new(),
        pending: VecDeque::new(),
        is_done: false,
    }
}

impl<R: BufRead> NdjsonRecords<'_, R> {
    /// Reads the next line into the buffer, as much of it as a record may have and one byte more. False at the end.
    fn read_line(&mut self) -> io::Result<bool> {
        let bytes_max = self.options.limits.record_bytes_max + 1;
        self.buffer.clear();
        let mut has_any = false;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                break;
            }
            has_any = true;
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            let room = bytes_max.saturating_sub(self.buffer.len());
            self.buffer.extend_from_slice(&part[..part.len().min(room)]);
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        self.line += u64::from(has_any);
        Ok(has_any)
    }

    /// Reads the line in the buffer. `None` if it is blank.
    fn decode_line(&mut self) -> Option<Result<(), Rejection>> {
        let line = match self.line {
            1 => self.buffer.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.buffer),
            _ => &self.buffer,
        };
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        let index = self.index;
        self.index = self.index.saturating_add(1);
        let text = String::from_utf8_lossy(line);
        let origin = match std::str::from_utf8(line) {
            Ok(_) => Origin::Line,
            Err(_) => Origin::Mended,
        };
        let limits = &self.options.limits;
        let mut entries = Vec::with_capacity(24);
        let outcome = read_entries(&text, origin, limits, &mut entries)
            .map_err(Refused::from)
            .and_then(|()| {
                let mut ids = IdSource::File {
                    seen: &mut self.seen,
                    content: xxh3_128(line),
                };
                self.objects.decode(&mut entries, &mut ids, &mut self.fresh)
            });
        self.pending.extend(self.fresh.drain(..));
        Some(outcome.map_err(|refused| refused.into_rejection(index, &text, limits.payload_bytes_max)))
    }
}

impl<R: BufRead> Iterator for NdjsonRecords<'_, R> {
    /// The line with its record or the reason why it gives none; an error, after which nothing comes, if the file cannot
    /// be read on.
    type Item = io::Result<(u64, Result<Record, Rejection>)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.pending.pop_front() {
                return Some(Ok((self.line, Ok(record))));
            }
            if self.is_done {
                return None;
            }
            match self.read_line() {
                Ok(true) => {
                    if let Some(Err(rejection)) = self.decode_line() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::RejectionCode;
    use crate::decode::shapes::testing::{received_at, shown};

    fn lines(file: &[u8]) -> Vec<(u64, Result<String, RejectionCode>)> {
        let options = DecodeOptions::new(received_at());
        // A reader whose buffer is smaller than a line.
        read(io::BufReader::with_capacity(16, file), &options)
            .map(|item| {
                let (line, outcome) = item.unwrap();
                (
                    line,
                    outcome
                        .map(|record| shown(&record))
                        .map_err(|rejection| rejection.code),
                )
            })
            .collect()
    }

    const COST: &str =
        r#"{"type":"cost","timestamp":"2026-11-22T09:00:00Z","action_type":"call","credits":1}"#;

    #[test]
    fn lines_are_numbered_and_bad_ones_told() {
        let file = b"\xef\xbb\xbf{\"type\":\"execution\",\"id\":\"a\",\"status\":\"running\"}\r\n\n  \nnot json\n{\"type\":\"execution\",\"id\":\"\xff\"}\n[]";
        assert_eq!(
            lines(file),
            [
                (1, Ok("execution a #1 status=running".to_owned())),
                (4, Err(RejectionCode::NotJson)),
                (5, Err(RejectionCode::InvalidUtf8)),
                (6, Err(RejectionCode::NotAnObject)),
            ]
        );
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn one_line_may_give_two_records() {
        let task = r#"{"task_id":"t","task_type":"x","start_time":"2026-11-22T09:00:00Z","status":"ok","cpu_usage_percent":1}"#;
        let numbers: Vec<_> = lines(task.as_bytes())
            .into_iter()
            .map(|(line, outcome)| (line, outcome.is_ok()))
            .collect();
        assert_eq!(numbers, [(1, true), (1, true)]);
    }

    #[test]
    fn the_same_file_gives_the_same_ids_and_equal_lines_differ() {
        let file = format!("{COST}\n{COST}\n{COST} \n");
        let first = lines(file.as_bytes());
        assert_eq!(first, lines(file.as_bytes()));
        let ids: std::collections::HashSet<_> = first
            .iter()
            .map(|(_, outcome)| outcome.clone().unwrap())
            .collect();
        assert_eq!(ids.len(), 3);
        let more = lines(format!("{}\n{file}", COST.replace('1', "2")).as_bytes());
        assert_eq!(
            more.iter()
                .skip(1)
                .map(|(_, outcome)| outcome)
                .collect::<Vec<_>>(),
            first.iter().map(|(_, outcome)| outcome).collect::<Vec<_>>()
        );
    }

    #[test]
    fn an_endless_line_takes_no_endless_memory() {
        let long = format!("{{\"a\":\"{}\"}}\n{COST}", "x".repeat(1 << 20));
        let options = DecodeOptions::new(received_at());
        let mut records = read(long.as_bytes(), &options);
        let (line, outcome) = records.next().unwrap().unwrap();
        let rejection = outcome.unwrap_err();
        assert_eq!((line, rejection.code), (1, RejectionCode::RecordTooLarge));
        assert_eq!(
            (rejection.payload.len(), rejection.payload_truncated),
            (64 * 1024, true)
        );
        assert!(records.buffer.capacity() < 1 << 20);
        assert_eq!(records.next().unwrap().unwrap().0, 2);
    }

    #[test]
    fn a_file_that_breaks_off_says_so_once() {
        struct Broken;
        impl io::Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let options = DecodeOptions::new(received_at());
        let mut records = read(io::BufReader::new(Broken), &options);
        assert!(records.next().unwrap().is_err());
        assert!(records.next().is_none());
    }
}
