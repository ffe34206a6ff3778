//! Judges one organization, look by look.

use std::sync::Arc;
use std::time::Duration;

use tacho_core::{OrganizationId, Scope, Timestamp};
use tacho_live::{Detector, Expired, SETTLE_US, State, Subjects};
use tacho_store::Lsn;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::book::Book;
use super::close::{as_timed_out, unheard};
use super::learn::learn;
use super::{DetectionError, Shared};
use crate::Follower;

/// For how long a look waits until the state has everything that was committed before.
const CATCH_UP_MAX: Duration = Duration::from_secs(5);
const CATCH_UP_EVERY: Duration = Duration::from_millis(50);
/// How long what is usual is taken as known.
const SUBJECTS_LIFE: Duration = Duration::from_secs(600);
/// Executions that one look closes at most.
const CLOSED_MAX: usize = 1_000;

/// One organization's.
pub(super) struct Guard {
    shared: Arc<Shared>,
    organization: OrganizationId,
    watching: Option<Watching>,
}

/// What it knows once there is something to judge.
struct Watching {
    follower: Follower,
    detector: Detector,
    book: Book,
    subjects: Arc<Subjects>,
    learned_at: Instant,
    learned_lsn: Lsn,
}

impl Guard {
    pub(super) fn of(organization: OrganizationId, shared: Arc<Shared>) -> Self {
        Self {
            shared,
            organization,
            watching: None,
        }
    }

    /// Looks again and again, until it is told to stop.
    pub(super) async fn watch_over(mut self, mut stopping: watch::Receiver<bool>) {
        while !*stopping.borrow() {
            if let Err(error) = self.look().await {
                // What could not be written down would never be known to end: what is open is read again.
                self.watching = None;
                tracing::warn!(organization = %self.organization, %error, "could not look for what goes wrong; trying again");
            }
            let _ = timeout(self.shared.config.interval, stopping.changed()).await;
        }
    }

    async fn look(&mut self) -> Result<(), DetectionError> {
        let committed = self.shared.parts.ingest.committed_lsn(self.organization);
        if committed == 0 {
            return Ok(());
        }
        let mut watching = match self.watching.take() {
            Some(watching) => watching,
            None if !self.has_applied(committed) => return Ok(()),
            None => self.begin(committed).await?,
        };
        self.learn_anew(&mut watching, committed).await;
        if let Some(state) = self.current(&mut watching.follower, committed).await {
            self.judge(&mut watching, state).await?;
        }
        self.watching = Some(watching);
        Ok(())
    }

    /// Finds out what is usual, if that was long ago and something has come since. Until it is known, what was goes on.
    async fn learn_anew(&self, watching: &mut Watching, committed: Lsn) {
        if watching.learned_at.elapsed() < SUBJECTS_LIFE || watching.learned_lsn == committed {
            return;
        }
        match learn(&self.shared.parts.engine, &self.scope(), self.now()).await {
            Ok(subjects) => {
                watching.subjects = Arc::new(subjects);
                (watching.learned_at, watching.learned_lsn) = (Instant::now(), committed);
            }
            Err(error) => {
                tracing::warn!(organization = %self.organization, %error, "could not find out what is usual; trying again");
            }
        }
    }

    /// Whether the store has everything up to there. To read one that is far behind the journal would be for nothing.
    fn has_applied(&self, committed: Lsn) -> bool {
        let ingest = &self.shared.parts.ingest;
        ingest.wait_until_applied(self.organization, committed, Duration::ZERO)
    }

    fn scope(&self) -> Scope {
        Scope::all(self.organization)
    }

    fn now(&self) -> Timestamp {
        (self.shared.now)()
    }

    /// Begins with what was open when the process before ended.
    async fn begin(&self, committed: Lsn) -> Result<Watching, DetectionError> {
        let parts = &self.shared.parts;
        let scope = self.scope();
        let watch = parts
            .hub
            .watch(&scope)
            .map_err(|_| DetectionError::TooManyViews)?;
        let book = Book::open(parts.metastore.clone(), self.organization).await?;
        self.shared
            .board
            .put_up(self.organization, book.open_detections());
        let mut detector = Detector::new(self.shared.patience_us());
        detector.resume(book.to_resume());
        Ok(Watching {
            subjects: Arc::new(learn(&parts.engine, &scope, self.now()).await?),
            learned_at: Instant::now(),
            learned_lsn: committed,
            follower: Follower::new(parts.engine.clone(), scope, Arc::new(watch)),
            detector,
            book,
        })
    }

    /// The state, with everything that was committed up to there; `None` if it is behind.
    async fn current(&self, follower: &mut Follower, committed: Lsn) -> Option<State> {
        let until = Instant::now() + CATCH_UP_MAX;
        loop {
            let has_all = |state: &State| state.current_since().is_some() && state.as_of_lsn() >= committed;
            let watch = follower.watch();
            if let Some(state) = watch
                .look(|state, _| has_all(state).then(|| state.clone()))
                .flatten()
            {
                return Some(state);
            }
            if self.has_applied(committed) {
                follower.read(self.now()).await;
            }
            if Instant::now() >= until {
                tracing::debug!(organization = %self.organization, committed, "live state is behind; nothing is judged");
                return None;
            }
            sleep(CATCH_UP_EVERY).await;
        }
    }

    async fn judge(&self, watching: &mut Watching, state: State) -> Result<(), DetectionError> {
        let now = self.now();
        let (mut detector, subjects) = (std::mem::take(&mut watching.detector), watching.subjects.clone());
        let known = i64::try_from(state.active().count()).unwrap_or(i64::MAX);
        // Before the state has settled, what senders kept meanwhile is still to come.
        let is_settled = state
            .current_since()
            .is_some_and(|since| now.micros_since(since) >= SETTLE_US);
        let is_partial = is_settled && state.queued() + state.running() > known;
        let judging = tokio::task::spawn_blocking(move || {
            let judged = detector.judge(&state, &subjects, now);
            (detector, judged)
        });
        let (detector, judged) = judging.await?;
        watching.detector = detector;
        if watching.book.write(judged.begun, judged.ended).await? {
            let open = watching.book.open_detections();
            self.shared.board.put_up(self.organization, open);
        }
        // Those that are not closed now are told of by the next look again.
        let closing = self.close(judged.expired, is_partial, &watching.subjects, now);
        if let Err(error) = closing.await {
            tracing::warn!(organization = %self.organization, %error, "could not close executions that were not heard of any more; trying again");
        }
        Ok(())
    }

    async fn close(
        &self,
        mut expired: Vec<Expired>,
        is_partial: bool,
        subjects: &Subjects,
        now: Timestamp,
    ) -> Result<(), DetectionError> {
        if is_partial {
            expired.extend(unheard(&self.shared, &self.scope(), subjects, now).await?);
        }
        expired.truncate(CLOSED_MAX);
        if expired.is_empty() {
            return Ok(());
        }
        let records: Vec<_> = expired.iter().map(|expired| as_timed_out(expired, now)).collect();
        tracing::info!(organization = %self.organization, executions = records.len(), "closing executions that were not heard of any more");
        self.shared
            .parts
            .ingest
            .accept(self.organization, records, now)
            .await?;
        Ok(())
    }
}
