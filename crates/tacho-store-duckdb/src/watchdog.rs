//! Stops queries that take too long.
//!
//! One thread watches every running query, and those that may be told to stop before. An interrupt that comes before DuckDB begins to execute is lost, so an
//! overdue query is interrupted again and again until it is gone.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use duckdb::InterruptHandle;
use tacho_store::Stop;

const REPEAT: Duration = Duration::from_millis(20);

#[derive(Default)]
struct Watched {
    next_ticket: u64,
    running: HashMap<u64, Running>,
    is_closed: bool,
}

struct Running {
    deadline: Instant,
    stop: Option<Stop>,
    handle: Arc<InterruptHandle>,
}

struct Shared {
    watched: Mutex<Watched>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches running queries.
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
}

/// A query under watch; dropping it ends the watch.
pub(crate) struct Watch {
    shared: Arc<Shared>,
    ticket: u64,
}

impl Watchdog {
    pub(crate) fn start() -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            watched: Mutex::default(),
            changed: Condvar::new(),
        });
        let watching = shared.clone();
        thread::Builder::new()
            .name("query-watchdog".into())
            .spawn(move || watch(&watching))?;
        Ok(Self { shared })
    }

    /// Interrupts what runs on the connection once `timeout` has passed or `stop` says so, unless the watch is dropped before.
    pub(crate) fn watch(
        &self,
        handle: Arc<InterruptHandle>,
        timeout: Duration,
        stop: Option<&Stop>,
    ) -> Watch {
        let mut watched = self.shared.lock();
        let ticket = watched.next_ticket;
        watched.next_ticket += 1;
        let running = Running {
            deadline: Instant::now() + timeout,
            stop: stop.cloned(),
            handle,
        };
        watched.running.insert(ticket, running);
        self.shared.changed.notify_one();
        Watch {
            shared: self.shared.clone(),
            ticket,
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.changed.notify_one();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.lock().running.remove(&self.ticket);
    }
}

fn watch(shared: &Shared) {
    let mut watched = shared.lock();
    while !watched.is_closed {
        let now = Instant::now();
        let mut wait = Duration::from_secs(3600);
        for running in watched.running.values() {
            let is_stopped = running.stop.as_ref().is_some_and(Stop::is_stopped);
            if is_stopped || running.deadline <= now {
                running.handle.interrupt();
            }
            wait = match running.stop.is_some() || running.deadline <= now {
                true => wait.min(REPEAT),
                false => wait.min(running.deadline - now),
            };
        }
        watched = shared
            .changed
            .wait_timeout(watched, wait)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}
