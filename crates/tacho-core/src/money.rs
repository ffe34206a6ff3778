//! Exact decimal amounts. Money is micro-dollars and credits are milli-credits inside, so that sums never drift.

/// Digits after the point that an amount keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimals {
    /// Thousandths: credits, milliseconds in seconds.
    Three,
    /// Millionths: dollars.
    Six,
}

impl Decimals {
    /// How many of the smallest unit make one.
    pub const fn per_unit(self) -> i64 {
        match self {
            Decimals::Three => 1_000,
            Decimals::Six => 1_000_000,
        }
    }

    const fn digits(self) -> i32 {
        match self {
            Decimals::Three => 3,
            Decimals::Six => 6,
        }
    }
}

/// Reads a JSON number (`12`, `0.0042`, `1.5e-3`) exactly, rounding half away from zero what is finer than `decimals`.
/// `None` if it is no number or does not fit.
pub fn parse_scaled(text: &str, decimals: Decimals) -> Option<i64> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    if exponent.abs() > 40 {
        return None;
    }
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty()
        || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let mut value: i128 = 0;
    // Beyond this many digits nothing fits an i64 or reaches a millionth.
    let mut shift = exponent + decimals.digits();
    let all = whole.bytes().chain(fraction.bytes());
    let mut scale = -(fraction.len() as i32);
    let mut skipped = 0;
    for digit in all {
        if value > i128::from(u64::MAX) * 1_000_000_000 {
            skipped += 1;
            continue;
        }
        value = value * 10 + i128::from(digit - b'0');
    }
    scale += skipped;
    shift += scale;
    if shift >= 0 {
        for _ in 0..shift {
            value = value.checked_mul(10)?;
        }
    } else {
        let mut divisor: i128 = 1;
        for _ in 0..(-shift) {
            match divisor.checked_mul(10) {
                Some(next) => divisor = next,
                None => return Some(0),
            }
        }
        value = (value + divisor / 2) / divisor;
    }
    i64::try_from(if negative { -value } else { value }).ok()
}

/// Writes an amount as a decimal number without trailing zeros.
pub fn format_scaled(value: i64, decimals: Decimals) -> String {
    let per_unit = decimals.per_unit().unsigned_abs();
    let magnitude = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    let (whole, fraction) = (magnitude / per_unit, magnitude % per_unit);
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let width = decimals.digits() as usize;
    let text = format!("{sign}{whole}.{fraction:0width$}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_exact() {
        for (text, micros) in [
            ("0.1", 100_000),
            ("12", 12_000_000),
            ("-0.0042", -4_200),
            ("1.5e-3", 1_500),
            ("2E2", 200_000_000),
            ("0.0000005", 1),
            ("0.0000004", 0),
            ("1e-39", 0),
        ] {
            assert_eq!(parse_scaled(text, Decimals::Six), Some(micros), "{text}");
        }
        for text in [
            "",
            "-",
            ".",
            "1e99",
            "99999999999999999999",
            "NaN",
            "1,5",
            "0x10",
            "--1",
        ] {
            assert_eq!(parse_scaled(text, Decimals::Six), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in any::<i64>()) {
            for decimals in [Decimals::Three, Decimals::Six] {
                prop_assert_eq!(parse_scaled(&format_scaled(value, decimals), decimals), Some(value));
            }
        }

        #[test]
        fn no_text_panics(text in "[-+0-9.eE]{0,60}") {
            let _ = parse_scaled(&text, Decimals::Six);
        }
    }
}
