use std::fs;
use std::path::PathBuf;

use tacho_ingest::journal::layout::list_active;
use tacho_ingest::journal::recovery::recover;
use tacho_ingest::journal::segment::{ActiveReader, Item, SealedReader};

use super::power_cut::{Unsynced, restore};
use super::watched_disk::WatchedDisk;
use super::*;
use crate::records::{numbered_record, organization};

const ORGANIZATIONS: u8 = 2;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).map(drop).unwrap()
        }
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found
}

/// A journal to be damaged.
struct Sample {
    root: tempfile::TempDir,
    written: Written,
    /// Whether it was closed, so that it knows its end.
    is_closed: bool,
}

/// How the segments of a sample lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// In one active segment, as a crash leaves it.
    Active,
    /// In one active segment, closed.
    Closed,
    /// In several active segments, as a crash leaves them before they are sealed.
    ManyActive,
    /// All sealed.
    Sealed,
}

fn sample(shape: Shape) -> Sample {
    let (directory, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let disk = WatchedDisk::default();
    let segment_bytes_max = if matches!(shape, Shape::ManyActive | Shape::Sealed) {
        200
    } else {
        u64::MAX
    };
    let mut journal = open_on(directory.path(), segment_bytes_max, Arc::new(disk.clone()));
    let mut written = Written::new();
    for number in 0..4u64 {
        let records = (0..1 + number % 2)
            .map(|at| numbered_record(number * 10 + at))
            .collect();
        append_noted(
            &journal,
            &mut written,
            organization(number as u8 % ORGANIZATIONS),
            records,
        );
    }
    match shape {
        Shape::Active => copy(directory.path(), root.path()),
        Shape::ManyActive => restore(&disk.events(), directory.path(), root.path(), Unsynced::Lost),
        Shape::Closed | Shape::Sealed => {
            drop(journal);
            if shape == Shape::Sealed {
                journal = open(directory.path(), segment_bytes_max);
                wait_for("sealing", || list_active(directory.path()).unwrap().is_empty());
                drop(journal);
            }
            copy(directory.path(), root.path());
        }
    }
    Sample {
        root,
        written,
        is_closed: matches!(shape, Shape::Closed | Shape::Sealed),
    }
}

/// Where the frames of a segment end, and which positions they hold. A sealed segment's frames end with their block.
fn frames_of(path: &Path) -> Vec<(usize, std::ops::RangeInclusive<Lsn>)> {
    let mut found = Vec::new();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("log") => {
            let mut reader = ActiveReader::open(path).unwrap();
            while let Some(item) = reader.next_item().unwrap() {
                if let Item::Frame(frame, at) = item {
                    let end = at as usize + tacho_ingest::journal::frame::HEAD_BYTES + frame.body.len();
                    found.push((end, frame.first_lsn..=frame.last_lsn()));
                }
            }
        }
        Some("seg") => {
            let ends = block_ends(&fs::read(path).unwrap());
            let mut reader = SealedReader::open(path).unwrap();
            let (mut block, mut before) = (0, 0);
            while let Some(item) = reader.next_item().unwrap() {
                if let Item::Frame(frame, at) = item {
                    // Offsets begin anew with each block.
                    block += usize::from(at < before);
                    before = at;
                    found.push((ends[block], frame.first_lsn..=frame.last_lsn()));
                }
            }
        }
        _ => {}
    }
    found
}

fn block_ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = 8;
    while at < bytes.len() {
        at += 16 + u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        ends.push(at);
    }
    ends
}

/// Damages a file of a sample and holds what is left to the law. `intact` says up to where the file is as it was.
fn check(sample: &Sample, path: &Path, intact: usize, bytes: &[u8], what: &str) {
    let whole = fs::read(path).unwrap();
    let frames = frames_of(path);
    let damaged: Vec<Lsn> = frames
        .iter()
        .filter(|(end, _)| *end > intact)
        .flat_map(|(_, positions)| positions.clone())
        .collect();
    let root = tempfile::tempdir().unwrap();
    copy(sample.root.path(), root.path());
    fs::write(
        root.path().join(path.strip_prefix(sample.root.path()).unwrap()),
        bytes,
    )
    .unwrap();

    let highest = sample
        .written
        .values()
        .flat_map(|records| records.keys())
        .max()
        .copied()
        .unwrap();
    let recovered = recover(root.path()).expect(what);
    assert!(
        recovered.given_lsn >= highest,
        "{what}: positions would be given again, from {}",
        recovered.given_lsn
    );
    let mut damages = recovered.damages;
    let mut lost = 0;
    for (organization, expected) in &sample.written {
        let (found, met) = read(&JournalReader::new(root.path()), *organization, highest);
        damages.extend(met);
        for (lsn, record) in &found {
            assert_eq!(
                Some(record),
                expected.get(lsn),
                "{what}: a record at {lsn} that was never written there"
            );
        }
        let found: BTreeMap<Lsn, Record> = found.into_iter().collect();
        for lsn in expected.keys().filter(|lsn| !found.contains_key(lsn)) {
            lost += 1;
            assert!(
                damaged.contains(lsn),
                "{what}: the record at {lsn} is not behind the damage and is lost"
            );
        }
    }
    // A crash may have left a file that ends with a whole frame; nothing can tell that there was more.
    let looks_whole = !sample.is_closed
        && list_active(sample.root.path())
            .unwrap()
            .last()
            .is_some_and(|(_, last)| last == path)
        && bytes.len() < whole.len()
        && (bytes.len() == tacho_ingest::journal::segment::ACTIVE_HEAD_BYTES
            || frames.iter().any(|(end, _)| *end == bytes.len()));
    assert!(
        lost == 0 || looks_whole || !damages.is_empty(),
        "{what}: {lost} records are lost and nothing is reported"
    );
    // Opening syncs, which takes its time.
    if !intact.is_multiple_of(61) {
        return;
    }
    let journal = open(root.path(), u64::MAX);
    let fresh = append(&journal, organization(0), vec![numbered_record(999)]).unwrap();
    assert!(
        fresh > highest,
        "{what}: position {fresh} was given before, up to {highest}"
    );
    let (found, _) = read(&journal.reader(), organization(0), journal.durable_lsn());
    assert_eq!(
        found.last(),
        Some(&(fresh, numbered_record(999))),
        "{what}: what is written afterwards is not there"
    );
}

