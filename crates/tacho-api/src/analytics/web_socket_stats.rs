//! `getWebSocketStats` (FR-006): live connections.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::date::Date;
use super::{Context, Issue, Procedure};
use crate::problem::Result;

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
    /// Those that have subscribed to something.
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
    /// None are served.
    Disabled,
}

impl Procedure for WebSocketStats {
    const NAME: &'static str = "getWebSocketStats";
    const DATES: &'static [&'static str] = &["checkedAt"];
    type Input = ();
    type Output = WebSocketStatsResult;

    fn read(_: Option<&Value>) -> Result<(), Vec<Issue>> {
        Ok(())
    }

    /// This server serves no live connections, so there are none.
    async fn answer(context: &Context<'_>, (): ()) -> Result<Self::Output> {
        Ok(WebSocketStatsResult {
            is_enabled: false,
            total_connections: 0,
            active_connections: 0,
            user_connections: 0,
            channels: Vec::new(),
            status: WebSocketStatus::Disabled,
            checked_at: Date(context.now),
        })
    }
}
