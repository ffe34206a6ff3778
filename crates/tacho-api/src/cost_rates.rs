//! What sessions cost in an organization: the rates that it has set, else those of the server's settings.

use tacho_core::OrganizationId;
use tacho_metastore::{CostRates, Result};

use crate::AppState;

impl AppState {
    /// The organization's own rates, else the defaults.
    pub async fn cost_rates(&self, organization: OrganizationId) -> Result<CostRates> {
        let own = self.metastore.cost_rates(organization).await?;
        Ok(own.map_or(self.config.cost_rates, |own| own.rates))
    }
}
