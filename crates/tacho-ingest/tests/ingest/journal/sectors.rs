//! Random histories of a journal that end in power cuts, each of which leaves any of the sectors and names that were not
//! synced. A life goes on where the one before it was cut off.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tacho_core::record::RecordType;
use tacho_ingest::journal::layout::list_active;
use tacho_ingest::journal::recovery::recover;

use super::power_cut::{Unsynced, restore};
use super::watched_disk::{Event, WatchedDisk};
use super::*;
use crate::records::{number_of, numbered_record, organization};

/// Histories, unless `PROPTEST_CASES` says otherwise.
const HISTORIES: u64 = 100;
const LIVES: usize = 3;
/// Moments of a life at which the power may go.
const CUTS: usize = 6;
const ORGANIZATIONS: u8 = 3;
/// Small, so that a segment is full after every commit, after some, or never.
const SEGMENT_BYTES: [u64; 4] = [1, 4_000, 20_000, u64::MAX];

/// What a sender sent at once.
struct Submission {
    organization: OrganizationId,
    records: Vec<Record>,
    /// The position of the first, if it was acknowledged.
    first_lsn: Option<Lsn>,
}

/// Everything that was ever sent. Submissions are known by their number.
#[derive(Default)]
struct Sent {
    submissions: Vec<Submission>,
    records: u64,
}

/// What the disk was found to hold.
struct Found {
    submissions: BTreeSet<u64>,
    was_torn: bool,
}

impl Sent {
    /// Some records of an organization, of a few bytes or of several sectors each.
    fn prepare(&mut self, random: &mut StdRng) {
        let count = random.random_range(1..=8);
        let records = (0..count).map(|_| {
            self.records += 1;
            let mut record = numbered_record(self.records);
            let text = format!("{} ", self.records).repeat(random.random_range(1..=120));
            let name = RecordType::Metric.spec().position("name");
            let (_, value) = record.fields.iter_mut().find(|(at, _)| *at == name).unwrap();
            *value = text.as_str().into();
            record
        });
        let records = records.collect();
        self.submissions.push(Submission {
            organization: organization(random.random_range(0..ORGANIZATIONS)),
            records,
            first_lsn: None,
        });
    }

