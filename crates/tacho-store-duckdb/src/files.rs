//! The files of the store: which are open, who opens and closes them, and what happens when one fails.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::time::{Duration, Instant};

use duckdb::Connection;
use tacho_core::OrganizationId;
use tacho_store::{Stop, StoreError};

use crate::error::{is_damage, is_fatal, translate};
use crate::file::File;
use crate::store::DuckDbStore;

/// Fatal errors without a successful write in between, after which a file counts as damaged.
const FATAL_IN_A_ROW_MAX: u32 = 4;

/// How long something may take.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Waiting for another who opens the file. That takes long if its rollups have to be made anew.
    pub(crate) opening: Duration,
    /// Reading or writing.
    pub(crate) running: Duration,
}

/// Of what the merger does.
pub(crate) const INTERNAL: Limits = Limits {
    opening: Duration::from_secs(300),
    running: Duration::from_secs(300),
};

impl Limits {
    /// Of a question. Whoever asks of another organization must not wait for a file that is being opened, too.
    pub(crate) const fn of_question(running: Duration) -> Self {
        Self {
            opening: Duration::from_secs(2),
            running,
        }
    }
}

/// How one organization's file is. Whoever opens or closes it holds `file`, so that DuckDB never has it open twice and no
/// other organization waits.
#[derive(Default)]
pub(crate) struct Slot {
    pub(crate) file: Mutex<Option<Arc<File>>>,
    /// Of the file that was open last: still alive while somebody reads in it.
    pub(crate) closing: Mutex<Weak<()>>,
    pub(crate) used_at: Mutex<Option<Instant>>,
    pub(crate) is_open: AtomicBool,
    /// Why it has to be made again, if so.
    pub(crate) damage: Mutex<Option<String>>,
    pub(crate) fatal_in_a_row: AtomicU32,
    /// Readings that take long, to be stopped when the file is to be set aside.
    pub(crate) long_readings: Mutex<Vec<Stop>>,
}

impl Slot {
    /// Closes the file as soon as nobody uses it any more.
    pub(crate) fn close(&self, file: &mut Option<Arc<File>>) {
        if let Some(file) = file.take() {
            *lock(&self.closing) = file.alive();
            self.is_open.store(false, Ordering::Release);
        }
    }

    pub(crate) fn is_closing(&self) -> bool {
        lock(&self.closing).strong_count() > 0
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same if nobody holds it for longer than that.
pub(crate) fn lock_within<T>(mutex: &Mutex<T>, patience: Duration) -> Option<MutexGuard<'_, T>> {
    const STEP: Duration = Duration::from_millis(1);
    let deadline = Instant::now() + patience;
    loop {
        match mutex.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(STEP),
        }
    }
}

impl DuckDbStore {
    pub(crate) fn path(&self, organization: OrganizationId) -> PathBuf {
        self.config.directory.join(format!("{organization}.duckdb"))
    }

    pub(crate) fn slot(&self, organization: OrganizationId) -> Arc<Slot> {
        lock(&self.slots).entry(organization).or_default().clone()
    }

    /// The organization's file, which is opened if it is not.
    pub(crate) fn file(&self, organization: OrganizationId, limits: Limits) -> Result<Arc<File>, StoreError> {
        let slot = self.slot(organization);
        let mut file =
            lock_within(&slot.file, limits.opening).ok_or(StoreError::Unavailable("being opened"))?;
        *lock(&slot.used_at) = Some(Instant::now());
        if let Some(file) = &*file {
            return Ok(file.clone());
        }
        if slot.is_closing() {
            return Err(StoreError::Unavailable("being reopened"));
        }
        let others: Vec<Arc<Slot>> = {
            let slots = lock(&self.slots);
            slots
                .iter()
                .filter(|(other, _)| **other != organization)
                .map(|(_, slot)| slot.clone())
                .collect()
        };
        self.close_idle(&others);
        let open_count = others
            .iter()
            .filter(|slot| slot.is_open.load(Ordering::Acquire))
            .count();
        let memory_bytes = self.config.memory_bytes / (open_count as u64 + 1);
        let zone = (self.zone_of)(organization);
        let path = self.path(organization);
        let opened = Arc::new(File::open(&path, &self.config, memory_bytes, &zone)?);
        for other in &others {
            // One that is being opened or closed gets its share by that.
            if let Ok(other) = other.file.try_lock()
                && let Some(other) = &*other
            {
                other.set_memory(memory_bytes);
            }
        }
        *file = Some(opened.clone());
        slot.is_open.store(true, Ordering::Release);
        Ok(opened)
    }

