//! The identity index: where, if anywhere, an organization's store already has a row of some thing.
//!
//! It maps 64-bit fingerprints to places in the store. It may name places that hold nothing any more or something else
//! (fingerprints collide), so whoever asks reads the row there and compares the full identity; but it never fails to name
//! the place of a row that exists. It is a cache of the store: thrown away and made again at will.
//!
//! New entries gather in memory. When there are enough, they become a sorted file, a *run*, with a Bloom filter in front;
//! runs of similar size are merged in the background. A look-up of something new costs a filter probe per run, which is
//! what keeps ingest fast at a hundred million rows (docs/adr/0003).

mod bloom;
mod run;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use tacho_core::record::Fingerprint;
use tacho_store::Lsn;

use crate::background::yield_to_others;
use run::Run;

/// Where a row is: its position, and whether in the table of things that have not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(u64);

impl Place {
    /// The place of a row.
    pub fn new(lsn: Lsn, is_open: bool) -> Self {
        Self(lsn << 1 | u64::from(is_open))
    }

    /// Its position.
    pub fn lsn(self) -> Lsn {
        self.0 >> 1
    }

    /// Whether it lies among the things that have not ended.
    pub fn is_open(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Fingerprints are hashes already.
#[derive(Default)]
pub(crate) struct PassThrough(u64);

impl Hasher for PassThrough {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// For maps by fingerprint.
pub(crate) type HashesPassThrough = BuildHasherDefault<PassThrough>;

/// How the index spends memory and files.
#[derive(Clone, Copy, Debug)]
pub struct IndexLimits {
    /// Entries in memory before they become a run.
    pub entries_in_memory_max: usize,
    /// Runs of one size class before they are merged into one.
    pub runs_per_class_max: usize,
}

impl Default for IndexLimits {
    fn default() -> Self {
        Self {
            entries_in_memory_max: 512 * 1024,
            runs_per_class_max: 4,
        }
    }
}

/// Entries of one fingerprint in memory. Nearly always one.
#[derive(Debug)]
enum Places {
    One(Place),
    Many(Vec<Place>),
}

struct Merging {
    merged: Vec<PathBuf>,
    thread: JoinHandle<io::Result<Run>>,
}

/// The index of one organization.
pub struct IdentityIndex {
    directory: PathBuf,
    limits: IndexLimits,
    recent: HashMap<u64, Places, HashesPassThrough>,
    recent_count: usize,
    runs: Vec<Run>,
    merging: Option<Merging>,
    next_number: u64,
}

impl IdentityIndex {
    /// Opens the runs in the folder. A run that is not whole is removed with all newer ones; what they covered is above
    /// [`IdentityIndex::covered_lsn`] then.
    ///
    /// # Errors
    /// If the folder cannot be read or written.
    pub fn open(directory: &Path, limits: IndexLimits) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let mut runs = Vec::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("run") => match Run::open(&path)? {
                    Some(run) => runs.push(run),
                    None => {
                        tracing::warn!(run = %path.display(), "a run of the identity index is damaged; the index is made again");
                        fs::remove_dir_all(directory)?;
                        return Self::open(directory, limits);
                    }
                },
                Some("tmp") => fs::remove_file(&path)?,
                _ => {}
            }
        }
        // A merge that was cut off leaves its result beside what it merged.
        let replaced: HashSet<u64> = runs
            .iter()
            .flat_map(|run| run.replaced().iter().copied())
            .collect();
        for run in runs.iter().filter(|run| replaced.contains(&run.number())) {
            fs::remove_file(run.path())?;
        }
        runs.retain(|run| !replaced.contains(&run.number()));
        runs.sort_by_key(Run::number);
        let next_number = runs.last().map_or(1, |run| run.number() + 1);
        Ok(Self {
            directory: directory.to_owned(),
            limits,
            recent: HashMap::default(),
            recent_count: 0,
            runs,
            merging: None,
            next_number,
        })
    }

    /// Up to which position everything is in the runs. What lies above has to be inserted after opening.
    pub fn covered_lsn(&self) -> Lsn {
        self.runs.iter().map(Run::covered_lsn).max().unwrap_or(0)
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// If the files cannot be removed.
    pub fn clear(&mut self) -> io::Result<()> {
        if let Some(merging) = self.merging.take() {
            let _ = merging.thread.join();
        }
        self.runs.clear();
        self.recent.clear();
        self.recent_count = 0;
        fs::remove_dir_all(&self.directory)?;
        fs::create_dir_all(&self.directory)
    }

    /// Adds the place of a row.
    pub fn insert(&mut self, fingerprint: Fingerprint, place: Place) {
        self.recent_count += 1;
        match self.recent.entry(fingerprint.0) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(Places::One(place));
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => match entry.get_mut() {
                Places::One(first) => {
                    let first = *first;
                    entry.insert(Places::Many(vec![first, place]));
                }
                Places::Many(places) => places.push(place),
            },
        }
    }

