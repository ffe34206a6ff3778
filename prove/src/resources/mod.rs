//! What runs short or goes wrong around the server: disk, handles, memory, time, the metastore, a second server. Each trial
//! says how the server is to behave meanwhile, that it recovers when the cause is gone, and that nothing acknowledged is lost.

mod clock;
mod control_group;
mod disk;
mod handles;
mod memory;
mod metastore;
mod refusal;
mod second;

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::ensure;
use tacho_bench::outbox::{Outbox, records};
use tacho_bench::server::Installation;
use tacho_bench::stored::compare;
use tacho_core::Record;

use crate::finding::Finding;
use crate::sending::{send_up_to, while_sending};
use crate::serving::wait_until_serving;
use crate::trial::Place;

const RECORDS: usize = 6_000;
const RECORDS_EACH: usize = 50;
const CONNECTIONS: usize = 2;
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(120);

/// A trial: what is broken, what is to happen, and how to do it.
type Trial = (&'static str, &'static str, fn(&Ground<'_>) -> anyhow::Result<()>);

const TRIALS: &[Trial] = &[
    (
        "disk full, down to the reserve",
        "507 with Retry-After, questions answered; goes on when there is room",
        disk::full_to_the_reserve,
    ),
    (
        "disk full, to the last byte, killed meanwhile",
        "507 or a refused start with the reason; goes on when there is room",
        disk::full_to_the_last_byte,
    ),
    (
        "read-only directory",
        "refuses to start and says why; starts when it is writable",
        disk::read_only,
    ),
    (
        "writes to the journal fail",
        "503 until it is restarted",
        disk::failing_writes,
    ),
    (
        "a sync of the journal fails once",
        "503 until it is restarted, never synced again",
        disk::failing_sync,
    ),
    (
        "slow disk: each sync takes 200 ms",
        "acknowledged later; questions as quick as ever",
        disk::slow,
    ),
    (
        "out of file handles",
        "connections wait or fail; goes on when there are some",
        handles::exhausted,
    ),
    (
        "store short of memory",
        "at most a question fails; records are taken and counted",
        memory::short,
    ),
    (
        "memory limit of the whole server (400 MB), then less than it has",
        "lives within it, or is killed and comes back",
        memory::limited,
    ),
    (
        "clock jumps both ways, and over both ends of daylight saving time",
        "records taken, questions answered",
        clock::jumps,
    ),
    (
        "metastore locked by another process for 12 s",
        "records taken and questions answered; a change waits or is refused with 503",
        metastore::locked,
    ),
    (
        "metastore corrupt",
        "refuses to start and says why; starts with the file put back",
        metastore::corrupt,
    ),
    (
        "second server on the data directory",
        "refuses to start and says why; the first goes on",
        second::refused,
    ),
];

/// Where a trial takes place.
struct Ground<'a> {
    place: &'a Place,
    /// A folder of its own.
    scratch: &'a Path,
    installation: &'a Installation,
    records: Vec<Record>,
    outbox: Outbox,
    /// Why this machine does not allow the trial, if so.
    skipped: RefCell<Option<String>>,
}

/// How a trial went that went as it should.
enum Outcome {
    /// How long the server took to come back.
    AsSaid(Duration),
    /// Why there was none.
    Skipped(String),
}

/// What is tried.
pub fn faults() -> impl Iterator<Item = &'static str> {
    TRIALS.iter().map(|(fault, ..)| *fault)
}

/// Does all trials, or those whose name contains a text.
///
/// # Errors
/// If something does not behave as said, or a record is missing, double or foreign afterwards.
pub fn run(only: Option<&str>, seed: u64, place: &Place) -> anyhow::Result<Vec<Finding>> {
    let chosen = TRIALS
        .iter()
        .filter(|(fault, ..)| only.is_none_or(|text| fault.contains(text)));
    chosen
        .map(|(fault, outcome, trial)| {
            let tried = place.with_installation(fault, |installation, scratch| {
                try_one(*trial, seed, place, installation, scratch)
            })?;
            eprintln!("{fault}");
            Ok(match tried {
                Outcome::AsSaid(restart) => Finding {
                    restart_max: Some(restart),
                    ..Finding::new(*fault, 1, *outcome)
                },
                Outcome::Skipped(reason) => Finding::new(*fault, 0, format!("not tried: {reason}")),
            })
        })
        .collect()
}

fn try_one(
    trial: fn(&Ground<'_>) -> anyhow::Result<()>,
    seed: u64,
    place: &Place,
    installation: &Installation,
    scratch: &Path,
) -> anyhow::Result<Outcome> {
    let records = records(RECORDS, seed);
    let ground = Ground {
        place,
        scratch,
        installation,
        outbox: Outbox::new(installation, &records, RECORDS_EACH),
        records,
        skipped: RefCell::default(),
    };
    while_sending(&ground.outbox, CONNECTIONS, || trial(&ground))?;
    if let Some(reason) = ground.skipped.take() {
        return Ok(Outcome::Skipped(reason));
    }
    // Whatever the trial has left: the files alone have everything.
    let mut server = installation.start()?;
    let restart = wait_until_serving(installation, &mut server)?;
    ground.check_everything()?;
    installation.command(&["store", "verify"])?;
    server.stop()?;
    Ok(Outcome::AsSaid(restart))
}

impl Ground<'_> {
    /// The request after that share of all.
    fn part(&self, share: f64) -> usize {
        (self.outbox.len() as f64 * share) as usize
    }

    fn send_up_to(&self, share: f64) -> anyhow::Result<()> {
        send_up_to(&self.outbox, self.part(share))
    }

    /// Says that this machine does not allow the trial.
    fn skip(&self, reason: String) {
        self.skipped.replace(Some(reason));
    }

    /// A script that does something and then is the server.
    fn script(&self, name: &str, first: &str) -> anyhow::Result<PathBuf> {
        let script = self.scratch.join(name);
        let tacho = fs::canonicalize(&self.place.tacho)?;
        fs::write(
            &script,
            format!("#!/bin/sh\n{first} || exit\nexec '{}' \"$@\"\n", tacho.display()),
        )?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        Ok(script)
    }

    /// Makes sure that everything was acknowledged and is there once.
    fn check_everything(&self) -> anyhow::Result<()> {
        ensure!(
            self.outbox.acknowledged() == self.outbox.len(),
            "{} of {} requests were acknowledged",
            self.outbox.acknowledged(),
            self.outbox.len()
        );
        self.installation.wait_until_projected(PROJECTION_TIMEOUT)?;
        compare(&self.records, self.installation).map(drop)
    }

    /// A request of records that says nothing new, for looking how it is answered.
    fn send_one(&self) -> anyhow::Result<tacho_bench::http::Answer> {
        let mut body = Vec::new();
        tacho_core::record::wire::write_json_line(&self.records[0], &mut body);
        let head = tacho_bench::http::records_head(&self.installation.key, false, body.len());
        Ok(tacho_bench::http::Connection::open(self.installation.address)?.exchange(&head, &body)?)
    }
}
