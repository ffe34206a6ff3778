//! A WebSocket: what the client says, and what it is sent.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tacho_core::scope::Rows;
use tacho_metastore::{AuditQuestion, DataAccess};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{StreamExt as _, StreamMap};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};

use super::channel::Channel;
use super::closes;
use super::limits::Connected;
use super::said::Said;
use super::socket::Socket;
use super::standing::{Standing, reader};
use super::topic::{Position, Topic};
use super::topics::join;
use crate::AppState;
use crate::auth::Asker;
use crate::extract::Credential;
use crate::problem::Problem;

/// How long a client may take to read a frame before it counts as gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);
/// The stretch in which messages are counted.
const RATE_WINDOW: Duration = Duration::from_secs(10);

/// What is known of a connection when it is opened.
pub(crate) struct Opened {
    /// If the request carried one.
    pub(crate) credential: Option<Credential>,
    /// The client's address, for the audit log.
    pub(crate) address: String,
    /// The request's id, likewise.
    pub(crate) request_id: String,
}

/// Something that the client has subscribed to.
struct Subscription {
    channel: Channel,
    topic: Arc<Topic>,
    has: Option<Position>,
    is_default: bool,
}

/// Why a connection ends.
struct End {
    code: CloseCode,
    reason: &'static str,
}

const GONE: End = End {
    code: CloseCode::Normal,
    reason: "",
};

struct Connection {
    state: AppState,
    opened: Opened,
    credential: Credential,
    standing: watch::Receiver<Standing>,
    asker: Arc<Asker>,
    subscriptions: Vec<Subscription>,
    changes: StreamMap<String, WatchStream<()>>,
    heard_at: Instant,
    window_start: Instant,
    messages: u32,
    _connected: Connected,
}

/// Serves a connection until it ends.
pub(crate) async fn serve_socket(mut socket: Socket, state: AppState, opened: Opened) {
    // Boxed, so that a connection takes up no room for what is over.
    let end = match Box::pin(begin(&mut socket, state, opened)).await {
        Ok(mut connection) => Box::pin(connection.run(&mut socket)).await,
        Err(end) => end,
    };
    let close = Message::Close(Some(CloseFrame {
        code: end.code,
        reason: Utf8Bytes::from_static(end.reason),
    }));
    // Whoever is gone does not hear it.
    let _ = timeout(Duration::from_secs(1), socket.send(close)).await;
}

/// Finds out who it is.
async fn begin(socket: &mut Socket, state: AppState, mut opened: Opened) -> Result<Connection, End> {
    let (credential, is_told) = match opened.credential.take() {
        Some(credential) => (credential, false),
        None => {
            let said = timeout(state.live.rules().auth_timeout, first_message(socket)).await;
            match said {
                Ok(Some(Said::Auth { token })) => (Credential::Key(token), true),
                _ => {
                    return Err(refused(
                        "say who you are first: {\"type\":\"auth\",\"token\":\"tacho_…\"}",
                    ));
                }
            }
        }
    };
    let Ok(asker) = reader(&state, &credential).await else {
        return Err(refused("the credential is unknown, revoked, or may not read"));
    };
    let Ok(connected) = state.live.connect(&asker) else {
        return Err(End {
            code: CloseCode::Again,
            reason: "too many live connections",
        });
    };
    let organization = asker.organization.name.clone();
    let standing = state.live.follow(&state, &credential, asker);
    // The one that all connections with this credential share.
    let Some(asker) = standing.borrow().clone() else {
        return Err(refused("the credential does not hold any more"));
    };
    if is_told {
        let ready = json!({"type": "ready", "organization": organization});
        send(socket, Message::Text(ready.to_string().into())).await?;
    }
    let now = Instant::now();
    Ok(Connection {
        state,
        opened,
        credential,
        standing,
        asker,
        subscriptions: Vec::new(),
        changes: StreamMap::new(),
        heard_at: now,
        window_start: now,
        messages: 0,
        _connected: connected,
    })
}

async fn first_message(socket: &mut Socket) -> Option<Said> {
    loop {
        match socket.receive().await?.ok()? {
            Message::Text(text) => return Said::of(&text),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Binary(_) | Message::Close(_) | Message::Frame(_) => return None,
        }
    }
}

