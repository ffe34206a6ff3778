//! Who may read now, who waits, and who is refused.

use std::time::Duration;

use tacho_core::OrganizationId;

use super::EngineError;
use crate::turns::{TooManyWait, Turn, Turns};

/// A bounded number of readers, with a bounded queue before them that serves organizations in turn. Heavy questions have
/// half of the readers at most, so that they wait for each other and light ones pass; an organization has half of either
/// while others ask, too.
pub(super) struct Admission {
    readers: Turns,
    heavy: Turns,
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
#[derive(Debug)]
pub(super) struct Permit {
    _reader: Turn,
    _heavy: Option<Turn>,
}

impl Admission {
    pub(super) fn new(readers: usize, waiting_max: usize, wait_max: Duration) -> Self {
        Self {
            readers: Turns::leaving_half(readers, waiting_max),
            heavy: Turns::leaving_half(readers / 2, waiting_max),
            wait_max,
        }
    }

    /// Waits for a reader, first come, first served among those of the same organization and weight.
    pub(super) async fn enter(
        &self,
        weight: Weight,
        organization: OrganizationId,
    ) -> Result<Permit, EngineError> {
        let entered = tokio::time::timeout(self.wait_max, self.wait(weight, organization)).await;
        entered
            .unwrap_or(Err(TooManyWait))
            .map_err(|TooManyWait| EngineError::Overloaded {
                retry_after: Duration::from_secs(self.wait_max.as_secs().max(1)),
            })
    }

    async fn wait(&self, weight: Weight, organization: OrganizationId) -> Result<Permit, TooManyWait> {
        // First for its turn among the heavy ones: whoever waits for that holds no reader.
        let heavy = match weight {
            Weight::Light => None,
            Weight::Heavy => Some(self.heavy.take(organization).await?),
        };
        Ok(Permit {
            _reader: self.readers.take(organization).await?,
            _heavy: heavy,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const ACME: OrganizationId = OrganizationId::from_bytes([1; 16]);

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_bounded_in_length_and_time() {
        let admission = Arc::new(Admission::new(1, 1, Duration::from_secs(5)));
        let first = admission.enter(Weight::Light, ACME).await.unwrap();
        let second = tokio::spawn({
            let admission = admission.clone();
            async move { admission.enter(Weight::Light, ACME).await.map(drop) }
        });
        tokio::task::yield_now().await;
        // One reads, one waits: a third is refused at once.
        assert!(matches!(
            admission.enter(Weight::Light, ACME).await,
            Err(EngineError::Overloaded { .. })
        ));
        drop(first);
        second.await.unwrap().unwrap();

        let _first = admission.enter(Weight::Light, ACME).await.unwrap();
        let before = tokio::time::Instant::now();
        assert!(matches!(
            admission.enter(Weight::Light, ACME).await,
            Err(EngineError::Overloaded { .. })
        ));
        assert_eq!(before.elapsed(), Duration::from_secs(5));
        // Who has given up does not count: the next one waits, too.
        assert!(admission.enter(Weight::Light, ACME).await.is_err());
        assert_eq!(before.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn light_questions_pass_heavy_ones() {
        let admission = Arc::new(Admission::new(4, 10, Duration::from_secs(5)));
        let first = admission.enter(Weight::Heavy, ACME).await.unwrap();
        let _second = admission.enter(Weight::Heavy, ACME).await.unwrap();
        let third = tokio::spawn({
            let admission = admission.clone();
            async move { admission.enter(Weight::Heavy, ACME).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(!third.is_finished());
        let light = [
            admission.enter(Weight::Light, ACME).await.unwrap(),
            admission.enter(Weight::Light, ACME).await.unwrap(),
        ];
        drop(light);
        drop(first);
        third.await.unwrap().unwrap();
    }
}
