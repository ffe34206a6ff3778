use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    // Clocks moved at one minute past midnight, from 1988 for an hour or two.
    "America/St_Johns",
    // Left out 30 December 2011.
    "Pacific/Apia",
    // An offset with seconds until 1972.
    "Africa/Monrovia",
];

fn range(start: &str, end: &str) -> TimeRange {
    TimeRange {
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
    }
}

fn starts(start: &str, end: &str, granularity: Granularity, zone: &str) -> Vec<String> {
    let zone = TimeZone::get(zone).unwrap();
    let buckets = Buckets::of(range(start, end), granularity, &zone);
    assert_eq!(buckets.granularity, granularity);
    buckets
        .buckets
        .iter()
        .map(|bucket| format_instant(bucket.start, &zone))
        .collect()
}

#[test]
fn days_have_their_own_length() {
    assert_eq!(
        starts(
            "2026-10-24T12:00:00Z",
            "2026-10-26T00:00:00Z",
            Granularity::Day,
            "Europe/Berlin"
        ),
        [
            "2026-10-24T00:00:00+02:00",
            "2026-10-25T00:00:00+02:00",
            "2026-10-26T00:00:00+01:00"
        ]
    );
    assert_eq!(
        starts(
            "2011-12-29T12:00:00Z",
            "2011-12-31T00:00:00Z",
            Granularity::Day,
            "Pacific/Apia"
        ),
        ["2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"]
    );
}

#[test]
fn the_hour_lived_twice_is_two() {
    assert_eq!(
        starts(
            "2026-10-24T23:30:00Z",
            "2026-10-25T02:30:00Z",
            Granularity::Hour,
            "Europe/Berlin"
        ),
        [
            "2026-10-25T01:00:00+02:00",
            "2026-10-25T02:00:00+02:00",
            "2026-10-25T02:00:00+01:00",
            "2026-10-25T03:00:00+01:00",
        ]
    );
    assert_eq!(
        starts(
            "2026-03-29T00:00:00Z",
            "2026-03-29T02:00:00Z",
            Granularity::Hour,
            "Europe/Berlin"
        ),
        ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"]
    );
}

#[test]
fn half_an_hour_is_cut_off_at_lord_howe() {
    // Forward from 02:00 to 02:30, back from 02:00 to 01:30.
    assert_eq!(
        starts(
            "2026-10-03T14:30:00Z",
            "2026-10-03T17:00:00Z",
            Granularity::Hour,
            "Australia/Lord_Howe"
        ),
        [
            "2026-10-04T01:00:00+10:30",
            "2026-10-04T02:30:00+11:00",
            "2026-10-04T03:00:00+11:00"
        ]
    );
    assert_eq!(
        starts(
            "2026-04-04T14:00:00Z",
            "2026-04-04T16:30:00Z",
            Granularity::Hour,
            "Australia/Lord_Howe"
        ),
        [
            "2026-04-05T01:00:00+11:00",
            "2026-04-05T01:30:00+10:30",
            "2026-04-05T02:00:00+10:30"
        ]
    );
}

#[test]
fn hours_of_kathmandu_begin_at_a_quarter() {
    assert_eq!(
        starts(
            "2026-11-22T10:00:00Z",
            "2026-11-22T11:00:00Z",
            Granularity::Hour,
            "Asia/Kathmandu"
        ),
        ["2026-11-22T15:00:00+05:45", "2026-11-22T16:00:00+05:45"]
    );
}

#[test]
fn weeks_begin_on_monday() {
    assert_eq!(
        starts(
            "2026-11-22T12:00:00Z",
            "2026-11-23T12:00:00Z",
            Granularity::Week,
            "America/New_York"
        ),
        ["2026-11-16T00:00:00-05:00", "2026-11-23T00:00:00-05:00"]
    );
}

#[test]
fn too_fine_a_granularity_is_widened() {
    let granularity = |start, end, requested| {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let buckets = Buckets::of(range(start, end), requested, &zone);
        assert!(buckets.buckets.len() <= POINTS_MAX);
        (buckets.granularity, buckets.buckets.len())
    };
    // A leap year by day, cut at both ends, is not.
    assert_eq!(
        granularity("2023-11-22T10:00:00Z", "2024-11-22T10:00:00Z", Granularity::Day),
        (Granularity::Day, 367)
    );
    assert_eq!(
        granularity(
            "2026-11-15T10:00:00Z",
            "2026-11-22T10:00:00Z",
            Granularity::Minute
        ),
        (Granularity::Hour, 168)
    );
    assert_eq!(
        granularity(
            "2016-11-22T00:00:00Z",
            "2026-11-22T00:00:00Z",
            Granularity::Minute
        ),
        (Granularity::Month, 121)
    );
    assert_eq!(
        granularity(
            "1970-01-01T00:00:00Z",
            "2200-01-01T00:00:00Z",
            Granularity::Minute
        ),
        (Granularity::Year, 231)
    );
}

