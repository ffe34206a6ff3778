//! Preferences of a user.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tacho_core::Timestamp;
use tacho_core::period::Period;
use tacho_metastore::{PINNED_METRICS_MAX, REFRESH_INTERVALS_SECONDS};
use tacho_query::model::SOURCES;
use utoipa::ToSchema;

use crate::problem::{Problem, Result};

const PERIOD_DEFAULT: Period = Period::Week;
const REFRESH_SECONDS_DEFAULT: u32 = 5;

/// The colours of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Theme {
    /// As the device has them.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl From<tacho_metastore::Theme> for Theme {
    fn from(theme: tacho_metastore::Theme) -> Self {
        match theme {
            tacho_metastore::Theme::System => Theme::System,
            tacho_metastore::Theme::Light => Theme::Light,
            tacho_metastore::Theme::Dark => Theme::Dark,
        }
    }
}

impl From<Theme> for tacho_metastore::Theme {
    fn from(theme: Theme) -> Self {
        match theme {
            Theme::System => tacho_metastore::Theme::System,
            Theme::Light => tacho_metastore::Theme::Light,
            Theme::Dark => tacho_metastore::Theme::Dark,
        }
    }
}

/// How the user wants pages to be. What was never chosen has its default.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Preferences {
    /// The period that pages begin with: day, week, month, quarter, year or all.
    #[schema(value_type = String, example = "week")]
    pub(crate) default_period: Period,
    /// The user's own IANA time zone; null for the organization's.
    #[schema(required, example = "Europe/Berlin")]
    pub(crate) timezone: Option<String>,
    pub(crate) theme: Theme,
    /// After how many seconds pages ask again by themselves: 0 (never), 1, 5, 30, 60 or 300.
    #[schema(example = 5)]
    pub(crate) refresh_interval_seconds: u32,
    /// Metrics shown first, in this order.
    #[schema(example = json!(["executions.count", "executions.success_rate"]))]
    pub(crate) pinned_metrics: Vec<String>,
    /// How widgets are arranged; null for the arrangement that pages come with.
    #[schema(required, value_type = Option<Object>)]
    pub(crate) widget_arrangement: Option<Value>,
    /// When something was last chosen.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) updated_at: Option<Timestamp>,
}

impl From<tacho_metastore::Preferences> for Preferences {
    fn from(chosen: tacho_metastore::Preferences) -> Self {
        let arrangement = chosen.widget_arrangement;
        Self {
            default_period: chosen.default_period.unwrap_or(PERIOD_DEFAULT),
            timezone: chosen.timezone,
            theme: chosen.theme.map_or(Theme::System, Theme::from),
            refresh_interval_seconds: chosen.refresh_interval_seconds.unwrap_or(REFRESH_SECONDS_DEFAULT),
            pinned_metrics: chosen.pinned_metrics,
            widget_arrangement: arrangement.and_then(|text| serde_json::from_str(&text).ok()),
            updated_at: chosen.updated_at,
        }
    }
}

/// Replaces the preferences. What is left out or null goes back to its default.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "default_period": "month", "timezone": "Europe/Berlin", "theme": "dark", "refresh_interval_seconds": 30,
    "pinned_metrics": ["executions.count", "executions.success_rate"],
    "widget_arrangement": { "overview": ["kpis", "trend", "statuses"] }
}))]
pub(crate) struct SetPreferencesRequest {
    /// The period that pages begin with: day, week, month, quarter, year or all.
    #[schema(value_type = Option<String>)]
    default_period: Option<Period>,
    /// An IANA time zone name.
    timezone: Option<String>,
    theme: Option<Theme>,
    /// 0 (never), 1, 5, 30, 60 or 300.
    refresh_interval_seconds: Option<u32>,
    /// Names of a source and one of its measures, such as "executions.count"; at most 20.
    #[schema(max_items = 20)]
    pinned_metrics: Option<Vec<String>>,
    /// A JSON object that the web application makes and reads; at most 64 KiB.
    #[schema(value_type = Option<Object>)]
    widget_arrangement: Option<Map<String, Value>>,
}

impl SetPreferencesRequest {
    /// What is to be kept, if everything can be.
    pub(crate) fn checked(self) -> Result<tacho_metastore::Preferences> {
        if let Some(seconds) = self.refresh_interval_seconds
            && !REFRESH_INTERVALS_SECONDS.contains(&seconds)
        {
            return Err(Problem::invalid(
                "/refresh_interval_seconds",
                "Choose 0 (never), 1, 5, 30, 60 or 300.",
            ));
        }
        let pinned = self.pinned_metrics.unwrap_or_default();
        if pinned.len() > PINNED_METRICS_MAX {
            return Err(Problem::invalid(
                "/pinned_metrics",
                format!("Pin at most {PINNED_METRICS_MAX} metrics."),
            ));
        }
        for (index, name) in pinned.iter().enumerate() {
            let pointer = format!("/pinned_metrics/{index}");
            if !is_metric(name) {
                return Err(Problem::invalid(
                    pointer,
                    "There is no such metric. Name a source and one of its measures, such as executions.count; \
                     GET /api/v1/model lists them.",
                ));
            }
            if pinned[..index].contains(name) {
                return Err(Problem::invalid(pointer, "This metric is pinned already."));
            }
        }
        Ok(tacho_metastore::Preferences {
            default_period: self.default_period,
            timezone: self.timezone,
            theme: self.theme.map(Into::into),
            refresh_interval_seconds: self.refresh_interval_seconds,
            pinned_metrics: pinned,
            widget_arrangement: self
                .widget_arrangement
                .map(|arrangement| Value::Object(arrangement).to_string()),
            updated_at: None,
        })
    }
}

/// Whether the semantic model has it.
fn is_metric(name: &str) -> bool {
    name.split_once('.').is_some_and(|(source, measure)| {
        SOURCES
            .iter()
            .any(|known| known.name == source && known.measure(measure).is_some())
    })
}
