//! A client's bytes, read as a connection reads them but without one, for the fuzz targets.

use std::io::{self, Cursor, Read, Write};

use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Message, WebSocket};

use super::said::Said;
use super::socket;

/// What a client was understood to say.
#[derive(Debug, Default)]
pub struct Overheard {
    /// The messages in their order, up to what cannot be read.
    pub messages: Vec<Heard>,
    /// Bytes that were answered before anybody looked at a message.
    pub answer_bytes: usize,
}

/// A message.
#[derive(Debug)]
pub struct Heard {
    /// Bytes of its text; 0 if it is none.
    pub text_bytes: usize,
    /// What it subscribes to, or the code of the refusal. `None` if it is about something else.
    pub channel: Option<Result<HeardChannel, &'static str>>,
}

/// What is subscribed to.
#[derive(Debug)]
pub struct HeardChannel {
    /// Under what its frames are known.
    pub name: String,
    /// What tells it from all others.
    pub identity: String,
}

/// Reads all that a client sends after the handshake. Messages may be that long.
pub fn hear(sent: &[u8], message_bytes_max: usize) -> Overheard {
    let wire = Wire {
        sent: Cursor::new(sent),
        answered: 0,
    };
    let config = socket::config(message_bytes_max);
    let mut socket = WebSocket::from_raw_socket(wire, Role::Server, Some(config));
    let mut heard = Overheard::default();
    while let Ok(message) = socket.read() {
        heard.messages.push(understand(&message));
    }
    heard.answer_bytes = socket.get_ref().answered;
    heard
}

fn understand(message: &Message) -> Heard {
    let Message::Text(text) = message else {
        return Heard {
            text_bytes: 0,
            channel: None,
        };
    };
    let channel = match Said::of(text) {
        Some(Said::Subscribe(wish)) => Some(wish.channel()),
        _ => None,
    };
    Heard {
        text_bytes: text.len(),
        channel: channel.map(|channel| match channel {
            Ok(channel) => Ok(HeardChannel {
                name: channel.name(),
                identity: channel.identity(),
            }),
            Err(problem) => Err(problem.code),
        }),
    }
}

struct Wire<'a> {
    sent: Cursor<&'a [u8]>,
    answered: usize,
}

impl Read for Wire<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.sent.read(bytes)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.answered += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
