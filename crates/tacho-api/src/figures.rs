//! Figures for Prometheus. Durations and counts of what happens are recorded where it happens; what stands still between
//! two looks (positions, queues, sizes) is read when somebody looks.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder};

use crate::AppState;

/// Upper bounds of the buckets of durations, in seconds.
const BUCKETS_SECONDS: [f64; 16] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0,
];

/// What collects the figures: histograms with buckets, that several servers' figures can be added up of.
///
/// # Errors
/// Never: the buckets are not empty.
pub fn prometheus() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets(&BUCKETS_SECONDS)
}

/// Says what each figure is.
pub(crate) fn describe() {
    describe_histogram!(
        "tacho_http_request_seconds",
        "Time to the head of the answer, by route"
    );
    describe_counter!("tacho_http_requests_total", "Requests, by route and status");
    describe_histogram!(
        "tacho_query_seconds",
        "Time to answer a question, by what it is about"
    );
    describe_counter!(
        "tacho_queries_total",
        "Questions, by what they are about and how they ended"
    );
    describe_counter!(
        "tacho_queries_limited_total",
        "Requests for data that a limit refused"
    );
    describe_counter!(
        "tacho_query_cache_hits_total",
        "Batches of questions answered with kept answers"
    );
    describe_counter!(
        "tacho_query_cache_misses_total",
        "Batches of questions that had to be read"
    );
    describe_gauge!("tacho_query_cache_entries", "Batches whose answers are kept");
    describe_gauge!("tacho_query_cache_bytes", "Bytes of kept answers, about");
    describe_counter!("tacho_ingest_records_accepted_total", "Records accepted");
    describe_counter!("tacho_ingest_records_rejected_total", "Records refused");
    describe_counter!("tacho_ingest_bytes_total", "Bytes of bodies read, decompressed");
    describe_gauge!(
        "tacho_journal_position",
        "The last durable position of the journal"
    );
    describe_gauge!("tacho_journal_queue_bytes", "Bytes that wait to be written");
    describe_histogram!("tacho_journal_sync_seconds", "Time of a sync of the journal");
    describe_gauge!(
        "tacho_store_lag_records",
        "Records that are durable and not in the store"
    );
    describe_gauge!(
        "tacho_store_lag_seconds",
        "How long the oldest of them has waited"
    );
    describe_histogram!("tacho_store_apply_seconds", "Time to merge and store a batch");
    describe_gauge!("tacho_store_open_files", "Store files that are open");
    describe_gauge!("tacho_store_bytes", "Bytes of all store files");
    describe_gauge!("tacho_live_connections", "Live connections that are open");
    describe_gauge!(
        "tacho_live_subscriptions",
        "Subscriptions of all live connections"
    );
    describe_gauge!("tacho_live_topics", "Different things that are watched live");
    describe_counter!("tacho_live_connections_total", "Live connections that were made");
    describe_counter!(
        "tacho_live_refused_total",
        "Live connections that a limit refused"
    );
    describe_counter!("tacho_live_frames_total", "Frames sent to live connections");
    describe_counter!(
        "tacho_live_frames_skipped_total",
        "Frames that slow clients did not get, since there was a newer one"
    );
    describe_histogram!(
        "tacho_live_send_seconds",
        "Time from making a frame to having it written"
    );
    describe_gauge!(
        "tacho_audit_queue_entries",
        "Requests that wait for the audit log"
    );
    describe_counter!("tacho_audit_requests_total", "Requests written to the audit log");
    describe_counter!(
        "tacho_audit_write_failures_total",
        "Failed writes of the audit log; each is tried again"
    );
}

/// Reads what stands still between two looks. Blocks: it looks at the store's files.
pub(crate) fn read(state: &AppState) {
    let totals = state.ingest.totals();
    counter!("tacho_ingest_records_accepted_total").absolute(totals.accepted);
    counter!("tacho_ingest_records_rejected_total").absolute(totals.rejected);
    counter!("tacho_ingest_bytes_total").absolute(totals.bytes);
    gauge!("tacho_journal_position").set(totals.durable_lsn as f64);
    gauge!("tacho_journal_queue_bytes").set(totals.queued_bytes as f64);
    gauge!("tacho_store_lag_records").set(totals.lag_records as f64);
    gauge!("tacho_store_lag_seconds").set(totals.lag_ms as f64 / 1000.0);
    let usage = state.store.usage();
    gauge!("tacho_store_open_files").set(usage.open_files as f64);
    gauge!("tacho_store_bytes").set(usage.bytes as f64);
    if let Some(cache) = state.engine.cache_stats() {
        counter!("tacho_query_cache_hits_total").absolute(cache.hits);
        counter!("tacho_query_cache_misses_total").absolute(cache.misses);
        gauge!("tacho_query_cache_entries").set(cache.entries as f64);
        gauge!("tacho_query_cache_bytes").set(cache.bytes as f64);
        counter!("tacho_query_cache_redis_hits_total").absolute(cache.shared_hits);
    }
    if let Some(redis) = state.engine.shared_cache().map(|redis| redis.status()) {
        gauge!("tacho_redis_connected").set(f64::from(u8::from(redis.is_connected)));
        counter!("tacho_redis_reconnects_total").absolute(redis.reconnect_attempts);
    }
    let live = state.live.figures();
    gauge!("tacho_live_connections").set(live.connections as f64);
    gauge!("tacho_live_subscriptions").set(live.subscriptions as f64);
    gauge!("tacho_live_topics").set(live.topics as f64);
    counter!("tacho_live_connections_total").absolute(live.connected);
    counter!("tacho_live_frames_total").absolute(live.frames);
    counter!("tacho_live_frames_skipped_total").absolute(live.skipped);
    gauge!("tacho_audit_queue_entries").set(state.audit.waiting() as f64);
}
