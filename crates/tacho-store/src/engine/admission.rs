//! Who may read now, who waits, and who is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::EngineError;

/// A bounded number of readers, with a bounded queue before them. Heavy questions have half of the readers at most, so that
/// they wait for each other and light ones pass.
pub(super) struct Admission {
    readers: Arc<Semaphore>,
    heavy: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
    wait_max: Duration,
}

/// How much there is to do for a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// Milliseconds.
    Light,
    /// Perhaps seconds.
    Heavy,
}

/// Leave to read, as long as it lives.
pub(super) struct Permit {
    _reader: OwnedSemaphorePermit,
    _heavy: Option<OwnedSemaphorePermit>,
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
            heavy: Arc::new(Semaphore::new((readers / 2).max(1))),
            waiting: AtomicUsize::new(0),
            waiting_max,
            wait_max,
        }
    }

    /// Waits for a reader, first come, first served among those of the same weight.
    pub(super) async fn enter(&self, weight: Weight) -> Result<Permit, EngineError> {
        if let Some(permit) = self.try_enter(weight) {
            return Ok(permit);
        }
        let overloaded = EngineError::Overloaded {
            retry_after: Duration::from_secs(self.wait_max.as_secs().max(1)),
        };
        let waiting = Waiting(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= self.waiting_max {
            return Err(overloaded);
        }
        let entered = tokio::time::timeout(self.wait_max, self.wait(weight)).await;
        drop(waiting);
        entered.ok().flatten().ok_or(overloaded)
    }

    fn try_enter(&self, weight: Weight) -> Option<Permit> {
        let heavy = match weight {
            Weight::Light => None,
            Weight::Heavy => Some(self.heavy.clone().try_acquire_owned().ok()?),
        };
        Some(Permit {
            _reader: self.readers.clone().try_acquire_owned().ok()?,
            _heavy: heavy,
        })
    }

    async fn wait(&self, weight: Weight) -> Option<Permit> {
        // First for its turn among the heavy ones: whoever waits for that holds no reader.
        let heavy = match weight {
            Weight::Light => None,
            Weight::Heavy => Some(self.heavy.clone().acquire_owned().await.ok()?),
        };
        Some(Permit {
            _reader: self.readers.clone().acquire_owned().await.ok()?,
            _heavy: heavy,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_bounded_in_length_and_time() {
        let admission = Arc::new(Admission::new(1, 1, Duration::from_secs(5)));
        let first = admission.enter(Weight::Light).await.unwrap();
        let second = tokio::spawn({
            let admission = admission.clone();
            async move { admission.enter(Weight::Light).await.map(drop) }
        });
        tokio::task::yield_now().await;
        // One reads, one waits: a third is refused at once.
        assert!(matches!(
            admission.enter(Weight::Light).await,
            Err(EngineError::Overloaded { .. })
        ));
        drop(first);
        second.await.unwrap().unwrap();

        let _first = admission.enter(Weight::Light).await.unwrap();
        let before = tokio::time::Instant::now();
        assert!(matches!(
            admission.enter(Weight::Light).await,
            Err(EngineError::Overloaded { .. })
        ));
        assert_eq!(before.elapsed(), Duration::from_secs(5));
        assert_eq!(admission.waiting.load(Ordering::Acquire), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn light_questions_pass_heavy_ones() {
        let admission = Arc::new(Admission::new(4, 10, Duration::from_secs(5)));
        let first = admission.enter(Weight::Heavy).await.unwrap();
        let _second = admission.enter(Weight::Heavy).await.unwrap();
        let third = tokio::spawn({
            let admission = admission.clone();
            async move { admission.enter(Weight::Heavy).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(!third.is_finished());
        let light = [
            admission.enter(Weight::Light).await.unwrap(),
            admission.enter(Weight::Light).await.unwrap(),
        ];
        drop(light);
        drop(first);
        third.await.unwrap().unwrap();
    }
}
