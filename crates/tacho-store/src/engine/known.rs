//! What is known of stores without reading them for each question.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use moka::sync::Cache;
use tacho_core::OrganizationId;
use tacho_query::holdings::Holdings;

use super::admission::Weight;
use super::error::store_error;
use super::{EngineError, QueryEngine};

/// How long what is known of a store is taken for true without reading it anew.
const HOLDINGS_FRESH: Duration = Duration::from_secs(60);
/// How long it is held when nobody asks.
const HOLDINGS_TTL: Duration = Duration::from_secs(600);
/// Organizations of which it is held.
const HOLDINGS_MAX: u64 = 10_000;

/// What is known of each organization's store.
pub(super) type Known = Cache<OrganizationId, Arc<KnownHoldings>>;

/// What is known of a store, and since when.
pub(super) struct KnownHoldings {
    holdings: Arc<Holdings>,
    read_at: Instant,
    is_read_again: AtomicBool,
}

/// Nothing yet.
pub(super) fn nothing_known() -> Known {
    Cache::builder()
        .max_capacity(HOLDINGS_MAX)
        .time_to_live(HOLDINGS_TTL)
        .build()
}

impl QueryEngine {
    /// What is known of the organization's store. What is older than [`HOLDINGS_FRESH`] is read anew for those who ask
    /// later, so that nobody waits for it but the first.
    pub(super) async fn holdings(&self, organization: OrganizationId) -> Result<Arc<Holdings>, EngineError> {
        let Some(known) = self.holdings.get(&organization) else {
            return self.read_holdings(organization).await;
        };
        if known.read_at.elapsed() > HOLDINGS_FRESH && !known.is_read_again.swap(true, Ordering::AcqRel) {
            let engine = self.clone();
            tokio::spawn(async move {
                if let Err(error) = engine.read_holdings(organization).await {
                    tracing::debug!(%organization, %error, "could not read anew what the store holds");
                    engine.holdings.invalidate(&organization);
                }
            });
        }
        Ok(known.holdings.clone())
    }

    async fn read_holdings(&self, organization: OrganizationId) -> Result<Arc<Holdings>, EngineError> {
        let read = self
            .run(Weight::Light, organization, move |engine| {
                engine.store.holdings(organization)
            })
            .await?;
        let holdings = Arc::new(read.map_err(store_error)?);
        let known = KnownHoldings {
            holdings: holdings.clone(),
            read_at: Instant::now(),
            is_read_again: AtomicBool::new(false),
        };
        self.holdings.insert(organization, Arc::new(known));
        Ok(holdings)
    }
}
