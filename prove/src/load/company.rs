//! Who sends and who looks, in all trials of load.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tacho_bench::bodies::{Template, executions, templates};
use tacho_bench::cache::Asker;
use tacho_bench::load::Load;
use tacho_bench::server::Installation;
use tacho_core::Timestamp;

/// Looks at whether it is over at least as often.
const LOOK: Duration = Duration::from_millis(50);

/// Bodies of finished executions of the hours before now.
pub(super) fn bodies(records_each: usize) -> Vec<Template> {
    templates(&executions(Timestamp::from(SystemTime::now()), 1), records_each)
}

/// Somebody who sends them. Nobody else may have sent the records from `first` on.
pub(super) fn sender<'a>(
    installation: &'a Installation,
    connections: usize,
    templates: &'a [Template],
    first: u64,
) -> Load<'a> {
    let records_each = templates[0].records() as u64;
    Load {
        address: installation.address,
        key: &installation.key,
        connections,
        templates,
        compressed: None,
        prepared: 0,
        sent: AtomicU64::new(first.div_ceil(records_each)),
    }
}

/// The number of the first record that a sender has not sent.
pub(super) fn next_record(load: &Load<'_>) -> u64 {
    load.sent.load(Ordering::Relaxed) * load.records_each() as u64
}

/// Asks again and again, so often, until it is over; is told when each answer came and how long it took. Returns how often
/// there was none, and the first reason.
pub(super) fn ask_every(
    every: Duration,
    after: Duration,
    mut asker: Asker<'_>,
    is_over: &AtomicBool,
    told: impl Fn(Instant, Duration),
) -> Unanswered {
    let start = Instant::now() + after;
    let mut unanswered = Unanswered::default();
    for turn in 0_u32.. {
        let due = start + every * turn;
        while let Some(left) = due.checked_duration_since(Instant::now()) {
            if is_over.load(Ordering::Relaxed) {
                return unanswered;
            }
            thread::sleep(left.min(LOOK));
        }
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        match asker.ask() {
            Ok(took) => told(Instant::now(), took),
            Err(error) => {
                unanswered.count += 1;
                unanswered.reason.get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }
    unanswered
}

/// Questions that got no answer.
#[derive(Debug, Default)]
pub(super) struct Unanswered {
    pub(super) count: usize,
    reason: Option<String>,
}

impl Unanswered {
    /// Makes sure that there are none.
    ///
    /// # Errors
    /// If there are.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.count == 0,
            "{} questions were not answered; {}",
            self.count,
            self.reason.as_deref().unwrap_or_default()
        );
        Ok(())
    }
}
