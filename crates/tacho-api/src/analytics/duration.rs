//! Durations in words for people (FR-001.8).

/// A length of time in its two greatest units, from milliseconds to days: "850ms", "4.2s", "45s", "2m 5s", "3h 20m",
/// "2d 4h". `ms` is in milliseconds; what is less than 0 counts as 0.
pub(crate) fn formatted(ms: f64) -> String {
    const SECOND: f64 = 1_000.0;
    let ms = ms.max(0.0);
    if ms.round() < SECOND {
        return format!("{}ms", ms.round());
    }
    let tenths = (ms / 100.0).round();
    if tenths < 100.0 {
        return format!("{}s", tenths / 10.0);
    }
    // Whole from here on, so that what is rounded up is carried.
    let seconds = (ms / SECOND).round() as u64;
    let (minutes, hours, days) = (seconds / 60, (seconds + 30) / 3_600, (seconds + 1_800) / 86_400);
    match (minutes, hours, days) {
        (0, ..) => format!("{seconds}s"),
        (1..60, 0, _) => pair(minutes, "m", seconds % 60, "s"),
        (_, _, 0) => pair(hours, "h", ((seconds + 30) % 3_600) / 60, "m"),
        _ => pair(days, "d", ((seconds + 1_800) % 86_400) / 3_600, "h"),
    }
}

fn pair(many: u64, unit: &str, few: u64, small_unit: &str) -> String {
    match few {
        0 => format!("{many}{unit}"),
        few => format!("{many}{unit} {few}{small_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::formatted;

    #[test]
    fn durations_have_two_units_at_most_and_carry() {
        for (ms, text) in [
            (-3.0, "0ms"),
            (0.0, "0ms"),
            (999.4, "999ms"),
            (999.6, "1s"),
            (1_000.0, "1s"),
            (4_230.0, "4.2s"),
            (9_960.0, "10s"),
            (45_000.0, "45s"),
            (59_499.0, "59s"),
            (59_500.0, "1m"),
            (125_000.0, "2m 5s"),
            (3_569_000.0, "59m 29s"),
            (3_599_600.0, "1h"),
            (12_000_000.0, "3h 20m"),
            (86_400_000.0, "1d"),
            (187_200_000.0, "2d 4h"),
            (86_399_000.0 + 3_600_000.0, "1d 1h"),
        ] {
            assert_eq!(formatted(ms), text, "{ms}");
        }
    }
}
