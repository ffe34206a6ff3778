//! A bounded number of places that organizations share fairly: while all are taken, whoever waits is served organization
//! by organization in turn. So one that sends or asks without end makes itself wait, and no other for longer than one of
//! its places lasts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tacho_core::OrganizationId;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// An organization may wait this many times for each that could still wait: alone it gets most of the queue, and the
/// more of them fill it, the less each gets, but never all of it (dynamic thresholds, Choudhury and Hahne 1998).
const SHARE: usize = 4;
/// Whoever took or wanted a place within this time is taken for one who will again: pages refresh every five seconds.
const LATELY: Duration = Duration::from_secs(10);

/// The places. Clones share them.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    waiting_max: usize,
    /// What one organization holds at most while others come, too.
    held_max: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// The next to be served is in front. While a place is free, only organizations wait that hold what they may.
    lines: VecDeque<Line>,
    /// Those that came lately, or hold places.
    guests: Vec<Guest>,
}

/// Those of one organization who wait.
#[derive(Debug)]
struct Line {
    organization: OrganizationId,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

#[derive(Debug)]
struct Guest {
    organization: OrganizationId,
    held: usize,
    came_at: Instant,
}

/// A place, as long as it lives.
#[derive(Debug)]
pub struct Turn {
    organization: OrganizationId,
    /// None if it was never received, and goes to somebody else.
    shared: Option<Arc<Shared>>,
}

/// Too many of the organization wait, or of all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many wait already")]
pub struct TooManyWait;

impl Turns {
    /// So many places, at least one, and so many that may wait for them. For places that are soon free again.
    pub fn new(places: usize, waiting_max: usize) -> Self {
        Self::holding_at_most(places, places, waiting_max)
    }

    /// The same for places that may be taken for long: while several organizations come, none holds more than half of
    /// them, so that another finds one free, and what it does there is not one of many things that are done at once.
    pub fn leaving_half(places: usize, waiting_max: usize) -> Self {
        Self::holding_at_most(places / 2, places, waiting_max)
    }

    fn holding_at_most(held_max: usize, places: usize, waiting_max: usize) -> Self {
        Self(Arc::new(Shared {
            waiting_max,
            held_max: held_max.max(1),
            state: Mutex::new(State {
                free: places.max(1),
                lines: VecDeque::new(),
                guests: Vec::new(),
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
            state.note(organization);
            if state.free > 0 && state.may_hold_more(organization, self.0.held_max) {
                state.hold(organization);
                return Ok(self.0.turn(organization));
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

    fn turn(self: &Arc<Self>, organization: OrganizationId) -> Turn {
        Turn {
            organization,
            shared: Some(self.clone()),
        }
    }

    /// Takes a place back and gives what is free to those who still wait.
    fn pass_on(self: Arc<Self>, mut organization: OrganizationId) {
        loop {
            self.lock().release(organization);
            loop {
                let Some((next, sender)) = self.lock().next(self.held_max) else {
                    return;
                };
                if let Err(mut turn) = sender.send(self.turn(next)) {
                    // Gone meanwhile. What comes back must not be passed on by itself, or this would go ever deeper.
                    turn.shared = None;
                    organization = next;
                    break;
                }
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

    /// Notes that it came, and forgets who has not come for a while.
    fn note(&mut self, organization: OrganizationId) {
        let now = Instant::now();
        self.guests
            .retain(|guest| guest.held > 0 || now.duration_since(guest.came_at) < LATELY);
        match self.guest(organization) {
            Some(guest) => guest.came_at = now,
            None => self.guests.push(Guest {
                organization,
                held: 0,
                came_at: now,
            }),
        }
    }

    fn guest(&mut self, organization: OrganizationId) -> Option<&mut Guest> {
        self.guests
            .iter_mut()
            .find(|guest| guest.organization == organization)
    }

    fn may_hold_more(&self, organization: OrganizationId, held_max: usize) -> bool {
        let now = Instant::now();
        let mut is_alone = true;
        let mut held = 0;
        for guest in &self.guests {
            if guest.organization == organization {
                held = guest.held;
            } else {
                is_alone &= guest.held == 0 && now.duration_since(guest.came_at) >= LATELY;
            }
        }
        is_alone || held < held_max
    }

    fn hold(&mut self, organization: OrganizationId) {
        self.free -= 1;
        if let Some(guest) = self.guest(organization) {
            guest.held += 1;
        }
    }

    fn release(&mut self, organization: OrganizationId) {
        self.free += 1;
        if let Some(guest) = self.guest(organization) {
            guest.held -= 1;
        }
    }

    /// Gives a free place to the first of the first line whose organization may have it. The line goes to the end if more
    /// wait in it.
    fn next(&mut self, held_max: usize) -> Option<(OrganizationId, oneshot::Sender<Turn>)> {
        if self.free == 0 {
            return None;
        }
        let at = self
            .lines
            .iter()
            .position(|line| self.may_hold_more(line.organization, held_max))?;
        let mut line = self.lines.remove(at)?;
        let (organization, next) = (line.organization, line.waiting.pop_front()?);
        if !line.waiting.is_empty() {
            self.lines.push_back(line);
        }
        self.hold(organization);
        Some((organization, next))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.pass_on(self.organization);
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

    #[tokio::test(start_paused = true)]
    async fn while_others_come_half_of_the_places_are_left_to_them() {
        let turns = Turns::leaving_half(4, 100);
        // Alone it has all of them.
        let mut alone = Vec::new();
        for _ in 0..4 {
            alone.push(turns.take(LOUD).await.unwrap());
        }
        let served = Arc::default();
        let waits = wait(&turns, QUIET, &served).await;
        drop(alone);
        waits.await.unwrap();
        // Another was here, and may come again.
        let [first, _second] = [turns.take(LOUD).await.unwrap(), turns.take(LOUD).await.unwrap()];
        let mut third = Box::pin(turns.take(LOUD));
        assert!(timeout(Duration::ZERO, &mut third).await.is_err());
        let quiet = timeout(Duration::ZERO, turns.take(QUIET)).await.unwrap().unwrap();
        drop(quiet);
        assert!(timeout(Duration::ZERO, &mut third).await.is_err());
        // It does not: the next place that is given back shows it.
        tokio::time::advance(LATELY).await;
        drop(first);
        timeout(Duration::ZERO, &mut third).await.unwrap().unwrap();
    }
}
