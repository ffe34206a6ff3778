//! Clients that watch: thousands of sockets on one thread, from several addresses so that ports do not run out.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::sync::{Semaphore, watch};

use super::board::Board;
use super::client::Client;
use super::runs::Clock;
use super::wire;

/// Clients that connect at a time.
const CONNECTING_MAX: usize = 32;
/// Descriptors beside those of the clients.
const OTHER_DESCRIPTORS: u64 = 200;
/// How long anything may take that clients do.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);

/// What all clients shall do, each at another moment of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Connect, and no more. Metrics come by themselves after a second.
    Connect,
    Subscribe(&'static str, Duration),
    /// From the topic.
    Unsubscribe(&'static str, Duration),
    Leave,
}

/// What all clients write down.
#[derive(Debug, Default)]
pub(super) struct Shared {
    board: Mutex<Board>,
    pub(super) connected: AtomicUsize,
    /// Clients that have done what they should last.
    pub(super) done: AtomicUsize,
    lost: Mutex<Vec<String>>,
}

impl Shared {
    pub(super) fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All clients.
#[derive(Debug)]
pub(super) struct Clients {
    count: usize,
    shared: Arc<Shared>,
    wish: watch::Sender<Wish>,
    thread: JoinHandle<()>,
}

impl Clients {
    /// Connects them, one after the other.
    pub(super) fn connect(
        count: usize,
        address: SocketAddr,
        key: &str,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        raise_descriptors(count)?;
        let (wish, wishes) = watch::channel(Wish::Connect);
        let shared = Arc::new(Shared::default());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let all = run_all(
            count,
            address,
            wire::upgrade(key),
            clock,
            Arc::clone(&shared),
            wishes,
        );
        let thread = thread::Builder::new()
            .name("clients".into())
            .spawn(move || runtime.block_on(all))?;
        let clients = Self {
            count,
            shared,
            wish,
            thread,
        };
        clients.wait(&clients.shared.connected)?;
        // Until those that connected last get metrics, too.
        thread::sleep(Duration::from_millis(1_500));
        Ok(clients)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Has all subscribe with a message, and waits until each has the snapshot.
    pub(super) fn subscribe(&self, message: &'static str, over: Duration) -> anyhow::Result<()> {
        self.have(Wish::Subscribe(message, over))
    }

    /// Has all unsubscribe from a topic.
    pub(super) fn unsubscribe(&self, topic: &'static str, over: Duration) -> anyhow::Result<()> {
        self.have(Wish::Unsubscribe(topic, over))
    }

    fn have(&self, wish: Wish) -> anyhow::Result<()> {
        self.shared.done.store(0, Ordering::Relaxed);
        self.wish.send_replace(wish);
        self.wait(&self.shared.done)
    }

    fn wait(&self, done: &AtomicUsize) -> anyhow::Result<()> {
        let started = Instant::now();
        while done.load(Ordering::Relaxed) < self.count {
            self.check()?;
            ensure!(
                started.elapsed() < TIMEOUT,
                "only {} of {} clients are there",
                done.load(Ordering::Relaxed),
                self.count
            );
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Whether all are well.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let lost = self.shared.lost.lock().unwrap_or_else(PoisonError::into_inner);
        match lost.first() {
            None => Ok(()),
            Some(first) => bail!("{} clients were lost; {first}", lost.len()),
        }
    }

    /// Looks at what was told so far.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Board) -> T) -> T {
        look(&self.shared.board())
    }

    /// Has all leave.
    pub(super) fn leave(self) -> anyhow::Result<()> {
        self.check()?;
        self.wish.send_replace(Wish::Leave);
        self.thread
            .join()
            .map_err(|_| anyhow!("the thread of the clients panicked"))
    }
}

/// This process may open that many sockets. The server raises its own limit.
fn raise_descriptors(clients: usize) -> anyhow::Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let needed = clients as u64 + OTHER_DESCRIPTORS;
    ensure!(
        needed <= hard,
        "{clients} clients need {needed} descriptors, and {hard} are allowed (ulimit -Hn)"
    );
    if soft < needed {
        setrlimit(Resource::RLIMIT_NOFILE, needed, hard)?;
    }
    Ok(())
}

/// Connects all, a few at a time, and waits until all have left.
async fn run_all(
    count: usize,
    address: SocketAddr,
    upgrade: Vec<u8>,
    clock: Clock,
    shared: Arc<Shared>,
    wishes: watch::Receiver<Wish>,
) {
    let (connecting, upgrade) = (Arc::new(Semaphore::new(CONNECTING_MAX)), Arc::new(upgrade));
    let mut tasks = Vec::with_capacity(count);
    for number in 0..count {
        let place = Arc::clone(&connecting).acquire_owned().await;
        let (shared, upgrade, wishes) = (Arc::clone(&shared), Arc::clone(&upgrade), wishes.clone());
        tasks.push(tokio::spawn(async move {
            let client = Client::connect(number, count, address, &upgrade, clock, Arc::clone(&shared)).await;
            drop((place, upgrade));
            let watched = match client {
                Ok(client) => client.watch(wishes).await,
                Err(error) => Err(error),
            };
            if let Err(error) = watched {
                let mut lost = shared.lost.lock().unwrap_or_else(PoisonError::into_inner);
                lost.push(format!("client {number}: {error:#}"));
            }
        }));
    }
    for task in tasks {
        // One that panicked is missed by whoever waits for it.
        let _ = task.await;
    }
}
