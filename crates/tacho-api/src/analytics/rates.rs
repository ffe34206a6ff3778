//! Rates as the document has them.

/// A number with one digit after the point.
pub(crate) fn to_tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Success and failure rate in percent to one decimal, which add up to 100; 0 and 0 where no execution was judged.
pub(crate) fn rates(success_rate: Option<f64>) -> (f64, f64) {
    success_rate.map_or((0.0, 0.0), |rate| {
        let rate = to_tenths(rate);
        (rate, to_tenths(100.0 - rate))
    })
}
