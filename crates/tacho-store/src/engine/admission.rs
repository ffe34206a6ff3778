//! Who may read now, who waits, and who is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::EngineError;

/// A bounded number of readers, with a bounded queue before them.
pub(super) struct Admission {
    readers: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
    wait_max: Duration,
}

/// One that waits; counted as long as it lives, so that one who gives up is not counted any more.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Admission {
    pub(super) fn new(readers: usize, waiting_max: usize, wait_max: Duration) -> Self {
        Self {
            readers: Arc::new(Semaphore::new(readers.max(1))),
            waiting: AtomicUsize::new(0),
            waiting_max,
            wait_max,
        }
    }

    /// Waits for a reader, first come, first served.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit, EngineError> {
        if let Ok(permit) = self.readers.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let overloaded = EngineError::Overloaded {
            retry_after: Duration::from_secs(self.wait_max.as_secs().max(1)),
        };
        let waiting = Waiting(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= self.waiting_max {
            return Err(overloaded);
        }
        let entered = tokio::time::timeout(self.wait_max, self.readers.clone().acquire_owned()).await;
        drop(waiting);
        match entered {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(overloaded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_bounded_in_length_and_time() {
        let admission = Arc::new(Admission::new(1, 1, Duration::from_secs(5)));
        let first = admission.enter().await.unwrap();
        let second = tokio::spawn({
            let admission = admission.clone();
            async move { admission.enter().await.map(drop) }
        });
        tokio::task::yield_now().await;
        // One reads, one waits: a third is refused at once.
        assert!(matches!(
            admission.enter().await,
            Err(EngineError::Overloaded { .. })
        ));
        drop(first);
        second.await.unwrap().unwrap();

        let _first = admission.enter().await.unwrap();
        let before = tokio::time::Instant::now();
        assert!(matches!(
            admission.enter().await,
            Err(EngineError::Overloaded { .. })
        ));
        assert_eq!(before.elapsed(), Duration::from_secs(5));
        assert_eq!(admission.waiting.load(Ordering::Acquire), 0);
    }
}
