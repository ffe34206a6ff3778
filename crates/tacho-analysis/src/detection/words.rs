//! Lengths of time in plain words.

use crate::detection::limits::{DAY_US, HOUR_US, MINUTE_US, SECOND_US};

/// A length of time in its two greatest units, rounded down: "2 h 10 min".
pub(super) fn length(micros: i64) -> String {
    let (greater, lesser) = match micros {
        DAY_US.. => ((DAY_US, "d"), (HOUR_US, "h")),
        HOUR_US.. => ((HOUR_US, "h"), (MINUTE_US, "min")),
        MINUTE_US.. => ((MINUTE_US, "min"), (SECOND_US, "s")),
        SECOND_US.. => return format!("{} s", micros / SECOND_US),
        _ => return "less than a second".to_owned(),
    };
    let (whole, rest) = (micros / greater.0, micros % greater.0 / lesser.0);
    // Of longer times the lesser unit tells nothing.
    match rest == 0 || whole >= 10 {
        true => format!("{whole} {}", greater.1),
        false => format!("{whole} {} {rest} {}", greater.1, lesser.1),
    }
}

/// Within which something usually ends, rounded up so that it is true.
pub(super) fn bound(micros: i64) -> String {
    let unit = match micros {
        DAY_US.. => HOUR_US,
        HOUR_US.. => MINUTE_US,
        _ => SECOND_US,
    };
    length(
        micros
            .div_euclid(unit)
            .saturating_add(i64::from(micros % unit > 0))
            .saturating_mul(unit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_two_units() {
        let seconds = [0, 59, 60, 90, 725, 7_800, 36_060, 86_400, 90_000, 1_000_000];
        let told = seconds.map(|seconds| length(seconds * SECOND_US));
        let expected = [
            "less than a second",
            "59 s",
            "1 min",
            "1 min 30 s",
            "12 min",
            "2 h 10 min",
            "10 h",
            "1 d",
            "1 d 1 h",
            "11 d",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn bounds_are_not_less_than_what_they_bound() {
        assert_eq!(bound(1), "1 s");
        assert_eq!(bound(59 * SECOND_US + 1), "1 min");
        assert_eq!(bound(HOUR_US + 1), "1 h 1 min");
        assert_eq!(bound(DAY_US), "1 d");
    }
}
