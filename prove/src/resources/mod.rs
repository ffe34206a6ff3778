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

/// What is broken, what is to happen, and how to do it.
pub struct Trial {
    /// What is broken.
    pub fault: &'static str,
    outcome: &'static str,
    run: fn(&Ground<'_>) -> anyhow::Result<()>,
}

/// All of them.
pub static TRIALS: [Trial; 13] = [
    Trial {
        fault: "disk full, down to the reserve",
        outcome: "507 with Retry-After, questions answered; goes on when there is room",
        run: disk::full_to_the_reserve,
    },
    Trial {
        fault: "disk full, to the last byte, killed meanwhile",
        outcome: "507 or a refused start with the reason; goes on when there is room",
        run: disk::full_to_the_last_byte,
    },
    Trial {
        fault: "read-only directory",
        outcome: "refuses to start and says why; starts when it is writable",
        run: disk::read_only,
    },
    Trial {
        fault: "writes to the journal fail",
        outcome: "503 until it is restarted",
        run: disk::failing_writes,
    },
    Trial {
        fault: "a sync of the journal fails once",
        outcome: "503 until it is restarted, never synced again",
        run: disk::failing_sync,
    },
    Trial {
        fault: "slow disk: each sync takes 200 ms",
        outcome: "acknowledged later; questions as quick as ever",
        run: disk::slow,
    },
    Trial {
        fault: "out of file handles",
        outcome: "connections wait or fail; goes on when there are some",
        run: handles::exhausted,
    },
    Trial {
        fault: "store short of memory",
        outcome: "at most a question fails; records are taken and counted",
        run: memory::short,
    },
    Trial {
        fault: "memory limit of the whole server (400 MB), then less than it has",
        outcome: "lives within it, or is killed and comes back",
        run: memory::limited,
    },
    Trial {
        fault: "clock jumps both ways, and over both ends of daylight saving time",
        outcome: "records taken, questions answered",
        run: clock::jumps,
    },
    Trial {
        fault: "metastore locked by another process for 12 s",
        outcome: "records taken and questions answered; a change waits or is refused with 503",
        run: metastore::locked,
    },
    Trial {
        fault: "metastore corrupt",
        outcome: "refuses to start and says why; starts with the file put back",
        run: metastore::corrupt,
    },
    Trial {
        fault: "second server on the data directory",
        outcome: "refuses to start and says why; the first goes on",
        run: second::refused,
    },
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

impl Trial {
    /// Breaks it, and looks what becomes of everything.
    ///
    /// # Errors
    /// If something does not behave as said, or a record is missing, double or foreign afterwards.
    pub fn run(&self, seed: u64, place: &Place) -> anyhow::Result<Finding> {
        let what = format!("{}, seed {seed}", self.fault);
        let tried = place.with_installation(&what, |installation, scratch| {
            self.run_on(seed, place, installation, scratch)
        })?;
        eprintln!("{}", self.fault);
        Ok(match tried {
            Outcome::AsSaid(restart) => Finding {
                restart_max: Some(restart),
                ..Finding::new(self.fault, 1, self.outcome)
            },
            Outcome::Skipped(reason) => Finding::new(self.fault, 0, format!("not tried: {reason}")),
        })
    }

    fn run_on(
        &self,
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
        while_sending(&ground.outbox, CONNECTIONS, || (self.run)(&ground))?;
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
