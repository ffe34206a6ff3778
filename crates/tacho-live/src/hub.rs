//! Brings what is merged to the states that somebody watches.
//!
//! Organizations that nobody watches cost a look into a map per batch, which notes how far they were told. A state stays for a little while after its last
//! watcher has gone, so that a page that is loaded again does not have it read again.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tacho_core::record::RecordType;
use tacho_core::scope::Rows;
use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};
use tacho_store::live::LiveRows;
use tacho_store::{Change, Lsn, Replaced, StoredRow, Watcher};
use tokio::sync::watch;

use crate::event::EVENTS_MAX;
use crate::fact::owners;
use crate::state::State;
use crate::view::{Load, View};

/// States of one organization that are kept at a time: everything, and what different people own.
const VIEWS_MAX: usize = 1_000;
/// How long a state stays that nobody watches.
const IDLE_US: i64 = 30 * 1_000_000;

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// All states. Clones are one.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

struct Shared {
    clock: Clock,
    organizations: RwLock<HashMap<OrganizationId, Arc<Organization>>>,
}

struct Organization {
    views: Mutex<Views>,
    /// The position of the last batch; whoever waits for changes waits for another one.
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Views {
    by_number: HashMap<u64, View>,
    next: u64,
    /// Which states of what people own show a workflow, and which show what is a user's alone.
    by_workflow: HashMap<Arc<str>, Vec<u64>>,
    by_user: HashMap<String, Vec<u64>>,
    /// Those of what people own for which the store was being read when the batch came.
    reading: Vec<u64>,
    /// Up to where it was told what is merged. The store may be about to apply it.
    told: Lsn,
}

/// Too many different sets of rows of one organization are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyViews;

/// Keeps a state going as long as it lives.
pub struct Watch {
    organization: Arc<Organization>,
    number: u64,
    clock: Clock,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

fn lock(views: &Mutex<Views>) -> MutexGuard<'_, Views> {
    views.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// A hub that nobody watches yet, with what tells it the time.
    pub fn new(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared {
            clock: Arc::new(clock),
            organizations: RwLock::default(),
        }))
    }

    /// Watches the rows that a scope allows.
    ///
    /// # Errors
    /// If too many sets of rows are watched.
    pub fn watch(&self, scope: &Scope) -> Result<Watch, TooManyViews> {
        let organization = self.organization(scope.organization());
        let mut views = lock(&organization.views);
        let known = views
            .by_number
            .iter_mut()
            .find(|(_, view)| view.rows == *scope.rows());
        let number = match known {
            Some((number, view)) => {
                view.watchers += 1;
                view.idle_since = None;
                *number
            }
            None => {
                views.sweep((self.0.clock)());
                if views.by_number.len() >= VIEWS_MAX {
                    return Err(TooManyViews);
                }
                views.add(scope.rows().clone())
            }
        };
        drop(views);
        Ok(Watch {
            organization,
            number,
            clock: self.0.clock.clone(),
        })
    }

    fn organization(&self, id: OrganizationId) -> Arc<Organization> {
        if let Some(known) = self.known(id) {
            return known;
        }
        let mut organizations = self
            .0
            .organizations
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let organization = organizations.entry(id).or_insert_with(|| {
            Arc::new(Organization {
                views: Mutex::default(),
                changed: watch::Sender::new(0),
            })
        });
        organization.clone()
    }

    fn known(&self, id: OrganizationId) -> Option<Arc<Organization>> {
        let organizations = self.0.organizations.read();
        organizations
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .cloned()
    }
}

impl Watcher for Hub {
    fn merged(&self, organization: OrganizationId, change: &Change, replaced: &[Replaced]) {
        let organization = self.organization(organization);
        lock(&organization.views).merged(change, replaced, (self.0.clock)());
        organization.changed.send_replace(change.applied_lsn);
    }

    fn lost(&self, organization: OrganizationId) {
        let Some(organization) = self.known(organization) else {
            return;
        };
        lock(&organization.views)
            .by_number
            .values_mut()
            .for_each(View::lose);
        organization.changed.send_modify(|_| {});
    }
}

impl Views {
    fn add(&mut self, rows: Rows) -> u64 {
        let number = self.next;
        self.next += 1;
        if let Rows::Owned { subjects } = &rows {
            for subject in subjects {
                self.by_user.entry(subject.clone()).or_default().push(number);
            }
        }
        let mut view = View::of(rows);
        view.watchers = 1;
        self.by_number.insert(number, view);
        number
    }

    /// Forgets states that nobody has watched for a while.
    fn sweep(&mut self, now: Timestamp) {
        let is_over = |view: &View| {
            view.idle_since
                .is_some_and(|since| now.micros_since(since) >= IDLE_US)
        };
        let over: Vec<u64> = self
            .by_number
            .iter()
            .filter(|(_, view)| is_over(view))
            .map(|(number, _)| *number)
            .collect();
        for number in over {
            self.by_number.remove(&number);
            for numbers in self.by_workflow.values_mut().chain(self.by_user.values_mut()) {
                numbers.retain(|known| *known != number);
            }
            self.by_workflow.retain(|_, numbers| !numbers.is_empty());
            self.by_user.retain(|_, numbers| !numbers.is_empty());
        }
    }

