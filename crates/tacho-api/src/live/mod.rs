//! Live: what changes, pushed to whoever watches, over WebSocket and Server-Sent Events. `docs/LIVE.md` has the protocol.
//!
//! What people subscribe to is a [`Topic`]: a channel, seen with certain rows. All who watch the same share it: one task
//! makes its frames, each is serialized once, and who reads too slowly gets the newest instead of a backlog. Whose
//! connection it is gets asked again every few seconds.

mod channel;
mod connection;
mod feed;
mod frames;
mod limits;
mod overheard;
mod said;
mod socket;
mod standing;
mod stats;
mod stream;
mod topic;
mod topics;

pub use limits::LiveRules;
pub use overheard::{Heard, HeardChannel, Overheard, hear};

pub(crate) use channel::Channel;
pub(crate) use connection::{Opened, serve_socket};
pub(crate) use limits::Connected;
pub(crate) use socket::Upgrade;
pub(crate) use standing::reader;
pub(crate) use stats::Figures;
pub(crate) use stream::{events, last_event};

use std::sync::Arc;
use std::time::Duration;

use tacho_live::Hub;
use tokio::sync::watch;

use self::limits::Connections;
use self::standing::Standings;
use self::stats::Stats;
use self::topics::Topics;

/// How long the server waits at its end until connections are closed.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(5);

/// Everything about live connections. Clones are one.
#[derive(Clone)]
pub(crate) struct Live(Arc<Inner>);

struct Inner {
    hub: Hub,
    rules: LiveRules,
    topics: Topics,
    standings: Standings,
    connections: Arc<Connections>,
    stats: Stats,
    closing: watch::Sender<bool>,
}

impl Live {
    pub(crate) fn new(hub: Hub, rules: LiveRules) -> Self {
        Self(Arc::new(Inner {
            hub,
            rules,
            topics: Topics::default(),
            standings: Standings::default(),
            connections: Arc::default(),
            stats: Stats::default(),
            closing: watch::Sender::new(false),
        }))
    }

    pub(crate) fn rules(&self) -> &LiveRules {
        &self.0.rules
    }

    /// Ends every connection, with the reason that the server stops, and waits until they have.
    pub(crate) async fn close(&self) {
        self.0.closing.send_replace(true);
        let mut open = self.0.connections.open();
        let _ = tokio::time::timeout(CLOSE_TIME_MAX, open.wait_for(|open| *open == 0)).await;
    }

    /// Says when the server stops.
    fn closing(&self) -> watch::Receiver<bool> {
        self.0.closing.subscribe()
    }
}

/// Ready when the server stops.
async fn closes(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|is_closing| *is_closing).await;
}
