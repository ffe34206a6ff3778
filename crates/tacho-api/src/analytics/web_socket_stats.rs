//! `getWebSocketStats` (FR-006): live connections.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::date::Date;
use super::{Context, Issue, Procedure};
use crate::problem::Result;

/// From when on frames take long, at the 99th percentile, in milliseconds.
const SLOW_MS: f64 = 1_000.0;

/// `getWebSocketStats`.
pub(crate) struct WebSocketStats;

/// Live connections of the asker's organization.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebSocketStatsResult {
    /// Whether live connections are served.
    is_enabled: bool,
    /// Connections.
    total_connections: u64,
    /// Those that get something, which all do: who subscribes to nothing gets metrics.
    active_connections: u64,
    /// Those of the asker.
    user_connections: u64,
    /// What is subscribed to.
    channels: Vec<Channel>,
    /// How they are.
    status: WebSocketStatus,
    /// When that was so.
    checked_at: Date,
}

/// Something that can be subscribed to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Channel {
    /// Its name.
    name: String,
    /// Connections that have subscribed to it.
    subscribers: u64,
}

/// How live connections are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WebSocketStatus {
    /// Frames arrive.
    Healthy,
    /// Frames take long to arrive.
    Slow,
}

impl Procedure for WebSocketStats {
    const NAME: &'static str = "getWebSocketStats";
    const DATES: &'static [&'static str] = &["checkedAt"];
    type Input = ();
    type Output = WebSocketStatsResult;

    fn read(_: Option<&Value>) -> Result<(), Vec<Issue>> {
        Ok(())
    }

    /// As it is now, of the asker's organization.
    async fn answer(context: &Context<'_>, (): ()) -> Result<Self::Output> {
        let (live, asker) = (&context.state.live, context.asker);
        let organization = asker.organization.id;
        let (connections, own) = live.connections_of(organization, asker.limited_by());
        let is_slow = live.figures().send_p99_ms.is_some_and(|ms| ms > SLOW_MS);
        let channels = live.channels_of(organization).into_iter();
        Ok(WebSocketStatsResult {
            is_enabled: true,
            total_connections: connections,
            active_connections: connections,
            user_connections: own,
            channels: channels
                .map(|(name, subscribers)| Channel { name, subscribers })
                .collect(),
            status: match is_slow {
                true => WebSocketStatus::Slow,
                false => WebSocketStatus::Healthy,
            },
            checked_at: Date(context.now),
        })
    }
}
