//! The figures as Markdown.

use super::{Figures, Stretch, Watched};
use crate::table::{Table, millis, whole};

/// All tables.
pub fn markdown(figures: &mut Figures) -> String {
    let mut watched = Table::new(&[
        "clients; what they watch",
        "records/s",
        "p50 ms",
        "p99 ms",
        "max ms",
        "samples",
        "frames",
        "told/s",
        "left out",
        "frame to frame p50 ms",
        "max ms",
        "server CPU",
        "others' CPU",
    ]);
    for (what, of) in [
        ("executions", &mut figures.few),
        ("metrics, 1 s", &mut figures.many),
    ] {
        watched.push(row(what, of));
    }
    let memory = &figures.memory;
    let mut resident = Table::new(&["memory of the server", "MB", "bytes a client"]);
    let mut take = |what: String, bytes: u64, each: Option<f64>| {
        resident.push(vec![
            what,
            format!("{:.1}", bytes as f64 / 1e6),
            each.map_or("–".into(), whole),
        ]);
    };
    let clients = whole(memory.clients as f64);
    take("before".into(), memory.before, None);
    for (what, bytes) in [("connected", memory.connected), ("subscribed", memory.subscribed)] {
        take(format!("{clients} {what}"), bytes, Some(memory.each(bytes)));
    }
    format!(
        "{}\n{}\n{}\n{}",
        watched.markdown(),
        resident.markdown(),
        stretches(&figures.full).markdown(),
        slowed(&figures.full)
    )
}

fn row(what: &str, of: &mut Watched) -> Vec<String> {
    let seconds = of.elapsed.as_secs_f64();
    vec![
        format!("{}; {what}", whole(of.clients as f64)),
        whole(of.records as f64 / seconds),
        millis(of.latencies.quantile_ms(0.5)),
        millis(of.latencies.quantile_ms(0.99)),
        millis(of.latencies.quantile_ms(1.0)),
        whole(of.latencies.count() as f64),
        whole(of.frames as f64),
        whole(of.told as f64 / seconds),
        whole(of.skipped as f64),
        millis(of.intervals.quantile_ms(0.5)),
        millis(of.intervals.quantile_ms(1.0)),
        format!("{:.2}", of.cpu.0),
        format!("{:.2}", of.cpu.1),
    ]
}

fn stretches(full: &[Stretch]) -> Table {
    let mut table = Table::new(&[
        "ingest at full load; clients",
        "acknowledged/s",
        "ack p50 ms",
        "p99 ms",
        "503",
        "server CPU",
        "others' CPU",
    ]);
    for stretch in full {
        let mut latencies = stretch.outcome.latencies.clone();
        table.push(vec![
            if stretch.is_subscribed {
                "subscribed"
            } else {
                "connected"
            }
            .into(),
            whole(stretch.outcome.records_per_second()),
            millis(latencies.quantile_ms(0.5)),
            millis(latencies.quantile_ms(0.99)),
            whole(stretch.outcome.refused as f64),
            format!("{:.2}", stretch.cpu.0),
            format!("{:.2}", stretch.cpu.1),
        ]);
    }
    table
}

/// How much less ingest takes while clients are told.
fn slowed(full: &[Stretch]) -> String {
    let rate = |is_subscribed: bool| {
        let of_them = full
            .iter()
            .filter(|stretch| stretch.is_subscribed == is_subscribed);
        let (records, seconds) = of_them.fold((0, 0.0), |(records, seconds), stretch| {
            let outcome = &stretch.outcome;
            (records + outcome.records, seconds + outcome.elapsed.as_secs_f64())
        });
        records as f64 / seconds
    };
    let (subscribed, connected) = (rate(true), rate(false));
    format!(
        "Ingest at full load: {} records/s with all subscribed, {} with all only connected ({:+.1} %).\n",
        whole(subscribed),
        whole(connected),
        (subscribed / connected - 1.0) * 100.0
    )
}
