//! A bound on the bytes of all request bodies held in memory at once: a bound per request alone would still let many
//! requests take all memory. Organizations share it: none can take all of it from the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tacho_core::OrganizationId;

/// An organization may hold this many times what is left (a dynamic threshold, as [`tacho_store::Turns`] has).
const SHARE: usize = 4;

/// Bytes that may still be taken. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct ByteBudget(Arc<Mutex<Bytes>>);

#[derive(Debug)]
struct Bytes {
    left: usize,
    /// What each organization holds; no entry is nothing.
    held: HashMap<OrganizationId, usize>,
}

/// Bytes that were taken; given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: ByteBudget,
    organization: OrganizationId,
    bytes: usize,
}

/// There are not that many bytes left, or not for the organization.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BudgetSpent;

impl ByteBudget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Bytes {
            left: bytes,
            held: HashMap::new(),
        })))
    }

    /// Nothing yet; grows with [`Reservation::grow`].
    pub(crate) fn reserve(&self, organization: OrganizationId) -> Reservation {
        Reservation {
            budget: self.clone(),
            organization,
            bytes: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// Takes more bytes, or none if there are not that many left for the organization.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), BudgetSpent> {
        let mut budget = self.budget.lock();
        let held = budget.held.get(&self.organization).copied().unwrap_or(0);
        if bytes > budget.left || held > SHARE.saturating_mul(budget.left) {
            return Err(BudgetSpent);
        }
        budget.left -= bytes;
        budget.held.insert(self.organization, held + bytes);
        drop(budget);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut budget = self.budget.lock();
        budget.left += self.bytes;
        if let Some(held) = budget.held.get_mut(&self.organization) {
            *held -= self.bytes;
            if *held == 0 {
                budget.held.remove(&self.organization);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: OrganizationId = OrganizationId::from_bytes([1; 16]);
    const QUIET: OrganizationId = OrganizationId::from_bytes([2; 16]);

    #[test]
    fn bytes_come_back_when_the_reservation_is_dropped() {
        let budget = ByteBudget::new(10);
        let mut one = budget.reserve(LOUD);
        let mut two = budget.reserve(QUIET);
        one.grow(6).unwrap();
        assert_eq!(two.grow(5), Err(BudgetSpent));
        two.grow(4).unwrap();
        drop(one);
        two.grow(6).unwrap();
        assert_eq!(two.grow(1), Err(BudgetSpent));
        drop(two);
        assert!(budget.lock().held.is_empty());
    }

    #[test]
    fn an_organization_leaves_something_for_others() {
        let budget = ByteBudget::new(100);
        let mut loud: Vec<Reservation> = (0..100).map(|_| budget.reserve(LOUD)).collect();
        let taken = loud.iter_mut().filter_map(|one| one.grow(1).ok()).count();
        assert_eq!(taken, 81);
        budget.reserve(QUIET).grow(19).unwrap();
    }
}
