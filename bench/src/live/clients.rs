//! Clients that watch: thousands of sockets on one thread, from several addresses so that ports do not run out.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant as Moment, sleep, sleep_until};

use super::board::{Board, Position};
use super::runs::Clock;
use super::wire::{self, Heard};

/// Clients of one address.
const OF_ONE_ADDRESS: usize = 2_000;
/// Clients that connect at a time.
const CONNECTING_MAX: usize = 32;
/// Descriptors beside those of the clients.
const OTHER_DESCRIPTORS: u64 = 200;
/// Bytes read at a time.
const READ_BYTES: usize = 256 * 1024;
const TIMEOUT: Duration = Duration::from_secs(60);

thread_local! {
    /// What is read at the moment, whoever reads: a client that waits for nothing keeps nothing.
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into());
}

/// What all clients shall do, each at another moment of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// Connect, and no more. Metrics come by themselves after a second.
    Connect,
    Subscribe(&'static str, Duration),
    /// From the topic.
    Unsubscribe(&'static str, Duration),
    Leave,
}

#[derive(Debug, Default)]
struct Shared {
    board: Mutex<Board>,
    connected: AtomicUsize,
    /// Clients that have done what they should last.
    done: AtomicUsize,
    lost: Mutex<Vec<String>>,
}

impl Shared {
    fn board(&self) -> MutexGuard<'_, Board> {
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
        let upgrade: Arc<[u8]> = wire::upgrade(key).into();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let all = {
            let shared = Arc::clone(&shared);
            async move {
                let connecting = Arc::new(Semaphore::new(CONNECTING_MAX));
                let mut tasks = Vec::with_capacity(count);
                for number in 0..count {
                    let place = Arc::clone(&connecting).acquire_owned().await;
                    let (shared, upgrade, wishes) =
                        (Arc::clone(&shared), Arc::clone(&upgrade), wishes.clone());
                    tasks.push(tokio::spawn(async move {
                        let served = async {
                            let stream = open(number, address, &upgrade).await?;
                            drop(place);
                            let client = Client {
                                share: number as f64 / count as f64,
                                stream,
                                rest: Vec::new(),
                                has: None,
                                is_told: false,
                                clock,
                                shared: Arc::clone(&shared),
                            };
                            client.watch(wishes).await
                        };
                        if let Err(error) = served.await {
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
        };
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

async fn open(number: usize, address: SocketAddr, upgrade: &[u8]) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let host = u8::try_from(2 + number / OF_ONE_ADDRESS).context("too many clients")?;
    socket.bind((Ipv4Addr::new(127, 0, 0, host), 0).into())?;
    let mut stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(upgrade).await?;
    Ok(stream)
}

struct Client {
    /// Which share of the clients comes before.
    share: f64,
    stream: TcpStream,
    /// The beginning of what has not arrived as a whole.
    rest: Vec<u8>,
    has: Option<Position>,
    /// Whether it gets frames.
    is_told: bool,
    clock: Clock,
    shared: Arc<Shared>,
}

impl Client {
    async fn watch(mut self, mut wishes: watch::Receiver<Wish>) -> anyhow::Result<()> {
        while !self.agree().await? {}
        self.shared.connected.fetch_add(1, Ordering::Relaxed);
        let mut due = None;
        loop {
            tokio::select! {
                replies = self.hear() => {
                    let replies = replies?;
                    if !replies.is_empty() {
                        self.stream.write_all(&replies).await?;
                    }
                }
                changed = wishes.changed() => {
                    changed?;
                    let over = match *wishes.borrow_and_update() {
                        Wish::Leave => return Ok(()),
                        Wish::Connect => Duration::ZERO,
                        Wish::Subscribe(_, over) | Wish::Unsubscribe(_, over) => over,
                    };
                    due = Some(Moment::now() + over.mul_f64(self.share));
                }
                () = async { sleep_until(due.unwrap_or_else(Moment::now)).await }, if due.is_some() => {
                    due = None;
                    let wish = *wishes.borrow();
                    self.act(wish).await?;
                }
            }
        }
    }

    /// Reads the answer to the request for a WebSocket. Says whether it was there as a whole.
    async fn agree(&mut self) -> anyhow::Result<bool> {
        let mut bytes = [0; 2_048];
        let count = tokio::select! {
            count = tokio::io::AsyncReadExt::read(&mut self.stream, &mut bytes) => count?,
            () = sleep(TIMEOUT) => bail!("no answer"),
        };
        ensure!(count > 0, "the server hung up");
        self.rest.extend_from_slice(&bytes[..count]);
        let length = wire::consent(&self.rest)?;
        if let Some(length) = length {
            self.rest.drain(..length);
        }
        Ok(length.is_some())
    }

    async fn act(&mut self, wish: Wish) -> anyhow::Result<()> {
        match wish {
            Wish::Connect | Wish::Leave => {}
            Wish::Subscribe(message, _) => {
                self.stream.write_all(&wire::text(message)).await?;
            }
            Wish::Unsubscribe(topic, _) => {
                let message = serde_json::json!({"type": "unsubscribe", "topic": topic});
                self.stream.write_all(&wire::text(&message.to_string())).await?;
            }
        }
        Ok(())
    }

    /// Takes what has come, if something has. Returns what is to be answered.
    async fn hear(&mut self) -> anyhow::Result<Vec<u8>> {
        poll_fn(|context| {
            READ.with_borrow_mut(|read| {
                let mut buffer = ReadBuf::new(read);
                ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
                let arrived = self.clock.now();
                Poll::Ready(match buffer.filled() {
                    [] => Err(anyhow!("the server hung up")),
                    came => self.take(came, arrived),
                })
            })
        })
        .await
    }

    fn take(&mut self, came: &[u8], arrived: i64) -> anyhow::Result<Vec<u8>> {
        let joined;
        let mut bytes = came;
        if !self.rest.is_empty() {
            self.rest.extend_from_slice(came);
            joined = std::mem::take(&mut self.rest);
            bytes = &joined;
        }
        let mut replies = Vec::new();
        while let Some((heard, length)) = wire::heard(bytes)? {
            match heard {
                Heard::Ping(of) => replies.extend(wire::pong(of)),
                Heard::Close(code) => bail!("the server ended it with {code}"),
                Heard::Text(text) => self.told(text, arrived)?,
            }
            bytes = &bytes[length..];
        }
        self.rest = bytes.to_vec();
        Ok(replies)
    }

    fn told(&mut self, text: &[u8], arrived: i64) -> anyhow::Result<()> {
        const FRAMES: [&[u8]; 2] = [b"{\"type\":\"executions\"", b"{\"type\":\"metrics_update\""];
        if FRAMES.iter().any(|begin| text.starts_with(begin)) {
            let is_first = self.has.is_none();
            self.has = Some(self.shared.board().got(self.has, text, arrived)?);
            if is_first && self.is_told {
                self.shared.done.fetch_add(1, Ordering::Relaxed);
            }
            return Ok(());
        }
        let message: serde_json::Value = serde_json::from_slice(text)?;
        match message["type"].as_str() {
            // What came before was of the topic that comes by itself.
            Some("subscribed") => (self.is_told, self.has) = (true, None),
            Some("unsubscribed") => {
                (self.is_told, self.has) = (false, None);
                self.shared.done.fetch_add(1, Ordering::Relaxed);
            }
            _ => bail!("the server says {message}"),
        }
        Ok(())
    }
}
