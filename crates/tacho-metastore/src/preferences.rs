//! Preferences: how a user wants pages to be.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use tacho_core::period::Period;
use tacho_core::{Timestamp, UserId};

use crate::organizations::check_timezone;
use crate::{Error, Metastore, Result, column};

/// The most metrics that one user may pin.
pub const PINNED_METRICS_MAX: usize = 20;
/// The most bytes of an arrangement of widgets.
pub const ARRANGEMENT_BYTES_MAX: usize = 64 * 1024;
/// The most bytes of the name of a metric.
const METRIC_BYTES_MAX: usize = 200;
/// The times after which a page may ask again by itself, in seconds; 0 is never.
pub const REFRESH_INTERVALS_SECONDS: [u32; 6] = [0, 1, 5, 30, 60, 300];

/// The colours of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device has them.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The theme's word, as stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Theme {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        [Theme::System, Theme::Light, Theme::Dark]
            .into_iter()
            .find(|theme| theme.as_str() == text)
            .ok_or_else(|| {
                Error::invalid(
                    "theme",
                    format!("\"{text}\" is no theme; choose system, light or dark"),
                )
            })
    }
}

/// What a user has chosen. What is `None` has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The period that pages begin with.
    pub default_period: Option<Period>,
    /// The user's own IANA zone; the organization's if none.
    pub timezone: Option<String>,
    /// The colours.
    pub theme: Option<Theme>,
    /// After how many seconds pages ask again; one of [`REFRESH_INTERVALS_SECONDS`].
    pub refresh_interval_seconds: Option<u32>,
    /// Metrics shown first, in this order; at most [`PINNED_METRICS_MAX`].
    pub pinned_metrics: Vec<String>,
    /// How widgets are arranged: JSON that the web application makes and reads.
    pub widget_arrangement: Option<String>,
    /// When they were last set.
    pub updated_at: Option<Timestamp>,
}

impl Metastore {
    /// What the user has chosen. Errors: `NotFound`.
    pub async fn preferences(&self, user: UserId) -> Result<Preferences> {
        let timezone = self.user(user).await?.timezone;
        let row = sqlx::query("SELECT * FROM preferences WHERE user_id = $1")
            .bind(user.to_string())
            .fetch_optional(self.readers())
            .await?;
        let chosen = row.as_ref().map_or_else(|| Ok(Preferences::default()), read)?;
        Ok(Preferences { timezone, ..chosen })
    }

    /// Replaces what the user has chosen, the zone too; `updated_at` is of no account. Errors: `NotFound`, `Invalid`
    /// (timezone, refresh_interval_seconds, pinned_metrics, widget_arrangement).
    pub async fn set_preferences(
        &self,
        user: UserId,
        preferences: Preferences,
        now: Timestamp,
    ) -> Result<Preferences> {
        check(&preferences)?;
        let mut transaction = self.write().await?;
        let found = sqlx::query("UPDATE users SET timezone = $1 WHERE id = $2")
            .bind(&preferences.timezone)
            .bind(user.to_string())
            .execute(&mut *transaction)
            .await?;
        if found.rows_affected() == 0 {
            return Err(Error::NotFound("user"));
        }
        sqlx::query(
            "INSERT INTO preferences (user_id, default_period, theme, refresh_interval_seconds, pinned_metrics,
                                      widget_arrangement, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (user_id) DO UPDATE SET
                 default_period = excluded.default_period,
                 theme = excluded.theme,
                 refresh_interval_seconds = excluded.refresh_interval_seconds,
                 pinned_metrics = excluded.pinned_metrics,
                 widget_arrangement = excluded.widget_arrangement,
                 updated_at = excluded.updated_at",
        )
        .bind(user.to_string())
        .bind(preferences.default_period.map(Period::as_str))
        .bind(preferences.theme.map(Theme::as_str))
        .bind(preferences.refresh_interval_seconds.map(i64::from))
        // Names have no line feed in them: that was checked.
        .bind(preferences.pinned_metrics.join("\n"))
        .bind(&preferences.widget_arrangement)
        .bind(now.as_micros())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Preferences {
            updated_at: Some(now),
            ..preferences
        })
    }
}

fn check(preferences: &Preferences) -> Result<()> {
    preferences.timezone.as_deref().map_or(Ok(()), check_timezone)?;
    if let Some(seconds) = preferences.refresh_interval_seconds
        && !REFRESH_INTERVALS_SECONDS.contains(&seconds)
    {
        return Err(Error::invalid(
            "refresh_interval_seconds",
            "choose 0 (off), 1, 5, 30, 60 or 300",
        ));
    }
    let pinned = &preferences.pinned_metrics;
    if pinned.len() > PINNED_METRICS_MAX {
        return Err(Error::invalid(
            "pinned_metrics",
            format!("pin at most {PINNED_METRICS_MAX} metrics"),
        ));
    }
    if pinned
        .iter()
        .any(|name| name.is_empty() || name.len() > METRIC_BYTES_MAX || name.contains(char::is_control))
    {
        return Err(Error::invalid(
            "pinned_metrics",
            "name metrics such as executions.count",
        ));
    }
    if preferences
        .widget_arrangement
        .as_ref()
        .is_some_and(|text| text.len() > ARRANGEMENT_BYTES_MAX)
    {
        return Err(Error::invalid(
            "widget_arrangement",
            format!("send at most {ARRANGEMENT_BYTES_MAX} bytes of JSON"),
        ));
    }
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Preferences> {
    let seconds = row.try_get::<Option<i64>, _>("refresh_interval_seconds")?;
    let pinned = column::text(row, "pinned_metrics")?;
    Ok(Preferences {
        default_period: column::parsed_or_null(row, "default_period")?,
        timezone: None,
        theme: column::parsed_or_null(row, "theme")?,
        refresh_interval_seconds: seconds
            .map(u32::try_from)
            .transpose()
            .map_err(|_| Error::Unreadable {
                column: "refresh_interval_seconds",
            })?,
        pinned_metrics: pinned.lines().map(str::to_owned).collect(),
        widget_arrangement: column::text_or_null(row, "widget_arrangement")?,
        updated_at: column::time_or_null(row, "updated_at")?,
    })
}
