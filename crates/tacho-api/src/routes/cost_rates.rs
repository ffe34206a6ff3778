//! What sessions cost in the organization.

use axum::extract::State;
use axum::http::StatusCode;

use crate::AppState;
use crate::extract::{Allowed, Json, need};
use crate::problem::Result;
use crate::wire::cost_rates::{CostRates, SetCostRatesRequest};

/// What sessions cost in the organization, and whether it has set that itself.
#[utoipa::path(get, path = "/api/v1/cost-rates", tag = "settings", responses((status = 200, body = CostRates)))]
pub(crate) async fn get_cost_rates(
    State(state): State<AppState>,
    asker: Allowed<need::ReadSettings>,
) -> Result<Json<CostRates>> {
    let own = state.metastore.cost_rates(asker.organization.id).await?;
    Ok(Json(own.map_or_else(
        || CostRates::of_default(state.config.cost_rates),
        CostRates::from,
    )))
}

/// Sets what sessions cost in the organization. Estimates of any time are made with the rates of now.
#[utoipa::path(put, path = "/api/v1/cost-rates", tag = "settings", request_body = SetCostRatesRequest,
    responses((status = 200, description = "Set", body = CostRates)))]
pub(crate) async fn update_cost_rates(
    State(state): State<AppState>,
    asker: Allowed<need::ManageCosts>,
    Json(request): Json<SetCostRatesRequest>,
) -> Result<Json<CostRates>> {
    let rates = tacho_metastore::CostRates::from_usd(request.per_minute_usd, request.session_minimum_usd)?;
    let by = asker.user.as_ref().map(|user| user.id);
    let own = state
        .metastore
        .set_cost_rates(asker.organization.id, rates, by, state.clock.now())
        .await?;
    Ok(Json(own.into()))
}

/// Goes back to the server's defaults.
#[utoipa::path(delete, path = "/api/v1/cost-rates", tag = "settings",
    responses((status = 204, description = "The defaults count")))]
pub(crate) async fn delete_cost_rates(
    State(state): State<AppState>,
    asker: Allowed<need::ManageCosts>,
) -> Result<StatusCode> {
    state.metastore.clear_cost_rates(asker.organization.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
