//! What machines report by themselves: samples of hosts and custom metrics, at fixed moments.

use tacho_core::RecordType;

use crate::company::{Company, Incident};
use crate::dice::Dice;
use crate::draft::Draft;
use crate::layout::{MetricField as P, ResourceField as R, word};
use crate::run::HOSTS;
use crate::schedule::{Hour, MINUTE_MICROS, Rhythm};
use crate::timeline::Sink;

const STREAM_HOST: u64 = 40;
const STREAM_METRIC: u64 = 41;
const HOST_MINUTES: i64 = 5;
const METRIC_MINUTES: i64 = 15;

/// Name, kind, tags, level in ordinary times, rhythm, what an incident does to it.
const METRICS: [(&str, u8, &str, f64, Rhythm, f64); 6] = [
    (
        "documents_processed",
        word::COUNTER,
        "{\"region\":\"eu-west\"}",
        60.0,
        Rhythm::Office,
        0.3,
    ),
    (
        "documents_processed",
        word::COUNTER,
        "{\"region\":\"us-east\"}",
        25.0,
        Rhythm::Office,
        0.3,
    ),
    (
        "invoice_backlog",
        word::GAUGE,
        "{\"team\":\"finance\"}",
        40.0,
        Rhythm::Office,
        4.0,
    ),
    (
        "open_tickets",
        word::GAUGE,
        "{\"team\":\"customer-care\"}",
        120.0,
        Rhythm::Customers,
        1.8,
    ),
    (
        "portal_latency_ms",
        word::HISTOGRAM,
        "{\"site\":\"portal.supplierhub.example\"}",
        420.0,
        Rhythm::Always,
        6.0,
    ),
    (
        "orders_value_usd",
        word::COUNTER,
        "{\"region\":\"eu-west\"}",
        5_400.0,
        Rhythm::Customers,
        0.8,
    ),
];

/// The samples of an hour.
pub(crate) fn tell(company: &Company, incidents: &[Incident], hour: &Hour, sink: &mut Sink) {
    let is_incident = |at: i64| {
        incidents
            .iter()
            .any(|incident| (incident.start.as_micros()..incident.end.as_micros()).contains(&at))
    };
    let office = Rhythm::Office.factor(hour);
    let origin = sink.origin;
    if sink.wants(RecordType::Resource) {
        for minute in (0..60).step_by(HOST_MINUTES as usize) {
            let at = hour.begin() + minute * MINUTE_MICROS;
            for (index, host) in HOSTS.iter().enumerate().filter(|_| at >= origin) {
                let mut dice = Dice::of(&[company.seed, STREAM_HOST, index as u64, at as u64]);
                let load = 0.3 + 0.5 * office + if is_incident(at) { 0.6 } else { 0.0 };
                let id = format!("{host}.{}", at / MINUTE_MICROS);
                sink.put(
                    Draft::new(RecordType::Resource, &id, 1, at, 7)
                        .int(R::timestamp, at)
                        .text(R::host, host)
                        .float(R::cpu_percent, dice.log_normal(22.0 * load, 0.3).min(100.0))
                        .float(
                            R::memory_mb,
                            dice.log_normal(3_200.0 + 1_400.0 * load, 0.08).min(8_192.0),
                        )
                        .float(
                            R::disk_percent,
                            41.0 + index as f64 * 4.0 + dice.between(0.0, 1.5),
                        )
                        .int(R::queue_depth, dice.count(4.0 * load * load) as i64)
                        .done(),
                );
            }
        }
    }
    if sink.wants(RecordType::Metric) {
        for minute in (0..60).step_by(METRIC_MINUTES as usize) {
            let at = hour.begin() + minute * MINUTE_MICROS;
            for (index, (name, kind, tags, level, rhythm, shock)) in
                METRICS.iter().enumerate().filter(|_| at >= origin)
            {
                let mut dice = Dice::of(&[company.seed, STREAM_METRIC, index as u64, at as u64]);
                let shock = if is_incident(at) { *shock } else { 1.0 };
                let value = dice.log_normal(level * (0.15 + 0.85 * rhythm.factor(hour)) * shock, 0.2);
                let value = if *kind == word::HISTOGRAM {
                    value
                } else {
                    value.round()
                };
                let id = format!("{name}.{index}.{}", at / MINUTE_MICROS);
                sink.put(
                    Draft::new(RecordType::Metric, &id, 1, at, 5)
                        .int(P::timestamp, at)
                        .text(P::name, name)
                        .word(P::kind, *kind)
                        .float(P::value, value)
                        .text(P::tags, tags)
                        .done(),
                );
            }
        }
    }
}
