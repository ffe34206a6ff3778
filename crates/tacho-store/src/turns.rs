//! A bounded number of places that organizations share fairly: while all are taken, whoever waits is served organization
//! by organization in turn. So one that sends or asks without end makes itself wait, and no other for longer than one of
//! its places lasts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tacho_core::OrganizationId;
use tokio::sync::oneshot;

/// An organization may wait this many times for each that could still wait: alone it gets most of the queue, and the
/// more of them fill it, the less each gets, but never all of it (dynamic thresholds, Choudhury and Hahne 1998).
const SHARE: usize = 4;

/// The places. Clones share them.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    waiting_max: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// The next to be served is in front. Nobody waits while a place is free.
    lines: VecDeque<Line>,
}

/// Those of one organization who wait.
#[derive(Debug)]
struct Line {
    organization: OrganizationId,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// A place, as long as it lives.
#[derive(Debug)]
pub struct Turn(Option<Arc<Shared>>);

/// Too many of the organization wait, or of all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many wait already")]
pub struct TooManyWait;

impl Turns {
    /// So many places, at least one, and so many that may wait for them.
    pub fn new(places: usize, waiting_max: usize) -> Self {
        Self(Arc::new(Shared {
            waiting_max,
            state: Mutex::new(State {
                free: places.max(1),
                lines: VecDeque::new(),
            }),
        }))
    }

    /// Waits for a place. Whoever stops waiting loses nothing but the turn.
    ///
    /// # Errors
    /// At once, if there is no place and too many wait.
    pub async fn take(&self, organization: OrganizationId) -> Result<Turn, TooManyWait> {
        let receiver = {
            let mut state = self.0.lock();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Turn(Some(self.0.clone())));
            }
            state.join(organization, self.0.waiting_max)?
        };
        // Only fails if a sender were dropped unsent, which happens to those alone whose receiver is gone.
        receiver.await.map_err(|_| TooManyWait)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a place to the next who still waits.
    fn pass_on(self: Arc<Self>) {
        loop {
            let next = {
                let mut state = self.lock();
                let Some(next) = state.next() else {
                    state.free += 1;
                    return;
                };
                next
            };
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // Gone meanwhile. What comes back must not be passed on by itself, or this would go ever deeper.
                Err(mut turn) => drop(turn.0.take()),
            }
        }
    }
}

impl State {
    /// Puts one at the end of its organization's line.
    fn join(
        &mut self,
        organization: OrganizationId,
        waiting_max: usize,
    ) -> Result<oneshot::Receiver<Turn>, TooManyWait> {
        if !self.has_room(organization, waiting_max) {
            for line in &mut self.lines {
                line.waiting.retain(|sender| !sender.is_closed());
            }
            self.lines.retain(|line| !line.waiting.is_empty());
            if !self.has_room(organization, waiting_max) {
                return Err(TooManyWait);
            }
        }
        let (sender, receiver) = oneshot::channel();
        match self.line(organization) {
            Some(at) => self.lines[at].waiting.push_back(sender),
            None => self.lines.push_back(Line {
                organization,
                waiting: [sender].into(),
            }),
        }
        Ok(receiver)
    }

    fn has_room(&self, organization: OrganizationId, waiting_max: usize) -> bool {
        let all: usize = self.lines.iter().map(|line| line.waiting.len()).sum();
        let own = self
            .line(organization)
            .map_or(0, |at| self.lines[at].waiting.len());
        own < SHARE * waiting_max.saturating_sub(all)
    }

    fn line(&self, organization: OrganizationId) -> Option<usize> {
        self.lines
            .iter()
            .position(|line| line.organization == organization)
    }

    /// Takes the first of the line in front, which goes to the end if more wait in it.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let mut line = self.lines.pop_front()?;
        let next = line.waiting.pop_front();
        if !line.waiting.is_empty() {
            self.lines.push_back(line);
        }
        next
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            shared.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::{JoinHandle, yield_now};
    use tokio::time::timeout;

    use super::*;

    const LOUD: OrganizationId = OrganizationId::from_bytes([1; 16]);
    const QUIET: OrganizationId = OrganizationId::from_bytes([2; 16]);

    /// Waits for a turn; tells who got one and passes it on.
    async fn wait(
        turns: &Turns,
        who: OrganizationId,
        served: &Arc<Mutex<Vec<OrganizationId>>>,
    ) -> JoinHandle<()> {
        let (turns, served) = (turns.clone(), served.clone());
        let task = tokio::spawn(async move {
            let turn = turns.take(who).await.unwrap();
            served.lock().unwrap().push(who);
            drop(turn);
        });
        yield_now().await;
        task
    }

    #[tokio::test]
    async fn organizations_are_served_in_turn_however_many_wait() {
        let turns = Turns::new(1, 100);
        let served = Arc::default();
        let held = turns.take(LOUD).await.unwrap();
        let mut tasks = Vec::new();
        for _ in 0..10 {
            tasks.push(wait(&turns, LOUD, &served).await);
        }
        for _ in 0..2 {
            tasks.push(wait(&turns, QUIET, &served).await);
        }
        drop(held);
        for task in tasks {
            task.await.unwrap();
        }
        let served = served.lock().unwrap();
        assert_eq!(served[..4], [LOUD, QUIET, LOUD, QUIET]);
        assert_eq!(served.len(), 12);
    }

    #[tokio::test]
    async fn who_gives_up_passes_the_turn_on() {
        let turns = Turns::new(1, 100);
        let served = Arc::default();
        let held = turns.take(LOUD).await.unwrap();
        let gives_up = wait(&turns, LOUD, &served).await;
        let next = wait(&turns, QUIET, &served).await;
        gives_up.abort();
        yield_now().await;
        drop(held);
        next.await.unwrap();
        // And one who gives up with the place on the way.
        let held = turns.take(LOUD).await.unwrap();
        let mut late = Box::pin(turns.take(QUIET));
        assert!(timeout(Duration::ZERO, &mut late).await.is_err());
        drop(held);
        drop(late);
        turns.take(LOUD).await.unwrap();
    }

    #[tokio::test]
    async fn nobody_can_fill_the_queue_for_others() {
        let turns = Turns::new(1, 10);
        let served = Arc::default();
        let _held = turns.take(LOUD).await.unwrap();
        let mut tasks = Vec::new();
        for _ in 0..8 {
            tasks.push(wait(&turns, LOUD, &served).await);
        }
        assert_eq!(turns.take(LOUD).await.map(drop), Err(TooManyWait));
        tasks.push(wait(&turns, QUIET, &served).await);
        assert!(!tasks[8].is_finished(), "it waits");
        // Those that gave up are not counted.
        tasks[..8].iter().for_each(JoinHandle::abort);
        yield_now().await;
        let again = wait(&turns, LOUD, &served).await;
        assert!(!again.is_finished(), "it waits");
    }
}
