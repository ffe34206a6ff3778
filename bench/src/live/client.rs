//! One client that watches: what it says, and what it makes of what it hears.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Poll, ready};
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::board::Position;
use super::clients::{Shared, TIMEOUT, Wish};
use super::runs::Clock;
use super::wire::{self, Heard};

/// Clients of one address.
const OF_ONE_ADDRESS: usize = 2_000;
/// Bytes read at a time.
const READ_BYTES: usize = 256 * 1024;
/// How frames begin; whatever else the server says is short and rare.
const FRAMES: [&[u8]; 2] = [b"{\"type\":\"executions\"", b"{\"type\":\"metrics_update\""];

thread_local! {
    /// What is read at the moment, whoever reads: a client that waits keeps nothing.
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into());
}

/// Connects from an address that has ports left.
async fn open(number: usize, address: SocketAddr, upgrade: &[u8]) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let host = u8::try_from(2 + number / OF_ONE_ADDRESS).context("too many clients")?;
    socket.bind((Ipv4Addr::new(127, 0, 0, host), 0).into())?;
    let mut stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(upgrade).await?;
    Ok(stream)
}

pub(super) struct Client {
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
    /// Connects as one of so many.
    pub(super) async fn connect(
        number: usize,
        count: usize,
        address: SocketAddr,
        upgrade: &[u8],
        clock: Clock,
        shared: Arc<Shared>,
    ) -> anyhow::Result<Self> {
        let mut client = Self {
            share: number as f64 / count as f64,
            stream: open(number, address, upgrade).await?,
            rest: Vec::new(),
            has: None,
            is_told: false,
            clock,
            shared,
        };
        while !client.agree().await? {}
        client.shared.connected.fetch_add(1, Ordering::Relaxed);
        Ok(client)
    }

    /// Does as it is wished, and listens, until it shall leave.
    pub(super) async fn watch(mut self, mut wishes: watch::Receiver<Wish>) -> anyhow::Result<()> {
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
                    due = Some(Instant::now() + over.mul_f64(self.share));
                }
                () = async { sleep_until(due.unwrap_or_else(Instant::now)).await }, if due.is_some() => {
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
        let count = timeout(TIMEOUT, self.stream.read(&mut bytes))
            .await
            .context("no answer")??;
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
