//! Bins of values, from which quantiles are worked out where there are too many values to sort: each bin is two hundredths
//! wider than the one before, so that its middle is within a hundredth of every value in it (the logarithmic bins of
//! Masson, Rim and Lee, "DDSketch", 2019). Whole numbers near zero have a bin each.

/// How far off a quantile that is worked out from bins lies at most, as a fraction of it.
pub const RELATIVE_ERROR: f64 = 0.01;

/// Whole numbers nearer to zero have a bin each. At 50 a bin becomes wider than 1.
const EXACT_BELOW: i64 = 50;
/// Upper end of a bin over its lower end, both in values: (1 + 0.0099) / (1 - 0.0099).
const GROWTH: f64 = 1.02;

/// The bin of a row's value, as plain SQL. Bins are ordered as values are; that of a negative value is the negative one.
pub fn of_row(column: &str) -> String {
    let value = format!("CAST(\"{column}\" AS DOUBLE)");
    format!(
        "CAST(CASE WHEN abs({value}) < {EXACT_BELOW} THEN {value} \
         ELSE sign({value}) * ({EXACT_BELOW} + ceil(ln(abs({value}) / {EXACT_BELOW}) / ln({GROWTH}))) END AS SMALLINT)"
    )
}

/// The value that stands for all in a bin, as plain SQL: as far from the lower as from the upper end, relative to them.
pub fn middle(bin: &str) -> String {
    let middle = f64::from(EXACT_BELOW as i32) * 2.0 / (1.0 + GROWTH);
    format!(
        "CASE WHEN abs({bin}) < {EXACT_BELOW} THEN CAST({bin} AS DOUBLE) \
         ELSE sign({bin}) * {middle} * pow({GROWTH}, abs({bin}) - {EXACT_BELOW}) END"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What [`of_row`] and [`middle`] compute.
    fn stands_for(value: f64) -> f64 {
        let near = f64::from(EXACT_BELOW as i32);
        if value.abs() < near {
            return value;
        }
        let bin = ((value.abs() / near).ln() / GROWTH.ln()).ceil();
        value.signum() * near * 2.0 / (1.0 + GROWTH) * GROWTH.powf(bin)
    }

    #[test]
    fn the_middle_of_a_bin_is_within_the_error_of_its_values() {
        for step in 0..200_000 {
            let value = (50.0 * 1.0002f64.powi(step)).min(9.2e18).floor();
            for value in [value, -value] {
                let error = (stands_for(value) - value).abs() / value.abs();
                assert!(error <= RELATIVE_ERROR, "{value} is off by {error}");
            }
        }
        for value in -49i32..50 {
            assert_eq!(stands_for(value.into()), f64::from(value));
        }
    }
}
