//! Values that stand out from the others of a series.

/// Values of a series that are too few to tell what is usual.
const VALUES_MIN: usize = 7;
/// The modified z-score from which a value stands out, as Iglewicz and Hoaglin recommend.
const SCORE_MIN: f64 = 3.5;
/// The median absolute deviation of a normal distribution in standard deviations.
const MEDIAN_DEVIATION: f64 = 0.674_489_750_196_082;
/// The mean absolute deviation of a normal distribution in standard deviations.
const MEAN_DEVIATION: f64 = 0.797_884_560_802_865;

/// For each value whether it stands out: its modified z-score, 0.6745 (x − median) ÷ MAD, is above 3.5 in either direction
/// (B. Iglewicz, D. Hoaglin: How to Detect and Handle Outliers, 1993). Where more than half of the values are the same, so
/// that the MAD is 0, the mean absolute deviation takes its place. Missing values stand out never, and none do among fewer
/// than seven.
pub fn outliers(values: &[Option<f64>]) -> Vec<bool> {
    let mut known: Vec<f64> = values
        .iter()
        .flatten()
        .copied()
        .filter(|x| x.is_finite())
        .collect();
    if known.len() < VALUES_MIN {
        return vec![false; values.len()];
    }
    let median_of_values = median(&mut known);
    let mut deviations: Vec<f64> = known.iter().map(|x| (x - median_of_values).abs()).collect();
    let mean = deviations.iter().sum::<f64>() / deviations.len() as f64;
    let scale = match median(&mut deviations) / MEDIAN_DEVIATION {
        0.0 => mean / MEAN_DEVIATION,
        scale => scale,
    };
    let stands_out = |value: &Option<f64>| {
        value
            .is_some_and(|x| x.is_finite() && scale > 0.0 && (x - median_of_values).abs() / scale > SCORE_MIN)
    };
    values.iter().map(stands_out).collect()
}

/// The same for a series in which every so many values are alike, such as the days of a week: each value is taken for how far
/// it is from the median of those at its place in the season. A series shorter than three seasons has none.
pub fn outliers_in_seasons(values: &[Option<f64>], season: usize) -> Vec<bool> {
    if season < 2 || values.len() < season * 3 {
        return outliers(values);
    }
    let usual: Vec<Option<f64>> = (0..season)
        .map(|place| {
            let alike = values.iter().skip(place).step_by(season).flatten();
            let mut alike: Vec<f64> = alike.copied().filter(|x| x.is_finite()).collect();
            (!alike.is_empty()).then(|| median(&mut alike))
        })
        .collect();
    let residuals = values.iter().enumerate();
    let residuals: Vec<Option<f64>> = residuals
        .map(|(at, value)| Some((*value)? - usual[at % season]?))
        .collect();
    outliers(&residuals)
}

/// The median; orders the values.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn what_lies_far_off_stands_out_in_either_direction() {
        let found = outliers(&known(&[10.0, 11.0, 9.0, 10.5, 9.5, 10.0, 40.0, -20.0]));
        assert_eq!(found, [false, false, false, false, false, false, true, true]);
    }

    #[test]
    fn one_that_differs_among_many_that_are_the_same_stands_out() {
        let mut values = vec![100.0; 29];
        values.push(60.0);
        let found = outliers(&known(&values));
        assert_eq!(found.iter().filter(|it| **it).count(), 1);
        assert!(found[29]);
    }

    #[test]
    fn weekends_do_not_stand_out_but_a_weekday_like_one_does() {
        let mut values: Vec<Option<f64>> = (0..35)
            .map(|day| Some(if day % 7 > 4 { 100.0 } else { 1_000.0 } + f64::from(day * 37 % 11)))
            .collect();
        assert_eq!(outliers_in_seasons(&values, 7), [false; 35]);
        values[16] = Some(100.0);
        let found = outliers_in_seasons(&values, 7);
        assert!(found[16] && found.iter().filter(|it| **it).count() == 1);
        // Too short to have seasons.
        assert_eq!(outliers_in_seasons(&values[..20], 7), outliers(&values[..20]));
    }

    #[test]
    fn among_few_or_equal_values_none_does() {
        assert_eq!(outliers(&known(&[1.0, 1.0, 1.0, 99.0])), [false; 4]);
        assert_eq!(outliers(&known(&[5.0; 20])), [false; 20]);
        assert_eq!(outliers(&[None; 20]), [false; 20]);
    }

    proptest! {
        /// Moving and stretching all values changes nothing, and fewer than half stand out.
        #[test]
        fn it_does_not_depend_on_the_unit(
            values in prop::collection::vec(prop::option::weighted(0.9, -1_000i32..1_000), 0..60),
            shift in -1_000i32..1_000,
            power in 0u32..10,
        ) {
            let stretch = f64::from(2u32.pow(power));
            let plain: Vec<_> = values.iter().map(|value| value.map(f64::from)).collect();
            let moved: Vec<_> = plain.iter().map(|value| value.map(|x| (x + f64::from(shift)) * stretch)).collect();
            let found = outliers(&plain);
            prop_assert_eq!(&found, &outliers(&moved));
            prop_assert!(found.iter().filter(|it| **it).count() * 2 <= values.len());
        }
    }
}
