//! Cost rates.

use serde::{Deserialize, Serialize};
use tacho_core::Timestamp;
use tacho_metastore::OwnCostRates;
use utoipa::ToSchema;

/// What sessions cost in the organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CostRates {
    /// US dollars for each minute that a session lasts.
    #[schema(example = 0.005)]
    pub(crate) per_minute_usd: f64,
    /// US dollars for each session, however short.
    #[schema(example = 0.01)]
    pub(crate) session_minimum_usd: f64,
    /// Whether the organization has set none, so that these are the server's defaults.
    pub(crate) is_default: bool,
    /// When the organization set them.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) updated_at: Option<Timestamp>,
    /// The id of the user who set them; none if a key did that acts as nobody.
    #[schema(required)]
    pub(crate) updated_by: Option<String>,
}

impl CostRates {
    /// The server's defaults.
    pub(crate) fn of_default(rates: tacho_metastore::CostRates) -> Self {
        Self {
            per_minute_usd: rates.per_minute_in_usd(),
            session_minimum_usd: rates.session_minimum_in_usd(),
            is_default: true,
            updated_at: None,
            updated_by: None,
        }
    }
}

impl From<OwnCostRates> for CostRates {
    fn from(own: OwnCostRates) -> Self {
        Self {
            is_default: false,
            updated_at: Some(own.updated_at),
            updated_by: own.updated_by.map(|id| id.to_string()),
            ..Self::of_default(own.rates)
        }
    }
}

/// Sets what sessions cost in the organization.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetCostRatesRequest {
    /// US dollars for each minute that a session lasts; rounded to the millionth.
    #[schema(minimum = 0, maximum = 1000, example = 0.005)]
    pub(crate) per_minute_usd: f64,
    /// US dollars for each session, however short; rounded to the millionth.
    #[schema(minimum = 0, maximum = 1000, example = 0.01)]
    pub(crate) session_minimum_usd: f64,
}
