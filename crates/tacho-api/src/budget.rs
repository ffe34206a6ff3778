//! A bound on the bytes of all request bodies held in memory at once: a bound per request alone would still let many
//! requests take all memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that may still be taken. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct ByteBudget(Arc<AtomicUsize>);

/// Bytes that were taken; given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: ByteBudget,
    bytes: usize,
}

/// There are not that many bytes left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BudgetSpent;

impl ByteBudget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// Nothing yet; grows with [`Reservation::grow`].
    pub(crate) fn reserve(&self) -> Reservation {
        Reservation {
            budget: self.clone(),
            bytes: 0,
        }
    }
}

impl Reservation {
    /// Takes more bytes, or none if there are not that many left.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), BudgetSpent> {
        self.budget
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(bytes)
            })
            .map_err(|_| BudgetSpent)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.0.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_when_the_reservation_is_dropped() {
        let budget = ByteBudget::new(10);
        let mut one = budget.reserve();
        let mut two = budget.reserve();
        one.grow(6).unwrap();
        assert_eq!(two.grow(5), Err(BudgetSpent));
        two.grow(4).unwrap();
        drop(one);
        two.grow(6).unwrap();
        assert_eq!(two.grow(1), Err(BudgetSpent));
    }
}