    /// Closes the least recently used files until one more may open. Only those that nobody uses can be closed.
    pub(crate) fn close_idle(&self, slots: &[Arc<Slot>]) {
        let mut open: Vec<&Arc<Slot>> = slots
            .iter()
            .filter(|slot| slot.is_open.load(Ordering::Acquire))
            .collect();
        open.sort_by_key(|slot| *lock(&slot.used_at));
        let mut excess = (open.len() + 1).saturating_sub(self.config.open_files_max.max(1));
        for slot in open {
            if excess == 0 {
                return;
            }
            let Ok(mut file) = slot.file.try_lock() else {
                continue;
            };
            if file.as_ref().is_some_and(|file| Arc::strong_count(file) == 1) {
                slot.close(&mut file);
                excess -= 1;
            }
        }
    }

    /// Runs something on the organization's file. After a fatal error the file is closed, so that the next use reopens it.
    pub(crate) fn with_file<T>(
        &self,
        organization: OrganizationId,
        limits: Limits,
        run: impl FnOnce(&File) -> Result<T, duckdb::Error>,
    ) -> Result<T, StoreError> {
        let file = self.file(organization, limits)?;
        let slot = self.slot(organization);
        let error = match run(&file) {
            Ok(value) => {
                if lock(&slot.damage).is_none() {
                    lock(&self.last_errors).remove(&organization);
                }
                return Ok(value);
            }
            Err(error) => error,
        };
        if is_damage(&error) {
            tracing::error!(%organization, %error, "the store is damaged");
            self.note_damage(organization, &slot, error.to_string());
        }
        if !is_fatal(&error) {
            return Err(translate(&error, limits.running));
        }
        tracing::error!(%organization, %error, "the store failed and will be reopened");
        lock(&self.last_errors).insert(organization, error.to_string());
        let mut current = lock(&slot.file);
        // Another may have noticed before, and the file that is open now be a new one.
        if current
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, &file))
        {
            slot.close(&mut current);
            if slot.fatal_in_a_row.fetch_add(1, Ordering::AcqRel) + 1 >= FATAL_IN_A_ROW_MAX {
                self.note_damage(organization, &slot, format!("it fails again and again: {error}"));
            }
        }
        drop(current);
        drop(file);
        Err(StoreError::Unavailable("being reopened"))
    }

    /// Remembers that the file has to be made again, which whoever writes next is told.
    pub(crate) fn note_damage(&self, organization: OrganizationId, slot: &Slot, message: String) {
        lock(&self.last_errors).insert(organization, message.clone());
        *lock(&slot.damage) = Some(message);
    }

    pub(crate) fn with_reader<T>(
        &self,
        organization: OrganizationId,
        limits: Limits,
        run: impl FnOnce(&Connection) -> Result<T, duckdb::Error>,
    ) -> Result<T, StoreError> {
        self.with_file(organization, limits, |file| {
            let reader = file.reader()?;
            let watch = self
                .watchdog
                .watch(reader.interrupt_handle(), limits.running, None);
            let result = reader
                .execute_batch("BEGIN TRANSACTION READ ONLY")
                .and_then(|()| run(&reader));
            drop(watch);
            let ended = reader.execute_batch("ROLLBACK");
            if result.is_ok() && ended.is_ok() {
                file.give_back(reader);
            }
            result
        })
    }
}
