//! What every route can reach.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tacho_core::Timestamp;
use tacho_ingest::Ingest;
use tacho_jobs::detection::Detections;
use tacho_jobs::exports::Exports;
use tacho_live::Hub;
use tacho_metastore::{CostRates, Metastore};
use tacho_store::{QueryEngine, Store};

use crate::Clock;
use crate::audit::{Audit, AuditRules};
use crate::budget::ByteBudget;
use crate::live::{Live, LiveRules};
use crate::query_limit::QueryLimit;
use crate::readiness::Readiness;
use crate::sign_in_limit::SignInLimit;

/// What may be set about the HTTP side.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address under which people reach Tacho, such as "https://tacho.example.com", if it is not the `Host` of the
    /// request. Requests from pages of this origin pass the check of `Origin`; with https, cookies are `Secure`.
    pub public_url: Option<String>,
    /// Whether a proxy in front sets `X-Forwarded-For`. If so, its last entry is the client's address. Default no: the
    /// header can be made up where no proxy overwrites it.
    pub trust_forwarded: bool,
    /// Most bytes of a body of records as sent. Default 16 MiB.
    pub records_bytes_max: usize,
    /// Most bytes of a body of records once decompressed. Default 64 MiB.
    pub records_decoded_bytes_max: usize,
    /// Most bytes of any other body. Default 1 MiB.
    pub body_bytes_max: usize,
    /// Most bytes of all bodies of records in memory at once, of which no organization gets all; past it, requests are
    /// answered 503. Default 512 MiB.
    pub bodies_bytes_max: usize,
    /// How long a client may take to send its body. Default 60 s.
    pub body_timeout: Duration,
    /// What sessions cost in organizations that have set nothing else. Default [`CostRates::default`].
    pub cost_rates: CostRates,
    /// Requests for data that one user may make a minute; 0 is no limit. Default 100.
    pub queries_per_minute: u32,
    /// Requests for data of one user that may be under way at once; 0 is no limit. Default 16.
    pub queries_at_once_max: usize,
    /// How much of the audit log is kept.
    pub audit: AuditRules,
    /// What live connections may take up.
    pub live: LiveRules,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: None,
            trust_forwarded: false,
            records_bytes_max: 16 * 1024 * 1024,
            records_decoded_bytes_max: 64 * 1024 * 1024,
            body_bytes_max: 1024 * 1024,
            bodies_bytes_max: 512 * 1024 * 1024,
            body_timeout: Duration::from_secs(60),
            cost_rates: CostRates::default(),
            queries_per_minute: 100,
            queries_at_once_max: 16,
            audit: AuditRules::default(),
            live: LiveRules::default(),
        }
    }
}

/// What the composition root hands in.
#[derive(Clone)]
pub struct Parts {
    /// People and configuration.
    pub metastore: Metastore,
    /// The way in.
    pub ingest: Ingest,
    /// Answers questions.
    pub engine: QueryEngine,
    /// What the engine reads; asked here only how it is.
    pub store: Arc<dyn Store>,
    /// Writes files of rows.
    pub exports: Exports,
    /// Knows what is wrong now.
    pub detections: Detections,
    /// Knows what runs now; the way in tells it.
    pub hub: Hub,
    /// The HTTP side's settings.
    pub config: Config,
    /// Tells the time.
    pub clock: Clock,
    /// Renders `/metrics`, of what the recorder of [`crate::prometheus`] collects; without it the route answers 404.
    pub metrics: Option<PrometheusHandle>,
}

/// What every route can reach. Cloning is cheap.
#[derive(Clone)]
pub struct AppState {
    pub(crate) metastore: Metastore,
    pub(crate) config: Arc<Config>,
    pub(crate) clock: Clock,
    pub(crate) metrics: Option<PrometheusHandle>,
    /// The way in.
    pub(crate) ingest: Ingest,
    /// Answers questions.
    pub(crate) engine: QueryEngine,
    /// What the engine reads; asked here only how it is.
    pub(crate) store: Arc<dyn Store>,
    /// Writes files of rows.
    pub(crate) exports: Exports,
    /// Knows what is wrong now.
    pub(crate) detections: Detections,
    /// When this process began to serve.
    pub(crate) started_at: Timestamp,
    pub(crate) sign_in_limit: Arc<Mutex<SignInLimit>>,
    pub(crate) bodies: ByteBudget,
    pub(crate) readiness: Readiness,
    pub(crate) query_limit: QueryLimit,
    pub(crate) audit: Audit,
    /// Live connections.
    pub(crate) live: Live,
}

impl AppState {
    /// Puts the parts together; the process counts as started now. Must be called within a Tokio runtime, on which the audit
    /// log is written.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            metastore,
            ingest,
            engine,
            store,
            exports,
            detections,
            hub,
            config,
            clock,
            metrics,
        } = parts;
        if metrics.is_some() {
            crate::figures::describe();
        }
        let audit = Audit::start(metastore.clone(), config.audit, clock.clone());
        Self {
            metastore,
            ingest,
            engine,
            store,
            exports,
            detections,
            audit,
            live: Live::new(hub, config.live),
            readiness: Readiness::default(),
            query_limit: QueryLimit::new(
                config.queries_per_minute,
                config.queries_at_once_max,
                clock.clone(),
            ),
            bodies: ByteBudget::new(config.bodies_bytes_max),
            config: Arc::new(config),
            started_at: clock.now(),
            clock,
            metrics,
            sign_in_limit: Arc::default(),
        }
    }
}