    /// Has those that were prepared last sent at the same time.
    fn send(&mut self, count: usize, journal: &Journal, disk: &WatchedDisk) {
        let prepared = self.submissions.len() - count;
        std::thread::scope(|scope| {
            for (number, submission) in (prepared as u64..).zip(&mut self.submissions[prepared..]) {
                scope.spawn(move || {
                    disk.note(Event::Submitted(number));
                    match append(journal, submission.organization, submission.records.clone()) {
                        Ok(first) => {
                            submission.first_lsn = Some(first);
                            disk.note(Event::Acknowledged(number));
                        }
                        Err(JournalError::DiskFull | JournalError::Failed(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                });
            }
        });
    }

    /// One life of the journal in a folder: what was done to its disk, in order.
    fn live(&mut self, directory: &Path, random: &mut StdRng) -> Vec<Event> {
        let disk = WatchedDisk::default();
        let segment_bytes_max = SEGMENT_BYTES[random.random_range(0..SEGMENT_BYTES.len())];
        let journal = open_on(directory, segment_bytes_max, Arc::new(disk.clone()));
        let mut is_sealed = true;
        for _ in 0..random.random_range(1..=6) {
            let count = random.random_range(1..=4);
            (0..count).for_each(|_| self.prepare(random));
            let is_full = random.random_bool(0.1);
            disk.fail_appends(is_full.then_some(ErrorKind::StorageFull));
            self.send(count, &journal, &disk);
            disk.fail_appends(None);
            // What could not be sealed then waits for the next segment to be full.
            is_sealed &= !is_full;
        }
        if random.random_bool(0.2) {
            self.prepare(random);
            disk.fail_syncs(Some(ErrorKind::Other));
            self.send(1, &journal, &disk);
        } else if is_sealed {
            wait_for("sealing all full segments", || {
                list_active(directory).unwrap().len() <= 1
            });
        }
        drop(journal);
        disk.events()
    }

    /// Opens what a power cut has left, as a start does. Panics if it holds a submission in part or twice, at another
    /// position than was acknowledged, or if positions would be given again that were acknowledged.
    fn find(&self, directory: &Path, acknowledged: &BTreeSet<u64>) -> Found {
        let recovered = recover(directory).unwrap();
        let mut by_number = BTreeMap::new();
        for own in (0..ORGANIZATIONS).map(organization) {
            let reader = JournalReader::new(directory);
            for (lsn, record) in read(&reader, own, recovered.last_lsn).0 {
                let before = by_number.insert(number_of(&record), (own, lsn));
                assert_eq!(before, None, "record {} is there twice", number_of(&record));
            }
        }
        let mut submissions = BTreeSet::new();
        for (number, submission) in (0..).zip(&self.submissions) {
            let found = submission
                .records
                .iter()
                .map(|record| by_number.remove(&number_of(record)));
            let found: Vec<_> = found.collect();
            let Some((_, first)) = found[0] else {
                assert!(
                    found.iter().all(Option::is_none),
                    "the end of submission {number} only"
                );
                continue;
            };
            let whole = (first..).map(|lsn| Some((submission.organization, lsn)));
            assert!(
                whole.zip(&found).all(|(one, other)| one == *other),
                "submission {number}: {found:?}"
            );
            if acknowledged.contains(&number) {
                assert_eq!(submission.first_lsn, Some(first));
            }
            submissions.insert(number);
        }
        assert!(by_number.is_empty(), "nobody sent {by_number:?}");
        for number in acknowledged {
            let submission = &self.submissions[*number as usize];
            let last = submission.first_lsn.unwrap() + submission.records.len() as u64 - 1;
            assert!(recovered.given_lsn >= last, "{last} would be given again");
        }
        Found {
            submissions,
            was_torn: !recovered.damages.is_empty(),
        }
    }
}

/// What was met in all histories, so that one that tests nothing any more is noticed.
#[derive(Debug, Default)]
struct Met {
    /// Ends that were not whole.
    torn: usize,
    /// Submissions that were there without having been acknowledged.
    unacknowledged: usize,
    sealed: usize,
    trimmed: usize,
}

impl Met {
    fn note(&mut self, events: &[Event]) {
        let count = |is_it: fn(&Event) -> bool| events.iter().filter(|event| is_it(event)).count();
        self.sealed += count(|event| matches!(event, Event::Renamed(..)));
        self.trimmed += count(|event| matches!(event, Event::Removed(_)));
    }
}

fn numbers(events: &[Event], number_of: fn(&Event) -> Option<u64>) -> BTreeSet<u64> {
    events.iter().filter_map(number_of).collect()
}

fn survives(seed: u64, met: &mut Met) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut sent = Sent::default();
    let mut directory = folder_in_memory();
    // What the disk held when a life began, and what of it had been acknowledged.
    let (mut kept, mut kept_acknowledged) = (BTreeSet::new(), BTreeSet::new());
    for life in 0..LIVES {
        let events = sent.live(directory.path(), &mut random);
        met.note(&events);
        let begun = events
            .iter()
            .rposition(|event| matches!(event, Event::Found(..)))
            .unwrap()
            + 1;
        let mut left = None;
        for _ in 0..CUTS {
            let before = &events[..random.random_range(begun..=events.len())];
            let mut acknowledged = numbers(before, |event| match event {
                Event::Acknowledged(number) => Some(*number),
                _ => None,
            });
            acknowledged.extend(&kept_acknowledged);
            let mut submitted = numbers(before, |event| match event {
                Event::Submitted(number) => Some(*number),
                _ => None,
            });
            submitted.extend(&kept);
            let must_be_there: BTreeSet<u64> = acknowledged.union(&kept).copied().collect();
            for unsynced in [
                Unsynced::Lost,
                Unsynced::Sectors(random.random()),
                Unsynced::Sectors(random.random()),
            ] {
                let image = folder_in_memory();
                restore(before, directory.path(), image.path(), unsynced);
                let found = sent.find(image.path(), &acknowledged);
                let what = || {
                    format!(
                        "seed {seed}, life {life}, {unsynced:?} after {} events",
                        before.len()
                    )
                };
                assert!(
                    found.submissions.is_superset(&must_be_there),
                    "something is lost: {}",
                    what()
                );
                assert!(
                    found.submissions.is_subset(&submitted),
                    "something was never sent: {}",
                    what()
                );
                met.torn += usize::from(found.was_torn);
                met.unacknowledged += found.submissions.difference(&must_be_there).count();
                left = Some((image, found.submissions, acknowledged.clone()));
            }
        }
        (directory, kept, kept_acknowledged) = left.unwrap();
    }
}

/// Law: whatever was appended, rotated, sealed and trimmed, and whichever sectors and names of what was not synced a power
/// cut leaves, the journal opens, every acknowledged submission is there whole, once and at its position, and nothing that
/// was never sent is. What is there once stays there, power cut after power cut.
#[test]
fn what_is_acknowledged_survives_torn_sectors() {
    let histories = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let mut met = Met::default();
    for seed in 0..histories.unwrap_or(HISTORIES) {
        survives(seed, &mut met);
    }
    assert!(met.torn > 0 && met.unacknowledged > 0, "{met:?}");
    assert!(met.sealed > 0 && met.trimmed > 0, "{met:?}");
}
