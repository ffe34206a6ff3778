//! What a client says over a WebSocket.

use serde::Deserialize;
use serde_json::Value;

use super::channel::Channel;
use super::topic::Position;
use crate::problem::Problem;

/// A message of a client.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Said {
    Auth { token: String },
    Subscribe(Wish),
    Unsubscribe { topic: String },
    Ping,
}

/// What a client wants to watch.
#[derive(Deserialize)]
pub(super) struct Wish {
    pub(super) id: Option<String>,
    channel: String,
    interval: Option<String>,
    query: Option<Value>,
    resume: Option<Resume>,
}

#[derive(Deserialize)]
struct Resume {
    epoch: u64,
    seq: u64,
}

impl Said {
    /// `None` if it is nothing that can be said.
    pub(super) fn of(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl Wish {
    pub(super) fn channel(&self) -> Result<Channel, Problem> {
        Channel::of(&self.channel, self.interval.as_deref(), self.query.as_ref())
    }

    /// What the client has of it already.
    pub(super) fn has(&self) -> Option<Position> {
        let Resume { epoch, seq } = *self.resume.as_ref()?;
        Some(Position { epoch, seq })
    }
}
