//! Epochs: up to where in the journal something has changed on which an answer depends.
//!
//! Who applies changes to a store notes each of them here first: by record type and month of event time, where rows leave
//! and where rows come. An answer depends on the rows of its source in the months that its ranges touch, and on the
//! workflows as they are now, whose names, owners, groups and kinds it may have read. Until one of those changes, a
//! fresh answer would be the same. Nothing here knows of the clock; for how long an answer is good although something
//! has changed is up to [`super::cache`].
//!
//! After a start nothing is noted, and no answers are kept either.

mod workflows;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::tz::Offset;
use tacho_core::OrganizationId;
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};

use self::workflows::Workflows;
use crate::{Change, Lsn};

/// Months of record types that are known one by one of an organization. A dozen years of all types have as many; where
/// clocks are wrong there may be more, and those that changed longest ago are then known together.
const MONTHS_MAX: usize = 1_500;

/// What has changed and up to where, by organization.
#[derive(Debug, Default)]
pub struct Epochs {
    organizations: Mutex<HashMap<OrganizationId, Changes>>,
}

/// Up to where something has changed, in which of the stores that an organization has had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Epoch {
    /// How often the store has been made anew. Positions of different stores cannot be compared.
    pub(super) rebuilds: u64,
    /// The position of the last change.
    pub(super) lsn: Lsn,
}

/// What has changed in an organization's store.
#[derive(Debug, Default)]
struct Changes {
    rebuilds: u64,
    workflows: Workflows,
    /// The position of the last change in each month.
    months: BTreeMap<(RecordType, Month), Lsn>,
    /// That of the last change in any month that is not among them. It lies before those of all that are.
    others: Lsn,
}

/// A month of UTC: years times twelve, and the months of the year before it.
type Month = i32;

/// The month of all workflows: a question reads them as they are now, whenever that was said.
const OF_WORKFLOWS: Month = 0;

impl Epochs {
    /// Notes a change that is about to be applied. One that is not applied after all does no harm, but one that is applied
    /// must have been noted before: who reads between noting and applying is known to have read too early.
    pub fn note(&self, organization: OrganizationId, change: &Change) {
        let mut touched = BTreeSet::new();
        for (record_type, event_time) in change.touched() {
            touched.insert((record_type, month_of(record_type, event_time)));
        }
        if !touched.is_empty() {
            let mut organizations = self.lock();
            let changes = organizations.entry(organization).or_default();
            if !changes.workflows.change(change) {
                touched.remove(&(RecordType::Workflow, OF_WORKFLOWS));
            }
            changes.note(touched, change.applied_lsn);
        }
    }

    /// Notes that the organization's store is no longer the one that it was: nothing read before can be relied on. To be
    /// said when the old store is not read any more.
    pub fn note_rebuild(&self, organization: OrganizationId) {
        let mut organizations = self.lock();
        let changes = organizations.entry(organization).or_default();
        *changes = Changes {
            rebuilds: changes.rebuilds + 1,
            ..Changes::default()
        };
    }

    /// Where an organization's workflows or rows of these types in these ranges have last changed.
    pub(super) fn of(
        &self,
        organization: OrganizationId,
        ranges: impl IntoIterator<Item = (RecordType, TimeRange)>,
    ) -> Epoch {
        let organizations = self.lock();
        let Some(changes) = organizations.get(&organization) else {
            return Epoch::default();
        };
        let workflows = changes.last(RecordType::Workflow, OF_WORKFLOWS, OF_WORKFLOWS);
        let rows = ranges.into_iter().map(|(record_type, range)| {
            let last_instant = range.end.plus_micros(-1).max(range.start);
            let [first, last] = [range.start, last_instant].map(|instant| month_of(record_type, instant));
            changes.last(record_type, first, last)
        });
        Epoch {
            rebuilds: changes.rebuilds,
            lsn: rows.fold(workflows, Lsn::max),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OrganizationId, Changes>> {
        self.organizations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Changes {
    fn note(&mut self, touched: BTreeSet<(RecordType, Month)>, lsn: Lsn) {
        for month in touched {
            let last = self.months.entry(month).or_insert(lsn);
            *last = lsn.max(*last);
        }
        if self.months.len() > MONTHS_MAX {
            self.forget();
        }
    }

    /// Leaves at most half of the months known one by one: those that changed last.
    fn forget(&mut self) {
        let mut lsns: Vec<Lsn> = self.months.values().copied().collect();
        lsns.sort_unstable();
        let others = lsns[lsns.len() - MONTHS_MAX / 2];
        self.months.retain(|_, lsn| *lsn > others);
        self.others = others.max(self.others);
    }

    /// Where rows of a type have last changed from one month to another, both included.
    fn last(&self, record_type: RecordType, first: Month, last: Month) -> Lsn {
        let last = last.max(first);
        let months = self.months.range((record_type, first)..=(record_type, last));
        months.fold(self.others, |latest, (_, lsn)| latest.max(*lsn))
    }
}

fn month_of(record_type: RecordType, instant: Timestamp) -> Month {
    if record_type == RecordType::Workflow {
        return OF_WORKFLOWS;
    }
    let date = Offset::UTC.to_datetime(instant.to_jiff());
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

#[cfg(test)]
mod tests;
