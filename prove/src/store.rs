//! Faults of store files. No layer fits under the engine in the process, so the files themselves are taken back to an
//! earlier state, cut, flipped or removed, while the server runs and between two runs of it. The journal has everything, so
//! that everything has to be right again.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tacho_bench::outbox::{Outbox, records};
use tacho_bench::server::Installation;
use tacho_bench::stored::compare;

use crate::finding::Finding;
use crate::live;
use crate::sending::{send_up_to, while_sending};
use crate::serving::{wait_for, wait_until_serving};
use crate::trial::Place;

const RECORDS: usize = 4_000;
const RECORDS_EACH: usize = 100;
const CONNECTIONS: usize = 2;
const TIMEOUT: Duration = Duration::from_secs(120);
/// Bytes of a sector.
const SECTOR_BYTES: u64 = 512;

/// What happens to the files of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The file is gone.
    Deleted,
    /// The file has no bytes.
    Emptied,
    /// The file ends early.
    Truncated,
    /// Bytes of the file are others.
    Flipped,
    /// Whole sectors of the file hold something else.
    Torn,
    /// The log of what is not in the file yet is gone.
    LogDeleted,
    /// The log ends early.
    LogTruncated,
    /// Bytes of the log are others.
    LogFlipped,
    /// File and log are those of an earlier moment.
    TakenBack,
    /// The file is that of an earlier moment, and the log is not.
    FileTakenBack,
    /// The files of all organizations are gone.
    FolderDeleted,
    /// The identity index is gone.
    IndexDeleted,
    /// The identity index is that of an earlier moment.
    IndexTakenBack,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Deleted,
        Self::Emptied,
        Self::Truncated,
        Self::Flipped,
        Self::Torn,
        Self::LogDeleted,
        Self::LogTruncated,
        Self::LogFlipped,
        Self::TakenBack,
        Self::FileTakenBack,
        Self::FolderDeleted,
        Self::IndexDeleted,
        Self::IndexTakenBack,
    ];

    /// Its name in the table.
    pub fn label(self) -> &'static str {
        match self {
            Self::Deleted => "store file deleted",
            Self::Emptied => "store file emptied",
            Self::Truncated => "store file cut short",
            Self::Flipped => "bytes of the store file flipped",
            Self::Torn => "sectors of the store file lost",
            Self::LogDeleted => "store's log deleted",
            Self::LogTruncated => "store's log cut short",
            Self::LogFlipped => "bytes of the store's log flipped",
            Self::TakenBack => "store taken back to an earlier state",
            Self::FileTakenBack => "store file taken back, with a newer log",
            Self::FolderDeleted => "all store files deleted",
            Self::IndexDeleted => "identity index deleted",
            Self::IndexTakenBack => "identity index taken back",
        }
    }
}

/// What of a data directory can be made again.
struct Projection {
    store: PathBuf,
    identity: PathBuf,
}

impl Projection {
    fn of(data_dir: &Path) -> Self {
        Self {
            store: data_dir.join("store"),
            identity: data_dir.join("identity"),
        }
    }

    /// The file of the only organization.
    fn file(&self) -> anyhow::Result<PathBuf> {
        let files = fs::read_dir(&self.store)?.filter_map(|entry| Some(entry.ok()?.path()));
        files
            .into_iter()
            .find(|path| path.extension().is_some_and(|extension| extension == "duckdb"))
            .context("there is no store file")
    }

    fn log(&self) -> anyhow::Result<PathBuf> {
        let mut name = self.file()?.into_os_string();
        name.push(".wal");
        Ok(name.into())
    }

    fn copied(&self, to: &Path) -> anyhow::Result<Self> {
        let copy = Self::of(to);
        fs::create_dir_all(to)?;
        replace(&self.store, &copy.store)?;
        replace(&self.identity, &copy.identity)?;
        Ok(copy)
    }
}

/// Puts a copy of a folder in the place of another.
fn replace(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => replace(&entry.path(), &target)?,
            false => fs::copy(entry.path(), target).map(drop)?,
        }
    }
    Ok(())
}

/// Breaks each file in each way, so many times, while the server runs and while it does not.
///
/// # Errors
/// If a record is missing, double or foreign afterwards, or anything else is wrong.
pub fn run(faults: &[Fault], rounds: usize, seed: u64, place: &Place) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for fault in faults {
        let mut finding = Finding::new(fault.label(), 2 * rounds, "right again, from the journal");
        for round in 0..rounds as u64 {
            for is_running in [false, true] {
                let what = format!("{} (running: {is_running}), seed {}", fault.label(), seed + round);
                let restart = place.with_installation(&what, |installation, scratch| {
                    break_one(*fault, is_running, seed + round, installation, scratch)
                })?;
                finding.restart_max = finding.restart_max.max(Some(restart));
            }
        }
        eprintln!("{}", fault.label());
        findings.push(finding);
    }
    Ok(findings)
}

