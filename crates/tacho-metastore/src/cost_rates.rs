//! Cost rates: what an organization pays for the sessions in which its automations run. One that has set none has the
//! defaults of the server's settings, which are not kept here.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use tacho_core::{OrganizationId, Timestamp, UserId};

use crate::{Error, Metastore, Result, column};

const MICROS_PER_USD: f64 = 1_000_000.0;
/// The highest rate, in dollars.
const RATE_USD_MAX: f64 = 1000.0;

/// What sessions cost. Whole micro-dollars, so that sums never drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostRates {
    /// Micro-dollars for each minute that a session lasts.
    pub per_minute_usd: i64,
    /// Micro-dollars for each session, however short.
    pub session_minimum_usd: i64,
}

impl CostRates {
    /// Rates from dollars, rounded to the micro-dollar. Errors: `Invalid` (per_minute_usd, session_minimum_usd) for what is
    /// no number from 0 to 1000.
    pub fn from_usd(per_minute: f64, session_minimum: f64) -> Result<Self> {
        Ok(Self {
            per_minute_usd: micros("per_minute_usd", per_minute)?,
            session_minimum_usd: micros("session_minimum_usd", session_minimum)?,
        })
    }

    /// The rate per minute in dollars.
    pub fn per_minute_in_usd(self) -> f64 {
        self.per_minute_usd as f64 / MICROS_PER_USD
    }

    /// The minimum per session in dollars.
    pub fn session_minimum_in_usd(self) -> f64 {
        self.session_minimum_usd as f64 / MICROS_PER_USD
    }
}

impl Default for CostRates {
    /// Half a cent a minute and at least a cent a session.
    fn default() -> Self {
        Self {
            per_minute_usd: 5_000,
            session_minimum_usd: 10_000,
        }
    }
}

/// The rates that an organization has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnCostRates {
    /// The rates.
    pub rates: CostRates,
    /// When they were set.
    pub updated_at: Timestamp,
    /// Who set them; nobody if a key did that acts as nobody.
    pub updated_by: Option<UserId>,
}

impl Metastore {
    /// The rates that the organization has set; none if it has the defaults.
    pub async fn cost_rates(&self, organization: OrganizationId) -> Result<Option<OwnCostRates>> {
        sqlx::query("SELECT * FROM cost_rates WHERE organization_id = $1")
            .bind(organization.to_string())
            .fetch_optional(self.readers())
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    /// Sets the organization's rates. Errors: `Invalid` (per_minute_usd, session_minimum_usd) outside of 0 to 1000 dollars.
    pub async fn set_cost_rates(
        &self,
        organization: OrganizationId,
        rates: CostRates,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<OwnCostRates> {
        CostRates::from_usd(rates.per_minute_in_usd(), rates.session_minimum_in_usd())?;
        let mut transaction = self.write().await?;
        sqlx::query(
            "INSERT INTO cost_rates
                 (organization_id, per_minute_micro_usd, session_minimum_micro_usd, updated_at, updated_by)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (organization_id) DO UPDATE SET
                 per_minute_micro_usd = excluded.per_minute_micro_usd,
                 session_minimum_micro_usd = excluded.session_minimum_micro_usd,
                 updated_at = excluded.updated_at,
                 updated_by = excluded.updated_by",
        )
        .bind(organization.to_string())
        .bind(rates.per_minute_usd)
        .bind(rates.session_minimum_usd)
        .bind(now.as_micros())
        .bind(by.map(|id| id.to_string()))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(OwnCostRates {
            rates,
            updated_at: now,
            updated_by: by,
        })
    }

    /// Goes back to the defaults. Whoever has them already keeps them.
    pub async fn clear_cost_rates(&self, organization: OrganizationId) -> Result<()> {
        let mut transaction = self.write().await?;
        sqlx::query("DELETE FROM cost_rates WHERE organization_id = $1")
            .bind(organization.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn micros(field: &'static str, usd: f64) -> Result<i64> {
    if !(0.0..=RATE_USD_MAX).contains(&usd) {
        return Err(Error::invalid(
            field,
            format!("give an amount in US dollars from 0 to {RATE_USD_MAX}"),
        ));
    }
    Ok((usd * MICROS_PER_USD).round() as i64)
}

fn read(row: &SqliteRow) -> Result<OwnCostRates> {
    Ok(OwnCostRates {
        rates: CostRates {
            per_minute_usd: row.try_get("per_minute_micro_usd")?,
            session_minimum_usd: row.try_get("session_minimum_micro_usd")?,
        },
        updated_at: column::time(row, "updated_at")?,
        updated_by: column::parsed_or_null(row, "updated_by")?,
    })
}