const fn refused(reason: &'static str) -> End {
    End {
        code: CloseCode::Policy,
        reason,
    }
}

impl Connection {
    async fn run(&mut self, socket: &mut Socket) -> End {
        let rules = *self.state.live.rules();
        let mut beat = interval(rules.heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        let mut closing = self.state.live.closing();
        // Waits once for all frames, not anew with each.
        let mut closed = pin!(closes(&mut closing));
        let default_at = Instant::now() + rules.default_after;
        let mut has_default = false;
        loop {
            let step = tokio::select! {
                message = socket.receive() => match message {
                    Some(Ok(message)) => self.hear(socket, message).await,
                    Some(Err(_)) => Err(refused("the message is too large, or cannot be read")),
                    None => Err(GONE),
                },
                Some((name, _)) = self.changes.next(), if !self.changes.is_empty() => self.tell(socket, &name).await,
                _ = beat.tick() => match self.heard_at.elapsed() > rules.heartbeat * 2 {
                    true => Err(refused("no answer to two pings")),
                    false => send(socket, Message::Ping(bytes::Bytes::new())).await,
                },
                () = &mut closed => Err(End {
                    code: CloseCode::Away,
                    reason: "the server stops; connect again",
                }),
                changed = self.standing.changed() => match changed {
                    Ok(()) => self.stand_anew(),
                    Err(_) => Err(refused("the credential does not hold any more")),
                },
                () = sleep_until(default_at), if !has_default => {
                    has_default = true;
                    match self.subscriptions.is_empty() {
                        true => self.subscribe_to_default(),
                        false => Ok(()),
                    }
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn hear(&mut self, socket: &mut Socket, message: Message) -> Result<(), End> {
        self.heard_at = Instant::now();
        if self.window_start.elapsed() > RATE_WINDOW {
            (self.window_start, self.messages) = (Instant::now(), 0);
        }
        self.messages += 1;
        let max = self.state.live.rules().messages_max;
        if max > 0 && self.messages > max {
            return Err(refused("too many messages"));
        }
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(GONE),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
            Message::Binary(_) => {
                return Err(End {
                    code: CloseCode::Unsupported,
                    reason: "send text",
                });
            }
        };
        let answer = match Said::of(&text) {
            Some(said) => Box::pin(self.answer(said)).await,
            None => Some(json!({"type": "error", "code": "malformed_message",
                "detail": "Send a JSON object with \"type\": subscribe, unsubscribe, ping or auth."})),
        };
        match answer {
            Some(answer) => send(socket, Message::Text(answer.to_string().into())).await,
            None => Ok(()),
        }
    }

    async fn answer(&mut self, said: Said) -> Option<Value> {
        match said {
            Said::Ping => Some(json!({"type": "pong"})),
            Said::Auth { .. } => Some(json!({"type": "error", "code": "signed_in_already",
                "detail": "This connection has a credential. Open another one for another."})),
            Said::Unsubscribe { topic } => {
                self.drop_where(|subscription| subscription.topic.name == topic);
                Some(json!({"type": "unsubscribed", "topic": topic}))
            }
            Said::Subscribe(wish) => {
                let subscribed = match wish.channel() {
                    Ok(channel) => self.subscribe(channel, wish.has()).await,
                    Err(problem) => Err(problem),
                };
                Some(match subscribed {
                    Ok(topic) => json!({"type": "subscribed", "id": wish.id, "topic": topic}),
                    Err(problem) => {
                        json!({"type": "error", "id": wish.id, "code": problem.code, "detail": problem.detail,
                        "pointer": problem.pointer})
                    }
                })
            }
        }
    }

    /// Subscribes, as a request for data: within the asker's limits, on record, and by what the credential allows now.
    async fn subscribe(&mut self, channel: Channel, has: Option<Position>) -> Result<String, Problem> {
        let max = self.state.live.rules().subscriptions_max;
        self.drop_where(|subscription| subscription.is_default);
        let name = channel.name();
        let is_known = self.subscriptions.iter().any(|known| known.topic.name == name);
        if max > 0 && !is_known && self.subscriptions.len() >= max {
            return Err(Problem::new(
                axum::http::StatusCode::TOO_MANY_REQUESTS,
                "too_many_subscriptions",
                format!("A connection may have {max} subscriptions. Unsubscribe from some."),
            ));
        }
        let asker = reader(&self.state, &self.credential).await?;
        if let Some(who) = asker.limited_by() {
            self.state.query_limit.enter(who).1?;
        }
        self.record(&asker, &channel).await?;
        let (topic, changes) = join(&self.state, &asker, &channel)?;
        self.put(channel, topic, changes, has, false);
        Ok(name)
    }

    fn subscribe_to_default(&mut self) -> Result<(), End> {
        let channel = Channel::DEFAULT;
        if let Ok((topic, changes)) = join(&self.state, &self.asker, &channel) {
            self.put(channel, topic, changes, None, true);
        }
        Ok(())
    }

    fn put(
        &mut self,
        channel: Channel,
        topic: Arc<Topic>,
        changes: watch::Receiver<()>,
        has: Option<Position>,
        is_default: bool,
    ) {
        self.drop_where(|known| known.topic.name == topic.name);
        // Told at once of what is there already.
        self.changes.insert(topic.name.clone(), WatchStream::new(changes));
        self.subscriptions.push(Subscription {
            channel,
            topic,
            has,
            is_default,
        });
    }

    fn drop_where(&mut self, is_dropped: impl Fn(&Subscription) -> bool) {
        let changes = &mut self.changes;
        self.subscriptions.retain(|subscription| {
            let stays = !is_dropped(subscription);
            if !stays {
                changes.remove(&subscription.topic.name);
            }
            stays
        });
    }

    async fn record(&self, asker: &Asker, channel: &Channel) -> Result<(), Problem> {
        let access = DataAccess {
            organization: asker.organization.id,
            user: asker.user.as_ref().map(|user| (user.id, user.name.clone())),
            key: asker.key.as_ref().map(|key| (key.id, key.name.clone())),
            operation: "SUBSCRIBE /ws/analytics".to_owned(),
            question: AuditQuestion::new(&channel.identity()),
            scope: match asker.scope().rows() {
                Rows::All => "all",
                Rows::Owned { .. } => "owned",
            },
            address: self.opened.address.clone(),
            status: 200,
            request_id: self.opened.request_id.clone(),
            at: self.state.clock.now(),
        };
        Ok(self.state.audit.record(access).await?)
    }

    /// Sends what the client does not have of a topic.
    async fn tell(&mut self, socket: &mut Socket, name: &str) -> Result<(), End> {
        let stats = &self.state.live.0.stats;
        let mut subscriptions = self.subscriptions.iter_mut();
        let Some(subscription) = subscriptions.find(|known| known.topic.name == name) else {
            return Ok(());
        };
        let next = subscription.topic.after(subscription.has);
        stats.skipped(next.skipped);
        let was_told = subscription.has.is_some();
        for frame in next.frames {
            in_time(socket.send_frame(&frame.message)).await?;
            stats.sent(was_told.then(|| frame.made_at.elapsed()));
            let epoch = subscription.topic.epoch;
            subscription.has = Some(Position {
                epoch,
                seq: frame.seq,
            });
        }
        Ok(())
    }

    /// Sees what the credential allows now: everything is subscribed to anew, or it is over.
    fn stand_anew(&mut self) -> Result<(), End> {
        let standing = self.standing.borrow_and_update().clone();
        let Some(asker) = standing else {
            return Err(refused("the credential does not hold any more"));
        };
        self.asker = asker;
        for Subscription {
            channel, is_default, ..
        } in std::mem::take(&mut self.subscriptions)
        {
            let (topic, changes) = join(&self.state, &self.asker, &channel)
                .map_err(|_| refused("what you may see has changed; connect again"))?;
            self.put(channel, topic, changes, None, is_default);
        }
        Ok(())
    }
}

async fn send(socket: &mut Socket, message: Message) -> Result<(), End> {
    in_time(socket.send(message)).await
}

/// Whoever does not read in time counts as gone.
async fn in_time(sending: impl Future<Output = tungstenite::Result<()>>) -> Result<(), End> {
    match timeout(SEND_TIMEOUT, sending).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(GONE),
    }
}