/// The bucket of an instant as jiff's calendar has it: local date, or wall-clock time and offset.
fn independent_key(instant: Timestamp, granularity: Granularity, zone: &TimeZone) -> (civil::DateTime, i32) {
    let zoned = instant.to_jiff().to_zoned(zone.clone());
    let local = zoned.datetime();
    let date = zoned.date();
    let midnight = |date: civil::Date| (date.at(0, 0, 0, 0), 0);
    match granularity {
        Granularity::Minute => (
            date.at(local.hour(), local.minute(), 0, 0),
            zoned.offset().seconds(),
        ),
        Granularity::FiveMinutes => (
            date.at(local.hour(), local.minute() / 5 * 5, 0, 0),
            zoned.offset().seconds(),
        ),
        Granularity::QuarterHour => (
            date.at(local.hour(), local.minute() / 15 * 15, 0, 0),
            zoned.offset().seconds(),
        ),
        Granularity::Hour => (date.at(local.hour(), 0, 0, 0), zoned.offset().seconds()),
        Granularity::Day => midnight(date),
        Granularity::Week => {
            let back = i64::from(date.weekday().to_monday_zero_offset());
            midnight(date.checked_sub(jiff::Span::new().days(back)).unwrap())
        }
        Granularity::Month => midnight(date.first_of_month()),
        Granularity::Quarter => midnight(civil::date(date.year(), (date.month() - 1) / 3 * 3 + 1, 1)),
        Granularity::Year => midnight(date.first_of_year()),
    }
}

/// Moments near which clocks were moved, and any others.
fn instants() -> impl Strategy<Value = i64> {
    let anywhere = 0..Timestamp::from_micros(1_900_000_000_000_000).as_micros();
    let known = prop::sample::select(vec![
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-11-01T06:00:00Z",
        "2026-03-08T07:00:00Z",
        "2026-04-04T15:00:00Z",
        "2026-10-03T15:30:00Z",
        "2010-11-07T02:31:00Z",
        "1988-04-03T03:31:00Z",
        "2011-12-30T10:00:00Z",
        "1972-01-07T00:44:30Z",
        "1985-12-31T18:30:00Z",
    ]);
    let near = (known, -7_200_000_000i64..7_200_000_000)
        .prop_map(|(text, off)| (text.parse::<Timestamp>().unwrap().as_micros() + off).max(0));
    prop_oneof![1 => anywhere, 3 => near]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// Each instant of the range falls into exactly one listed bucket, two instants share one exactly if the calendar
    /// says so, and no bucket is listed that the range does not touch.
    #[test]
    fn buckets_partition_the_range(
        start in instants(),
        length in prop_oneof![1i64..7_200_000_000, 1i64..100 * DAY_US, 1i64..4_000 * DAY_US],
        zone in prop::sample::select(ZONES.to_vec()),
        granularity in prop::sample::select(Granularity::ALL.to_vec()),
        shares in prop::collection::vec(0.0f64..1.0, 30),
    ) {
        let zone = TimeZone::get(zone).unwrap();
        let range = TimeRange { start: Timestamp::from_micros(start), end: Timestamp::from_micros(start + length) };
        let buckets = Buckets::of(range, granularity, &zone);
        prop_assert!(buckets.buckets.len() <= POINTS_MAX);
        prop_assert!(buckets.buckets.windows(2).all(|pair| pair[0].key < pair[1].key));
        prop_assert!(buckets.buckets.windows(2).all(|pair| pair[0].start < pair[1].start));

        let mut samples: Vec<i64> = shares.iter().map(|share| start + (length as f64 * share) as i64).collect();
        samples.extend([start, start + length - 1]);
        for segment in &buckets.segments {
            samples.extend(segment.start.iter().flat_map(|at| [at.as_micros() - 1, at.as_micros()]));
        }
        samples.retain(|at| range.contains(Timestamp::from_micros(*at)));
        let mut independent = HashMap::new();
        for at in samples {
            let instant = Timestamp::from_micros(at);
            let key = buckets.key_of(instant);
            let bucket = buckets.buckets.iter().find(|bucket| bucket.key == key);
            prop_assert!(bucket.is_some(), "{instant} has no bucket");
            prop_assert!(bucket.unwrap().start <= instant);
            let calendar = independent_key(instant, buckets.granularity, &zone);
            prop_assert_eq!(*independent.entry(calendar).or_insert(key), key, "{}", instant);
        }
        let keys: std::collections::HashSet<_> = independent.values().collect();
        prop_assert_eq!(keys.len(), independent.len(), "two buckets of the calendar share a key");
        // A bucket that begins inside the range is touched by it. At most two begin before: the dates that St. John's
        // goes to and fro between when the clock is moved just after midnight.
        let (inside, before): (Vec<&Bucket>, Vec<&Bucket>) =
            buckets.buckets.iter().partition(|bucket| bucket.start >= range.start);
        prop_assert!(before.len() <= 2);
        for bucket in inside {
            prop_assert!(bucket.start < range.end);
            prop_assert_eq!(buckets.key_of(bucket.start), bucket.key);
        }
    }
}