    /// Takes back the place of a row that is gone, if it is still in memory. In a run it stays and leads nowhere.
    pub fn remove(&mut self, fingerprint: Fingerprint, place: Place) {
        let std::collections::hash_map::Entry::Occupied(mut entry) = self.recent.entry(fingerprint.0) else {
            return;
        };
        let before = match entry.get() {
            Places::One(_) => 1,
            Places::Many(places) => places.len(),
        };
        let left = match entry.get_mut() {
            Places::One(only) => usize::from(*only != place),
            Places::Many(places) => {
                places.retain(|kept| *kept != place);
                places.len()
            }
        };
        self.recent_count -= before - left;
        if left == 0 {
            entry.remove();
        }
    }

    /// Appends every place that may hold a row with that fingerprint.
    ///
    /// # Errors
    /// If a run cannot be read or is damaged: the index must then be cleared and made again.
    pub fn look_up(&self, fingerprint: Fingerprint, places: &mut Vec<Place>) -> io::Result<()> {
        match self.recent.get(&fingerprint.0) {
            Some(Places::One(place)) => places.push(*place),
            Some(Places::Many(many)) => places.extend(many),
            None => {}
        }
        for run in &self.runs {
            run.look_up(fingerprint.0, places)?;
        }
        Ok(())
    }

    /// Turns what is in memory into a run, if it is enough. `applied_lsn` is the position up to which the store, and with
    /// it this index, is complete.
    ///
    /// # Errors
    /// If a file cannot be written; nothing is lost then.
    pub fn settle(&mut self, applied_lsn: Lsn) -> io::Result<()> {
        self.take_in_merged()?;
        if self.recent_count < self.limits.entries_in_memory_max {
            return Ok(());
        }
        let mut entries: Vec<(u64, u64)> = Vec::with_capacity(self.recent_count);
        for (fingerprint, places) in &self.recent {
            match places {
                Places::One(place) => entries.push((*fingerprint, place.0)),
                Places::Many(many) => entries.extend(many.iter().map(|place| (*fingerprint, place.0))),
            }
        }
        entries.sort_unstable();
        let count = entries.len() as u64;
        let number = self.next_number();
        self.runs.push(Run::write(
            &self.directory,
            number,
            Vec::new(),
            applied_lsn,
            count,
            entries.into_iter().map(Ok),
        )?);
        self.recent.clear();
        self.recent_count = 0;
        self.begin_merge()
    }

    /// A number that no run has or had.
    fn next_number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    fn size_class(&self, run: &Run) -> u32 {
        let unit = self.limits.entries_in_memory_max.max(1) as u64;
        (run.len() / unit)
            .max(1)
            .ilog(self.limits.runs_per_class_max.max(2) as u64)
    }

    /// Starts to merge the runs of a size class that has too many.
    fn begin_merge(&mut self) -> io::Result<()> {
        if self.merging.is_some() {
            return Ok(());
        }
        let mut classes: HashMap<u32, Vec<&Run>> = HashMap::new();
        for run in &self.runs {
            classes.entry(self.size_class(run)).or_default().push(run);
        }
        let full = classes
            .into_iter()
            .filter(|(_, runs)| runs.len() >= self.limits.runs_per_class_max);
        let Some((_, runs)) = full.min_by_key(|(class, _)| *class) else {
            return Ok(());
        };
        let merged: Vec<PathBuf> = runs.iter().map(|run| run.path().to_owned()).collect();
        let covered = runs.iter().map(|run| run.covered_lsn()).max().unwrap_or(0);
        let count: u64 = runs.iter().map(|run| run.len()).sum();
        let replaced: Vec<u64> = runs.iter().map(|run| run.number()).collect();
        let (number, directory, sources) = (self.next_number(), self.directory.clone(), merged.clone());
        let thread = std::thread::Builder::new()
            .name("identity-merge".into())
            .spawn(move || {
                yield_to_others();
                let sources = sources
                    .iter()
                    .map(|source| run::entries(source))
                    .collect::<io::Result<Vec<_>>>()?;
                Run::write(&directory, number, replaced, covered, count, run::merge(sources))
            })?;
        self.merging = Some(Merging { merged, thread });
        Ok(())
    }