/// A scrambled number (the finalizer of SplitMix64).
fn scrambled(number: u64) -> u64 {
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Law: wherever a file is cut, opening and reading never panic and tell of it; all records before the cut are there; none
/// is there that was not written, at its position; and what is written afterwards gets positions that were never given.
#[test]
fn any_truncation_costs_only_what_lies_behind_it() {
    for shape in [Shape::Active, Shape::Closed, Shape::ManyActive, Shape::Sealed] {
        let sample = sample(shape);
        for path in files(sample.root.path()) {
            let whole = fs::read(&path).unwrap();
            for length in 0..whole.len() {
                check(
                    &sample,
                    &path,
                    length,
                    &whole[..length],
                    &format!("{shape:?}: {} cut at {length}", name(&path)),
                );
            }
        }
    }
}

/// The same law for a byte that is not what was written.
#[test]
fn any_flipped_byte_costs_only_what_lies_behind_it() {
    for shape in [Shape::Active, Shape::Closed, Shape::ManyActive, Shape::Sealed] {
        let sample = sample(shape);
        // A closed segment differs from an active one in its marks alone.
        let is_new = |path: &PathBuf| shape != Shape::Closed || path.ends_with("positions");
        for path in files(sample.root.path()).into_iter().filter(is_new) {
            let mut bytes = fs::read(&path).unwrap();
            for at in 0..bytes.len() {
                let flip = [0x01, 0x80, 0xff][at % 3];
                bytes[at] ^= flip;
                check(
                    &sample,
                    &path,
                    at,
                    &bytes,
                    &format!("{shape:?}: {} flipped at {at}", name(&path)),
                );
                bytes[at] ^= flip;
            }
        }
    }
}

/// Law: in a sealed segment of many blocks a flipped byte of one block's content costs that block alone.
#[test]
fn a_damaged_block_is_stepped_over() {
    let directory = tempfile::tempdir().unwrap();
    let mut written = Written::new();
    let mut journal = open(directory.path(), u64::MAX);
    for number in 0..80 {
        let mut record = numbered_record(number);
        // Noise, so that it does not compress.
        let noise: String = (0..50_000u64)
            .map(|at| scrambled(number * 50_000 + at))
            .map(|hash| char::from(b' ' + (hash % 64) as u8))
            .collect();
        record.fields.push((
            record.record_type.spec().position("metadata"),
            noise.as_str().into(),
        ));
        append_noted(&journal, &mut written, organization(0), vec![record]);
    }
    drop(journal);
    journal = open(directory.path(), u64::MAX);
    wait_for("sealing", || list_active(directory.path()).unwrap().is_empty());
    drop(journal);
    let path = files(directory.path())
        .into_iter()
        .find(|path| path.extension().is_some_and(|it| it == "seg"))
        .unwrap();
    let frames = frames_of(&path);
    let ends = block_ends(&fs::read(&path).unwrap());
    assert!(ends.len() >= 3, "{ends:?}");
    let mut bytes = fs::read(&path).unwrap();
    for (block, end) in ends.iter().enumerate() {
        let start = if block == 0 { 8 } else { ends[block - 1] };
        for at in [start + 16, (start + end) / 2, end - 1] {
            bytes[at] ^= 0x40;
            fs::write(&path, &bytes).unwrap();
            let (found, damages) = read(
                &JournalReader::new(directory.path()),
                organization(0),
                Lsn::MAX - 1,
            );
            let kept: Vec<Lsn> = frames
                .iter()
                .filter(|(frame_end, _)| frame_end != end)
                .flat_map(|(_, positions)| positions.clone())
                .collect();
            assert_eq!(found.iter().map(|(lsn, _)| *lsn).collect::<Vec<_>>(), kept);
            assert!(
                found
                    .iter()
                    .all(|(lsn, record)| written[&organization(0)][lsn] == *record)
            );
            assert_eq!(damages.len(), 1, "{damages:?}");
            bytes[at] ^= 0x40;
        }
    }
}

/// Law: positions stay fresh even when the newest segment is gone altogether.
#[test]
fn a_lost_segment_gives_no_position_back() {
    for shape in [Shape::Active, Shape::Closed, Shape::ManyActive] {
        let sample = sample(shape);
        let highest = sample
            .written
            .values()
            .flat_map(|records| records.keys())
            .max()
            .copied()
            .unwrap();
        let (_, last) = list_active(sample.root.path()).unwrap().pop().unwrap();
        fs::remove_file(last).unwrap();
        let journal = open(sample.root.path(), u64::MAX);
        assert!(
            append(&journal, organization(0), vec![numbered_record(999)]).unwrap() > highest,
            "{shape:?}"
        );
    }
}
