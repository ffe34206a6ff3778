//! One channel as Server-Sent Events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::channel::Channel;
use super::standing::Standing;
use super::topic::{Position, Topic};
use super::topics::join;
use super::{Connected, closes};
use crate::AppState;
use crate::auth::Asker;
use crate::extract::Credential;
use crate::problem::Problem;

/// How often something is sent at the least, so that proxies keep the connection.
const BEAT: Duration = Duration::from_secs(15);

struct Events {
    state: AppState,
    channel: Channel,
    standing: watch::Receiver<Standing>,
    topic: Arc<Topic>,
    changes: watch::Receiver<()>,
    has: Option<Position>,
    closing: watch::Receiver<bool>,
    is_over: bool,
    _connected: Connected,
}

/// The event that the client has seen last, as `Last-Event-ID` says it.
pub(crate) fn last_event(headers: &HeaderMap) -> Option<Position> {
    let (epoch, seq) = headers.get("last-event-id")?.to_str().ok()?.split_once('-')?;
    Some(Position {
        epoch: epoch.parse().ok()?,
        seq: seq.parse().ok()?,
    })
}

/// Answers with the channel's frames, for as long as the client reads them.
pub(crate) fn events(
    state: AppState,
    asker: Asker,
    credential: Credential,
    channel: Channel,
    has: Option<Position>,
) -> Result<Response, Problem> {
    let connected = state.live.connect(&asker)?;
    let (topic, changes) = join(&state, &asker, &channel)?;
    let events = Events {
        standing: state.live.follow(&state, &credential, asker),
        closing: state.live.closing(),
        state,
        channel,
        topic,
        changes,
        has,
        is_over: false,
        _connected: connected,
    };
    let body = Body::from_stream(stream::unfold(events, |mut events| async move {
        let bytes = events.next().await?;
        Some((Ok::<_, Infallible>(bytes), events))
    }));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

impl Events {
    /// What to send next; `None` when it is over.
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        let beat = Instant::now() + BEAT;
        loop {
            self.changes.mark_unchanged();
            let next = self.topic.after(self.has);
            if let Some(last) = next.frames.last() {
                let epoch = self.topic.epoch;
                let was_told = self.has.replace(Position { epoch, seq: last.seq }).is_some();
                let stats = &self.state.live.0.stats;
                stats.skipped(next.skipped);
                for frame in &next.frames {
                    stats.sent(was_told.then(|| frame.made_at.elapsed()));
                }
                let texts = next.frames.iter().map(|frame| frame.event_text(epoch));
                return Some(texts.collect::<Vec<_>>().concat().into());
            }
            tokio::select! {
                _ = self.changes.changed() => {}
                () = closes(&mut self.closing) => return self.end("closing", "The server stops. Connect again."),
                _ = self.standing.changed() => if let Some(end) = self.stand_anew() { return Some(end) },
                () = sleep_until(beat) => return Some(Bytes::from_static(b": still here\n\n")),
            }
        }
    }

    /// Sees what the credential allows now. Gives the last event if that is nothing.
    fn stand_anew(&mut self) -> Option<Bytes> {
        let standing = self.standing.borrow_and_update().clone();
        let Some(asker) = standing else {
            return self.end(
                "unauthenticated",
                "The credential does not hold any more. Sign in again.",
            );
        };
        match join(&self.state, &asker, &self.channel) {
            Ok((topic, changes)) => {
                (self.topic, self.changes, self.has) = (topic, changes, None);
                None
            }
            Err(problem) => self.end(problem.code, &problem.detail),
        }
    }

    fn end(&mut self, code: &str, detail: &str) -> Option<Bytes> {
        self.is_over = true;
        let data = serde_json::json!({"type": "close", "code": code, "detail": detail});
        Some(format!("event: close\ndata: {data}\n\n").into())
    }
}