fn break_one(
    fault: Fault,
    is_running: bool,
    seed: u64,
    installation: &Installation,
    scratch: &Path,
) -> anyhow::Result<Duration> {
    let mut chance = StdRng::seed_from_u64(seed);
    let records = records(RECORDS, seed);
    let outbox = Outbox::new(installation, &records, RECORDS_EACH);
    let projection = Projection::of(&installation.data_dir);
    // Checkpoints now and then, so that file and log both hold something.
    let variables = [
        ("TACHO_STORE__CHECKPOINT_BYTES", "1000000"),
        ("TACHO_JOURNAL__SEGMENT_BYTES", "100000"),
    ];
    while_sending(&outbox, CONNECTIONS, || {
        let mut server = installation.start_with(&variables)?;
        wait_until_serving(installation, &mut server)?;
        send_up_to(&outbox, outbox.len() / 3)?;
        installation.wait_until_projected(TIMEOUT)?;
        server.kill()?;
        let earlier = projection.copied(&scratch.join("earlier"))?;
        let mut server = installation.start_with(&variables)?;
        wait_until_serving(installation, &mut server)?;
        send_up_to(&outbox, outbox.len() / 2)?;
        installation.wait_until_projected(TIMEOUT)?;
        // So many are under way when it happens.
        outbox.allow(outbox.len() * 2 / 3);
        match is_running {
            true => {
                damage(fault, &projection, &earlier, &mut chance)?;
                send_up_to(&outbox, outbox.len() * 2 / 3)?;
                server.kill()?;
            }
            false => {
                server.kill()?;
                damage(fault, &projection, &earlier, &mut chance)?;
            }
        }
        let mut server = installation.start_with(&variables)?;
        let restart = wait_until_serving(installation, &mut server)?;
        send_up_to(&outbox, outbox.len())?;
        installation.wait_until_projected(TIMEOUT)?;
        ask_everything(installation, &records)?;
        server.stop()?;
        // Once more from the files alone.
        let mut server = installation.start()?;
        let again = wait_until_serving(installation, &mut server)?;
        ask_everything(installation, &records)?;
        installation.command(&["store", "verify"])?;
        server.stop()?;
        Ok(restart.max(again))
    })
}

/// A damaged part of a file is found when it is read, and then the store is made again: until then there are no answers.
fn ask_everything(installation: &Installation, records: &[tacho_core::Record]) -> anyhow::Result<()> {
    let mut last = None;
    wait_for("everything is right", TIMEOUT, || {
        let asked = installation
            .wait_until_projected(TIMEOUT)
            .and_then(|_| compare(records, installation))
            .and_then(|_| Ok((live::snapshot(installation)?, live::listed(installation)?)));
        match asked {
            Ok((shown, listed)) => shown == listed,
            Err(error) => {
                last = Some(error);
                false
            }
        }
    })
    .map(drop)
    .map_err(|late| {
        last.map_or_else(
            || anyhow::anyhow!("a live page differs from the list"),
            |last| last.context(late),
        )
    })
}

fn damage(fault: Fault, now: &Projection, earlier: &Projection, chance: &mut StdRng) -> anyhow::Result<()> {
    match fault {
        Fault::Deleted => Ok(fs::remove_file(now.file()?)?),
        Fault::Emptied => truncate(&now.file()?, 0),
        Fault::Truncated => {
            let path = now.file()?;
            truncate(&path, chance.random_range(1..fs::metadata(&path)?.len()))
        }
        Fault::Flipped => overwrite(&now.file()?, 24, 1, chance),
        Fault::Torn => overwrite(&now.file()?, 12, SECTOR_BYTES, chance),
        Fault::LogDeleted => match fs::remove_file(now.log()?) {
            // There is none right after a checkpoint.
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        },
        Fault::LogTruncated => match fs::metadata(now.log()?) {
            Ok(found) if found.len() > 1 => truncate(&now.log()?, chance.random_range(1..found.len())),
            _ => Ok(()),
        },
        Fault::LogFlipped => match now.log()?.exists() {
            true => overwrite(&now.log()?, 4, 1, chance),
            false => Ok(()),
        },
        Fault::TakenBack => replace(&earlier.store, &now.store),
        Fault::FileTakenBack => Ok(fs::copy(earlier.file()?, now.file()?).map(drop)?),
        Fault::FolderDeleted => Ok(fs::remove_dir_all(&now.store)?),
        Fault::IndexDeleted => Ok(fs::remove_dir_all(&now.identity)?),
        Fault::IndexTakenBack => replace(&earlier.identity, &now.identity),
    }
}

fn truncate(path: &Path, length: u64) -> anyhow::Result<()> {
    Ok(OpenOptions::new().write(true).open(path)?.set_len(length)?)
}

/// Puts other bytes at so many random places.
fn overwrite(path: &Path, places: usize, bytes: u64, chance: &mut StdRng) -> anyhow::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    for _ in 0..places {
        let at = chance.random_range(0..length.max(1)) / bytes * bytes;
        let mut part = vec![0; bytes.min(length.saturating_sub(at)) as usize];
        file.read_exact_at(&mut part, at)?;
        part.iter_mut()
            .for_each(|byte| *byte ^= chance.random_range(1..=u8::MAX));
        file.write_all_at(&part, at)?;
    }
    Ok(())
}
