//! Stands between a server and its Redis, and tells the server something else than Redis said.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Values shorter than this are not answers but words of the protocol.
const ANSWER_BYTES_MIN: usize = 64;
const DELAY: Duration = Duration::from_millis(700);

/// How it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    /// The truth, late.
    Slow,
    /// Every kept answer has bytes flipped.
    Flipped,
    /// Every kept answer ends early.
    Truncated,
    /// Every kept answer is the one that was read before, of another question or organization.
    OfAnother,
    /// No Redis speaks like that.
    Garbage,
}

impl Lie {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Slow => "Redis slow (700 ms)",
            Self::Flipped => "Redis lying: flipped bytes",
            Self::Truncated => "Redis lying: values cut short",
            Self::OfAnother => "Redis lying: values of other keys and organizations",
            Self::Garbage => "Redis lying: no Redis at all",
        }
    }
}

struct Shared {
    lie: Lie,
    is_lying: AtomicBool,
    lies: AtomicUsize,
    before: Mutex<Option<Vec<u8>>>,
}

pub(super) struct Liar {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Liar {
    /// Begins with the truth.
    pub(super) fn start(redis: SocketAddr, lie: Lie) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            lie,
            is_lying: AtomicBool::new(false),
            lies: AtomicUsize::new(0),
            before: Mutex::default(),
        });
        let telling = shared.clone();
        // Ends with the process; a trial has a few.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = telling.clone();
                thread::spawn(move || shared.stand_between(&client, redis));
            }
        });
        Ok(Self { address, shared })
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    pub(super) fn begin(&self) {
        self.shared.is_lying.store(true, Ordering::Release);
    }

    pub(super) fn end(&self) {
        self.shared.is_lying.store(false, Ordering::Release);
    }

    /// How often it has lied.
    pub(super) fn lies(&self) -> usize {
        self.shared.lies.load(Ordering::Acquire)
    }
}

impl Shared {
    fn stand_between(&self, client: &TcpStream, redis: SocketAddr) {
        let Ok(redis) = TcpStream::connect(redis) else {
            return;
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                let _ = io::copy(&mut &*client, &mut &redis);
                let _ = redis.shutdown(Shutdown::Both);
            });
            let _ = self.tell(&redis, client);
            let _ = client.shutdown(Shutdown::Both);
        });
    }

    /// Passes on what Redis says, line by line and value by value.
    fn tell(&self, redis: &TcpStream, mut client: &TcpStream) -> io::Result<()> {
        let mut said = BufReader::new(redis);
        let mut line = Vec::new();
        while said.read_until(b'\n', &mut line)? > 0 {
            let length = std::str::from_utf8(&line)
                .ok()
                .and_then(|line| line.strip_prefix('$')?.trim().parse::<usize>().ok());
            let mut value = Vec::new();
            if let Some(length) = length {
                value.resize(length + 2, 0);
                said.read_exact(&mut value)?;
            }
            let is_answer = length.is_some_and(|length| length >= ANSWER_BYTES_MIN);
            match is_answer {
                true => {
                    value.truncate(value.len() - 2);
                    client.write_all(&self.retold(value))?;
                }
                false => {
                    if self.is_lying.load(Ordering::Acquire) && self.lie == Lie::Garbage {
                        self.lies.fetch_add(1, Ordering::AcqRel);
                        client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
                    } else {
                        client.write_all(&[line.as_slice(), &value].concat())?;
                    }
                }
            }
            line.clear();
        }
        Ok(())
    }

    /// What the server is told of a kept answer.
    fn retold(&self, value: Vec<u8>) -> Vec<u8> {
        let before = self
            .before
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(value.clone());
        let mut told = value;
        if self.is_lying.load(Ordering::Acquire) {
            self.lies.fetch_add(1, Ordering::AcqRel);
            match self.lie {
                Lie::Slow => thread::sleep(DELAY),
                Lie::Flipped => {
                    let middle = told.len() / 2;
                    told.iter_mut()
                        .skip(middle)
                        .step_by(17)
                        .for_each(|byte| *byte ^= 0x11);
                }
                Lie::Truncated => told.truncate(told.len() / 2),
                Lie::OfAnother => told = before.unwrap_or_default(),
                Lie::Garbage => told = b"no answer of anybody".repeat(9),
            }
        }
        [format!("${}\r\n", told.len()).as_bytes(), &told, b"\r\n"].concat()
    }
}