    /// Notes which workflows a state shows, after it was read.
    fn route(&mut self, number: u64) {
        for numbers in self.by_workflow.values_mut() {
            numbers.retain(|known| *known != number);
        }
        self.by_workflow.retain(|_, numbers| !numbers.is_empty());
        let Some(view) = self.by_number.get(&number).filter(|view| !view.is_everything()) else {
            return;
        };
        for id in view.state.workflow_ids() {
            self.by_workflow.entry(id.clone()).or_default().push(number);
        }
    }

    fn merged(&mut self, change: &Change, replaced: &[Replaced], now: Timestamp) {
        self.told = change.applied_lsn;
        if self.by_number.values().any(|view| view.idle_since.is_some()) {
            self.sweep(now);
        }
        if !self.by_number.values().any(View::takes_rows) {
            return;
        }
        let everything = self.by_number.iter().find(|(_, view)| view.is_everything());
        let everything = everything.map(|(number, _)| *number);
        self.reading.clear();
        for (number, view) in &mut self.by_number {
            view.batch(change.applied_lsn, now);
            if view.is_reading() && !view.is_everything() {
                self.reading.push(*number);
            }
        }
        // Of more, only the last would be kept as events.
        let told_from = change.rows.len().saturating_sub(EVENTS_MAX * 4);
        for wanted in [RecordType::Workflow, RecordType::Execution, RecordType::Step] {
            let mut before = replaced.iter().peekable();
            for (at, row) in change.rows.iter().enumerate() {
                let before = before.next_if(|before| before.by == at).map(|before| &before.row);
                if row.row.record_type != wanted {
                    continue;
                }
                if wanted == RecordType::Workflow {
                    self.by_number.values_mut().for_each(|view| view.workflow(row));
                    continue;
                }
                if let Some(view) = everything.and_then(|number| self.by_number.get_mut(&number)) {
                    view.row(wanted, before, Some(row), at >= told_from);
                }
                self.bring_to_owners(wanted, before, row, at >= told_from);
            }
        }
    }

    /// Brings a row to those who own it, or did.
    fn bring_to_owners(
        &mut self,
        wanted: RecordType,
        before: Option<&StoredRow>,
        row: &StoredRow,
        is_told: bool,
    ) {
        if self.by_user.is_empty() {
            return;
        }
        let mut numbers: HashSet<u64> = HashSet::new();
        for row in before.into_iter().chain([row]) {
            let owned = match owners(row) {
                (Some(workflow), _) => self.by_workflow.get(workflow),
                (None, Some(user)) => self.by_user.get(user),
                (None, None) => None,
            };
            numbers.extend(owned.into_iter().flatten());
        }
        numbers.extend(self.reading.iter().copied());
        for number in numbers {
            if let Some(view) = self.by_number.get_mut(&number) {
                view.row(wanted, before, Some(row), is_told);
            }
        }
    }
}

impl Watch {
    /// What has to be read now, if anything. Whoever gets it reads it and says so with [`Watch::read`] or
    /// [`Watch::could_not_read`]; nobody else gets it meanwhile.
    pub fn load(&self) -> Option<Load> {
        let now = (self.clock)();
        let mut views = lock(&self.organization.views);
        let (number, told) = (views.next, views.told);
        views.next += 1;
        views.by_number.get_mut(&self.number)?.begin(number, told, now)
    }

    /// Takes what was read. If it does not reach [`Load::least_lsn`], the state has to be read again.
    pub fn read(&self, load: Load, lsn: Lsn, rows: &LiveRows) {
        let now = (self.clock)();
        let mut views = lock(&self.organization.views);
        if let Some(view) = views.by_number.get_mut(&self.number) {
            view.read(load, lsn, rows, now);
        }
        views.route(self.number);
        drop(views);
        self.organization.changed.send_modify(|_| {});
    }

    /// It could not be read.
    pub fn could_not_read(&self, load: Load) {
        let mut views = lock(&self.organization.views);
        if let Some(view) = views.by_number.get_mut(&self.number) {
            view.fail(load);
        }
    }

    /// Says when something has changed, or has to be read.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.organization.changed.subscribe()
    }

    /// Looks at the state; `None` until it was read.
    pub fn look<T>(&self, look: impl FnOnce(&State, Timestamp) -> T) -> Option<T> {
        let now = (self.clock)();
        let views = lock(&self.organization.views);
        let view = views.by_number.get(&self.number)?;
        view.is_ready.then(|| look(&view.state, now))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let now = (self.clock)();
        let mut views = lock(&self.organization.views);
        if let Some(view) = views.by_number.get_mut(&self.number) {
            view.watchers -= 1;
            if view.watchers == 0 {
                view.idle_since = Some(now);
            }
        }
    }
}
