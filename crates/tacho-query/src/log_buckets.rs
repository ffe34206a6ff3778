//! Logarithmic buckets of whole numbers, for histograms of durations: 20 a decade, so that each ends where 10^(1/20), 1.122,
//! times its beginning lies. A bucket is named by the least whole number in it; that of 0 is 0.

/// Buckets between a number and ten times that.
const PER_DECADE: u32 = 20;

/// The bucket of a row's value, as plain SQL over the column as it is written there. Null if the row has none.
pub(crate) fn of_row(column: &str) -> String {
    format!(
        "CAST(CASE WHEN {column} < 1 THEN 0 \
         ELSE ceil(pow(10, floor(log10({column}) * {PER_DECADE}) / {PER_DECADE})) END AS BIGINT)"
    )
}

/// The same of a value that is not negative.
pub fn lower_bound(value: u64) -> u64 {
    if value == 0 {
        return 0;
    }
    let per_decade = f64::from(PER_DECADE);
    let bucket = ((value as f64).log10() * per_decade).floor();
    10f64.powf(bucket / per_decade).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_by_the_least_whole_number_in_it() {
        let mut last = 0;
        for value in 1..200_000 {
            let bound = lower_bound(value);
            assert_eq!(lower_bound(bound), bound, "{value}");
            assert!(
                bound == last || bound == value,
                "{value} begins no bucket: {last}, {bound}"
            );
            assert!(
                (value as f64) < bound as f64 * 1.13 || value == bound,
                "{value} is far from {bound}"
            );
            last = bound;
        }
    }

    #[test]
    fn there_are_twenty_a_decade() {
        let mut bounds: Vec<u64> = (1_000..100_000).map(lower_bound).collect();
        bounds.dedup();
        assert_eq!(bounds.len(), 40);
        assert_eq!(bounds[..4], [1_000, 1_123, 1_259, 1_413]);
        assert_eq!(bounds[20], 10_000);
        assert_eq!(
            [0, 1, 2, 3, 1_000_000_000].map(lower_bound),
            [0, 1, 2, 3, 1_000_000_000]
        );
    }
}