    /// Takes in the result of a merge that has ended.
    fn take_in_merged(&mut self) -> io::Result<()> {
        if !self
            .merging
            .as_ref()
            .is_some_and(|merging| merging.thread.is_finished())
        {
            return Ok(());
        }
        let Some(Merging { merged, thread }) = self.merging.take() else {
            return Ok(());
        };
        let run = thread
            .join()
            .map_err(|_| io::Error::other("merging runs of the identity index panicked"))??;
        self.runs.retain(|kept| !run.replaced().contains(&kept.number()));
        self.runs.push(run);
        for path in merged {
            fs::remove_file(path)?;
        }
        self.begin_merge()
    }
}

impl Drop for IdentityIndex {
    fn drop(&mut self) {
        if let Some(merging) = self.merging.take() {
            let _ = merging.thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const SMALL: IndexLimits = IndexLimits {
        entries_in_memory_max: 16,
        runs_per_class_max: 2,
    };

    fn found(index: &IdentityIndex, fingerprint: u64) -> BTreeSet<Place> {
        let mut places = Vec::new();
        index.look_up(Fingerprint(fingerprint), &mut places).unwrap();
        places.into_iter().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Law: whatever was inserted and not removed is found, through runs, merges and reopening.
        #[test]
        fn what_was_inserted_is_found(fingerprints in prop::collection::vec(0u64..40, 1..400), reopen_at in 0usize..400) {
            let directory = tempfile::tempdir().unwrap();
            let mut index = IdentityIndex::open(directory.path(), SMALL).unwrap();
            let mut all: HashMap<u64, BTreeSet<Place>> = HashMap::new();
            for (at, fingerprint) in fingerprints.iter().enumerate() {
                // Spread over the range, so that filters and blocks see real hashes.
                let fingerprint = fingerprint.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let place = Place::new(at as u64 + 1, at % 3 == 0);
                index.insert(Fingerprint(fingerprint), place);
                all.entry(fingerprint).or_default().insert(place);
                index.settle(at as u64 + 1).unwrap();
                if at == reopen_at {
                    let covered = index.covered_lsn();
                    // Closed first: it may be merging, and takes files away.
                    drop(index);
                    index = IdentityIndex::open(directory.path(), SMALL).unwrap();
                    prop_assert_eq!(index.covered_lsn(), covered);
                    for (fingerprint, places) in &all {
                        for place in places.iter().filter(|place| place.lsn() > covered) {
                            index.insert(Fingerprint(*fingerprint), *place);
                        }
                    }
                }
            }
            for (fingerprint, places) in &all {
                prop_assert!(found(&index, *fingerprint).is_superset(places));
            }
        }
    }

    /// Law: a merge that was cut off after it wrote its result leaves nothing twice.
    #[test]
    fn what_a_cut_off_merge_left_is_taken_away() {
        let directory = tempfile::tempdir().unwrap();
        let files = || fs::read_dir(directory.path()).unwrap().count();
        let mut index = IdentityIndex::open(directory.path(), SMALL).unwrap();
        for at in 0..32u64 {
            index.insert(Fingerprint(at << 40), Place::new(at + 1, false));
            index.settle(at + 1).unwrap();
        }
        // Closing waits for the merge, but does not take in its result, like a crash.
        drop(index);
        assert_eq!(files(), 3);
        let index = IdentityIndex::open(directory.path(), SMALL).unwrap();
        assert_eq!((files(), index.runs.len(), index.covered_lsn()), (1, 1, 32));
        assert!((0..32u64).all(|at| found(&index, at << 40) == BTreeSet::from([Place::new(at + 1, false)])));
    }

    #[test]
    fn a_damaged_run_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let mut index = IdentityIndex::open(directory.path(), SMALL).unwrap();
        for at in 0..16u64 {
            index.insert(Fingerprint(at << 40), Place::new(at + 1, false));
        }
        index.settle(16).unwrap();
        let path = index.runs[0].path().to_owned();
        drop(index);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::create_dir_all(directory.path()).unwrap();
            fs::write(&path, &bytes).unwrap();
            let index = IdentityIndex::open(directory.path(), SMALL).unwrap();
            let is_dropped = index.covered_lsn() == 0;
            let is_told = (0..16u64).any(|at| index.look_up(Fingerprint(at << 40), &mut Vec::new()).is_err());
            assert!(is_dropped || is_told, "a flip at byte {at} went unnoticed");
        }
    }
}
