//! What came out of the questions, as Markdown.

use super::{Comparison, Figures};
use crate::peers::Kind;
use crate::table::{Table, millis, whole};

/// The tables of one size, each with a line below.
pub fn markdown(figures: &mut Figures) -> String {
    let mut text = pages(figures);
    let executions = whole(figures.executions as f64);
    if let Some(comparison) = &mut figures.comparison {
        text = format!("{text}\n{}", beside_peers(&executions, comparison));
    }
    text
}

fn pages(figures: &mut Figures) -> String {
    let beside = format!("with {}/s p50 ms", whole(figures.beside_per_second));
    let mut table = Table::new(&[
        &format!("{} executions", whole(figures.executions as f64)),
        "from",
        "first ms",
        "p50 ms",
        "p95 ms",
        &beside,
        "p95 ms",
        "from rows p50 ms",
        "ratio",
    ]);
    for timed in &mut figures.questions {
        let (alone, raw) = (timed.alone.quantile_ms(0.5), timed.raw.quantile_ms(0.5));
        table.push(vec![
            timed.name.to_owned(),
            timed.served_by.clone(),
            millis(Some(timed.first.as_secs_f64() * 1e3)),
            millis(alone),
            millis(timed.alone.quantile_ms(0.95)),
            millis(timed.beside.quantile_ms(0.5)),
            millis(timed.beside.quantile_ms(0.95)),
            millis(raw),
            times(raw.zip(alone)),
        ]);
    }
    let filled = figures.filled.map_or(String::new(), |filled| {
        format!("Filled in {:.0} s; ", filled.as_secs_f64())
    });
    format!(
        "{}\n{filled}{:.0} bytes of store for each execution; {} records a second came in beside.\n",
        table.markdown(),
        figures.store_bytes as f64 / figures.executions as f64,
        whole(figures.beside_per_second)
    )
}

fn beside_peers(executions: &str, comparison: &mut Comparison) -> String {
    let mut head = vec![
        format!("{executions} executions, p50 ms"),
        "from".to_owned(),
        "Tacho".to_owned(),
    ];
    for kind in &comparison.kinds {
        head.extend([kind.label().to_owned(), "ratio".to_owned()]);
    }
    let mut table = Table::new(&head.iter().map(String::as_str).collect::<Vec<_>>());
    let mut ratios: Vec<Vec<f64>> = vec![Vec::new(); comparison.kinds.len()];
    for question in &mut comparison.questions {
        let tacho = question.tacho.quantile_ms(0.5);
        let mut row = vec![question.name.clone(), question.served_by.clone(), millis(tacho)];
        for (peer, ratios) in question.peers.iter_mut().zip(&mut ratios) {
            let theirs = peer.quantile_ms(0.5);
            row.extend([millis(theirs), times(theirs.zip(tacho))]);
            ratios.extend(theirs.zip(tacho).map(|(theirs, tacho)| theirs / tacho));
        }
        table.push(row);
    }
    let means: Vec<String> = comparison
        .kinds
        .iter()
        .zip(&ratios)
        .map(|(kind, ratios)| format!("{} {:.1} ×", kind.label(), geometric_mean(ratios)))
        .collect();
    let off: Vec<String> = comparison
        .kinds
        .iter()
        .zip(&comparison.quantiles_off)
        .map(|(kind, off)| format!("{} by {:.2} %", label_with_method(*kind), 100.0 * off))
        .collect();
    let agreement = match comparison.disagreements.as_slice() {
        [] => "Counts, sums and means agree".to_owned(),
        differing => format!("Answers differ ({})", differing.join(". ")),
    };
    format!(
        "{}\nGeometric means of the ratios: {}. {agreement}; percentiles are off Tacho's at most: {}.\n",
        table.markdown(),
        means.join(", "),
        off.join(", ")
    )
}

fn label_with_method(kind: Kind) -> String {
    match kind.has_exact_quantiles() {
        true => kind.label().to_owned(),
        false => format!("{} (from samples)", kind.label()),
    }
}

fn times(both: Option<(f64, f64)>) -> String {
    both.map_or("–".to_owned(), |(theirs, ours)| {
        format!("{:.1} ×", theirs / ours)
    })
}

fn geometric_mean(ratios: &[f64]) -> f64 {
    let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (logarithms / ratios.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_geometric_mean_takes_twice_and_half_alike() {
        assert!((geometric_mean(&[2.0, 0.5, 1.0]) - 1.0).abs() < 1e-12);
        assert!((geometric_mean(&[10.0, 1_000.0]) - 100.0).abs() < 1e-9);
    }
}
