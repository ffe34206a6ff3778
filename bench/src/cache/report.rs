//! Figures as Markdown.

use super::loss::{Lost, State};
use super::peak::Peak;
use super::replay::{Exchange, Origin, Replayed};
use super::{Figures, Phase};
use crate::latency::Latencies;
use crate::table::{Table, millis, whole};

/// Everything.
pub fn markdown(figures: &mut Figures) -> String {
    let mut text = rates(&figures.phases) + "\n" + &latencies(&figures.phases);
    if figures.lost.is_empty() {
        text += "\nRedis is not installed; its loss was not tried.\n";
    } else {
        text += "\n";
        text += &losses(&figures.lost);
    }
    text += "\n";
    text += &peaks(&mut figures.peaks);
    for problem in problems(figures) {
        text += &format!("\n* {problem}");
    }
    text
}

/// What failed or differed.
pub fn problems(figures: &Figures) -> Vec<String> {
    let of_phases = figures.phases.iter().flat_map(|phase| &phase.replayed.failures);
    let lost = figures.lost.iter();
    let of_losses = lost.flat_map(|lost| lost.replayed.failures.iter().chain(&lost.differing));
    of_phases.chain(of_losses).cloned().collect()
}

fn rates(phases: &[Phase]) -> String {
    let mut table = Table::new(&[
        "20 pages; from the cache, %",
        "records/s beside",
        "requests",
        "failed",
        "all",
        "by /metrics",
        "who see everything: page",
        "procedures",
        "members: page",
        "procedures",
        "executions completed",
    ]);
    for phase in phases {
        let replayed = &phase.replayed;
        let share = |chosen: &dyn Fn(&Exchange) -> bool| {
            let all: Vec<&Exchange> = replayed.exchanges.iter().filter(|each| chosen(each)).collect();
            let hits = all.iter().filter(|each| each.origin != Origin::Read).count();
            percent(hits as u64, all.len() as u64)
        };
        let is_page = |each: &Exchange| each.name == "overview";
        let counters = replayed.counters;
        table.push(vec![
            phase.who.to_owned(),
            phase.beside_per_second.map_or("–".to_owned(), whole),
            whole(replayed.exchanges.len() as f64),
            replayed.failures.len().to_string(),
            share(&|_| true),
            percent(counters.hits, counters.hits + counters.misses),
            share(&|each| each.view == 0 && is_page(each)),
            share(&|each| each.view == 0 && !is_page(each)),
            share(&|each| each.view != 0 && is_page(each)),
            share(&|each| each.view != 0 && !is_page(each)),
            replayed.executions.to_string(),
        ]);
    }
    table.markdown()
}

fn percent(part: u64, all: u64) -> String {
    match all {
        0 => "–".to_owned(),
        all => format!("{:.1}", 100.0 * part as f64 / all as f64),
    }
}

fn latencies(phases: &[Phase]) -> String {
    let mut table = Table::new(&[
        "20 pages; answers, ms",
        "records/s beside",
        "kept",
        "p50",
        "p95",
        "p99",
        "max",
        "waited for",
        "p50",
        "p99",
        "kept or waited for, p99",
        "read",
        "p50",
        "p95",
        "p99",
    ]);
    for phase in phases {
        let of = |origins: &[Origin]| of_origins(&phase.replayed, origins);
        let (mut kept, mut waited) = (of(&[Origin::Kept]), of(&[Origin::Waited]));
        let (mut both, mut read) = (of(&[Origin::Kept, Origin::Waited]), of(&[Origin::Read]));
        table.push(vec![
            phase.who.to_owned(),
            phase.beside_per_second.map_or("–".to_owned(), whole),
            kept.count().to_string(),
            millis(kept.quantile_ms(0.5)),
            millis(kept.quantile_ms(0.95)),
            millis(kept.quantile_ms(0.99)),
            millis(kept.quantile_ms(1.0)),
            waited.count().to_string(),
            millis(waited.quantile_ms(0.5)),
            millis(waited.quantile_ms(0.99)),
            millis(both.quantile_ms(0.99)),
            read.count().to_string(),
            millis(read.quantile_ms(0.5)),
            millis(read.quantile_ms(0.95)),
            millis(read.quantile_ms(0.99)),
        ]);
    }
    table.markdown()
}

fn of_origins(replayed: &Replayed, origins: &[Origin]) -> Latencies {
    let chosen = replayed
        .exchanges
        .iter()
        .filter(|each| origins.contains(&each.origin));
    all(chosen)
}

fn all<'a>(exchanges: impl Iterator<Item = &'a Exchange>) -> Latencies {
    let mut latencies = Latencies::default();
    exchanges.for_each(|each| latencies.record(each.took));
    latencies
}

fn losses(lost: &[Lost]) -> String {
    let mut table = Table::new(&[
        "Redis, beside the cache in the process",
        "requests",
        "from a cache, %",
        "p50 ms",
        "kept p99",
        "read p99",
        "slowest",
        "answers compared",
        "of them kept",
    ]);
    let mut ends = Vec::new();
    for lost in lost {
        for state in State::ALL {
            let exchanges: Vec<&Exchange> = lost
                .replayed
                .exchanges
                .iter()
                .filter(|each| lost.state_during(each.sent, each.end()) == state)
                .collect();
            let of = |origins: &[Origin]| {
                let chosen = exchanges
                    .iter()
                    .copied()
                    .filter(|each| origins.contains(&each.origin));
                all(chosen)
            };
            let mut every = all(exchanges.iter().copied());
            let hits = exchanges
                .iter()
                .filter(|each| each.origin != Origin::Read)
                .count();
            let compared: Vec<bool> = lost
                .compared
                .iter()
                .filter(|(sent, _)| lost.state_at(*sent) == state)
                .map(|(_, is_kept)| *is_kept)
                .collect();
            let memory = if lost.has_memory {
                "by default"
            } else {
                "which holds nothing"
            };
            table.push(vec![
                format!("{}, {memory}", state.label()),
                exchanges.len().to_string(),
                percent(hits as u64, exchanges.len() as u64),
                millis(every.quantile_ms(0.5)),
                millis(of(&[Origin::Kept]).quantile_ms(0.99)),
                millis(of(&[Origin::Read]).quantile_ms(0.99)),
                millis(every.quantile_ms(1.0)),
                compared.len().to_string(),
                compared.iter().filter(|is_kept| **is_kept).count().to_string(),
            ]);
        }
        ends.push(format!(
            "{} requests failed, {} of {} answers differ, {} batches came from Redis",
            lost.replayed.failures.len(),
            lost.differing.len(),
            lost.compared.len() + lost.differing.len(),
            lost.replayed.counters.redis_hits
        ));
    }
    format!("{}\n{}.\n", table.markdown(), ends.join("; "))
}

fn peaks(peaks: &mut [Peak]) -> String {
    let mut table = Table::new(&[
        "kept answers, without limits",
        "bytes",
        "connections",
        "offered/s",
        "answered/s",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "max ms",
        "server CPU",
        "clients' CPU",
    ]);
    for peak in peaks {
        table.push(vec![
            peak.name.clone(),
            whole(peak.answer_bytes as f64),
            peak.connections.to_string(),
            peak.offered.map_or("as many as go".to_owned(), whole),
            whole(peak.per_second),
            millis(peak.latencies.quantile_ms(0.5)),
            millis(peak.latencies.quantile_ms(0.99)),
            millis(peak.latencies.quantile_ms(0.999)),
            millis(peak.latencies.quantile_ms(1.0)),
            format!("{:.2}", peak.cpu.0),
            format!("{:.2}", peak.cpu.1),
        ]);
    }
    table.markdown()
}
