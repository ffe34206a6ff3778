//! Whether two databases give the same answer.

use std::collections::BTreeMap;

use anyhow::ensure;

/// The numbers of each group, under the group's name; one group without a name where nothing is grouped.
pub(super) type Answer = BTreeMap<String, Vec<Option<f64>>>;

/// A mean may be off by rounding, relative to itself.
const MEAN_TOLERANCE: f64 = 1e-6;
/// A percentile may be worked out from bins, relative to itself.
const QUANTILE_TOLERANCE: f64 = 0.01;

/// What a number is, hence how well two have to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    /// A count or a sum of whole numbers: the same.
    Whole,
    /// Within a millionth.
    Mean,
    /// Within a hundredth.
    Quantile,
}

/// Compares two answers, number by number. Returns by what fraction of itself the percentile that differs most does.
///
/// # Errors
/// If groups are missing in one of them or numbers differ. Percentiles may differ if `has_exact_quantiles` is not so.
pub(super) fn compare(
    figures: &[Figure],
    ours: &Answer,
    theirs: &Answer,
    has_exact_quantiles: bool,
) -> anyhow::Result<f64> {
    let differing: Vec<&String> = ours
        .keys()
        .filter(|group| !theirs.contains_key(*group))
        .chain(theirs.keys().filter(|group| !ours.contains_key(*group)))
        .collect();
    ensure!(
        differing.is_empty(),
        "{} groups here, {} there; only one has {differing:?}",
        ours.len(),
        theirs.len()
    );
    ensure!(!ours.is_empty(), "nothing was answered");
    let mut farthest: f64 = 0.0;
    let mut wrong = Vec::new();
    for (group, numbers) in ours {
        let others = &theirs[group];
        ensure!(
            numbers.len() == figures.len() && others.len() == figures.len(),
            "{numbers:?} here, {others:?} there"
        );
        for ((figure, one), other) in figures.iter().zip(numbers).zip(others) {
            let apart = distance(*one, *other);
            let tolerance = match figure {
                Figure::Whole => 0.0,
                Figure::Mean => MEAN_TOLERANCE,
                Figure::Quantile => {
                    farthest = farthest.max(apart);
                    if has_exact_quantiles {
                        QUANTILE_TOLERANCE
                    } else {
                        f64::MAX
                    }
                }
            };
            if apart > tolerance {
                wrong.push(format!("{group} {one:?} {other:?}"));
            }
        }
    }
    ensure!(
        wrong.is_empty(),
        "{} of {} groups differ: {}",
        wrong.len(),
        ours.len(),
        wrong[..wrong.len().min(5)].join("; ")
    );
    Ok(farthest)
}

/// How far apart two numbers are, relative to the second.
fn distance(one: Option<f64>, other: Option<f64>) -> f64 {
    match (one, other) {
        (Some(one), Some(other)) if one == other => 0.0,
        (Some(one), Some(other)) => (one - other).abs() / other.abs(),
        (None, None) => 0.0,
        _ => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(numbers: &[f64]) -> Answer {
        Answer::from([(
            String::new(),
            numbers.iter().map(|number| Some(*number)).collect(),
        )])
    }

    fn agree(figure: Figure, one: f64, other: f64) -> bool {
        compare(&[figure], &answer(&[one]), &answer(&[other]), true).is_ok()
    }

    #[test]
    fn each_kind_of_number_has_its_tolerance() {
        assert!(agree(Figure::Whole, 1e9, 1e9));
        assert!(!agree(Figure::Whole, 1e9, 1e9 + 1.0));
        assert!(agree(Figure::Mean, 1e9, 1e9 + 1.0));
        assert!(!agree(Figure::Mean, 1_000.0, 1_001.0));
        assert!(agree(Figure::Quantile, 1_000.0, 1_009.0));
        assert!(!agree(Figure::Quantile, 1_000.0, 1_011.0));
        assert!(!agree(Figure::Mean, 1.0, 0.0));
    }

    #[test]
    fn percentiles_from_samples_are_measured_instead() {
        let figures = [Figure::Whole, Figure::Quantile];
        let (ours, theirs) = (answer(&[5.0, 100.0]), answer(&[5.0, 125.0]));
        assert!(compare(&figures, &ours, &theirs, true).is_err());
        let farthest = compare(&figures, &ours, &theirs, false).unwrap();
        assert!((farthest - 0.2).abs() < 1e-9);
        assert!(compare(&figures, &answer(&[6.0, 100.0]), &theirs, false).is_err());
    }

    #[test]
    fn a_missing_group_or_number_is_found() {
        let one = Answer::from([("a".to_owned(), vec![Some(1.0)]), ("b".to_owned(), vec![None])]);
        let other = Answer::from([("a".to_owned(), vec![Some(1.0)])]);
        assert!(compare(&[Figure::Whole], &one, &other, true).is_err());
        assert!(compare(&[Figure::Whole], &other, &one, true).is_err());
        assert!(compare(&[Figure::Whole], &Answer::new(), &Answer::new(), true).is_err());
        assert!(
            compare(
                &[Figure::Whole],
                &Answer::from([("b".to_owned(), vec![Some(0.0)])]),
                &Answer::from([("b".to_owned(), vec![None])]),
                true
            )
            .is_err()
        );
        assert!(compare(&[Figure::Whole], &one, &one, true).is_ok());
    }
}
