//! What is sent: execution records of the demo's company, cut into requests, with ids that never come twice.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tacho_core::record::wire::write_json_line;
use tacho_core::{Record, RecordType, Timestamp};
use tacho_demo::{Config, Generator, TypeSet};

/// Different records; after that they come again under other ids.
const TEMPLATES: usize = 20_000;
const WORKFLOWS: usize = 200;
const HISTORY_MICROS: i64 = 6 * 3_600_000_000;
/// Digits of an id that change from record to record.
const DIGITS: usize = 16;
const ID_PREFIX: &[u8] = b"run-";
/// As long as a real id, and unmistakable.
const ID_PLACE: &str = "run-################";

/// A body in which the ids can be rewritten in place.
#[derive(Clone, Debug)]
pub struct Template {
    bytes: Vec<u8>,
    /// Where the digits of each record's id are.
    places: Vec<usize>,
}

impl Template {
    /// A text with [`ID_PLACE`] wherever the id of a record goes.
    pub fn new(bytes: Vec<u8>) -> Self {
        let places = bytes
            .windows(ID_PLACE.len())
            .enumerate()
            .filter(|(_, window)| *window == ID_PLACE.as_bytes())
            .map(|(at, _)| at + ID_PREFIX.len())
            .collect();
        Self { bytes, places }
    }

    /// How many records it holds.
    pub fn records(&self) -> usize {
        self.places.len()
    }

    /// The body with the ids of the records from that number on.
    pub fn numbered(&mut self, first: u64) -> &[u8] {
        for (number, place) in (first..).zip(&self.places) {
            self.bytes[*place..place + DIGITS].copy_from_slice(&digits(number));
        }
        &self.bytes
    }
}

/// Numbers as ids look: no two the same, none like its neighbour.
fn digits(number: u64) -> [u8; DIGITS] {
    // The last step of SplitMix64, which loses nothing.
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mixed = mixed ^ (mixed >> 31);
    std::array::from_fn(|at| b"0123456789abcdef"[(mixed >> (60 - 4 * at)) as usize & 15])
}

/// Finished executions that end before a moment, all under the id that [`Template`] rewrites.
pub fn executions(until: Timestamp, seed: u64) -> Vec<Record> {
    let mut config = Config::new(
        seed,
        until.plus_micros(-HISTORY_MICROS),
        until,
        WORKFLOWS,
        3 * TEMPLATES as u64,
    );
    config.types = TypeSet::of(&[RecordType::Execution]);
    let mut records: Vec<Record> = Generator::new(config).take(TEMPLATES).collect();
    for record in &mut records {
        record.id = ID_PLACE.into();
    }
    records
}

/// Bodies of that many records each, as NDJSON.
pub fn templates(records: &[Record], records_each: usize) -> Vec<Template> {
    let text = |records: &[Record]| {
        let mut bytes = Vec::new();
        records
            .iter()
            .for_each(|record| write_json_line(record, &mut bytes));
        Template::new(bytes)
    };
    records.chunks_exact(records_each).map(text).collect()
}

/// Bodies compressed beforehand, numbered from `first` on; compressing is the sender's business and is not measured.
///
/// # Errors
/// If compressing fails, or a thread does.
pub fn compressed(templates: &[Template], first: u64, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let each = count.div_ceil(threads).max(1);
    let parts = std::thread::scope(|scope| {
        let spawned: Vec<_> = (0..threads)
            .map(|thread| {
                let numbers = thread * each..count.min((thread + 1) * each);
                scope.spawn(move || -> std::io::Result<Vec<Vec<u8>>> {
                    let mut templates = templates.to_vec();
                    let kinds = templates.len();
                    numbers
                        .map(|number| {
                            let template = &mut templates[number % kinds];
                            let first = first + (number * template.records()) as u64;
                            let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
                            encoder.write_all(template.numbered(first))?;
                            encoder.finish()
                        })
                        .collect()
                })
            })
            .collect();
        spawned
            .into_iter()
            .map(|thread| thread.join())
            .collect::<Vec<_>>()
    });
    let mut bodies = Vec::with_capacity(count);
    for part in parts {
        bodies.extend(part.map_err(|_| anyhow::anyhow!("a compressing thread panicked"))??);
    }
    Ok(bodies)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_rewritten_in_place_and_never_come_twice() {
        let records = executions(Timestamp::from_millis(1_763_800_000_000), 1);
        assert_eq!(records.len(), TEMPLATES);
        let mut ids = HashSet::new();
        for (at, template) in templates(&records[..1_000], 100).iter_mut().enumerate() {
            let text = String::from_utf8(template.numbered(at as u64 * 100).to_vec()).unwrap();
            for line in text.lines() {
                let record: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(ids.insert(record["id"].as_str().unwrap().to_owned()));
            }
        }
        assert_eq!(ids.len(), 1_000);
    }
}
