use proptest::prelude::*;

use super::*;

const NARROW: &[Slot] = &[Slot::Day, Slot::QuarterHour];
const ALL: &[Slot] = &[Slot::Month, Slot::Week, Slot::Day, Slot::QuarterHour];

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange {
        start: from.parse().unwrap(),
        end: to.parse().unwrap(),
    }
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn covered(from: &str, to: &str, zone_name: &str) -> Vec<(Option<Slot>, String, String)> {
    let pieces = cover(range(from, to), NARROW, &zone(zone_name), Timestamp::MIN).into_iter();
    pieces
        .map(|piece| {
            (
                piece.slot,
                piece.range.start.to_string(),
                piece.carried.start.to_string(),
            )
        })
        .collect()
}

#[test]
fn a_range_is_cut_into_the_coarsest_slots() {
    let same = |slot, at: &str| (slot, at.to_owned(), at.to_owned());
    assert_eq!(
        covered("2026-11-01T08:20:00Z", "2026-11-04T00:20:00Z", "UTC"),
        [
            same(None, "2026-11-01T08:20:00Z"),
            same(Some(Slot::QuarterHour), "2026-11-01T08:30:00Z"),
            same(Some(Slot::Day), "2026-11-02T00:00:00Z"),
            same(Some(Slot::QuarterHour), "2026-11-04T00:00:00Z"),
            same(None, "2026-11-04T00:15:00Z"),
        ]
    );
    assert_eq!(
        covered("2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "UTC"),
        [same(Some(Slot::Day), "2026-11-02T00:00:00Z")]
    );
    assert_eq!(
        covered("2026-11-02T00:01:00Z", "2026-11-02T00:09:00Z", "UTC"),
        [same(None, "2026-11-02T00:01:00Z")]
    );
}

#[test]
fn days_are_those_of_the_zone() {
    let at = |slot, instant: &str, carried: &str| (slot, instant.to_owned(), carried.to_owned());
    // The clocks go back on 25 October: that day has 25 hours.
    assert_eq!(
        covered("2026-10-24T22:00:00Z", "2026-10-25T23:30:00Z", "Europe/Berlin"),
        [
            at(Some(Slot::Day), "2026-10-24T22:00:00Z", "2026-10-25T00:00:00Z"),
            at(
                Some(Slot::QuarterHour),
                "2026-10-25T23:00:00Z",
                "2026-10-25T23:00:00Z"
            ),
        ]
    );
    assert_eq!(
        covered("2026-11-01T18:15:00Z", "2026-11-02T18:15:00Z", "Asia/Kathmandu"),
        [at(
            Some(Slot::Day),
            "2026-11-01T18:15:00Z",
            "2026-11-02T00:00:00Z"
        )]
    );
}

#[test]
fn a_midnight_that_comes_twice_parts_nothing() {
    // In St. John's, at one minute past midnight of 7 November 2010, clocks went back to 23:01 of the day before.
    let zone = zone("America/St_Johns");
    let pieces = cover(
        range("2010-11-05T00:00:00Z", "2010-11-10T12:00:00Z"),
        &[Slot::Day],
        &zone,
        Timestamp::MIN,
    );
    let days: Vec<_> = pieces.iter().filter(|piece| piece.slot.is_some()).collect();
    assert_eq!(days.len(), 1);
    let through = cover(
        range("2010-11-05T02:30:00Z", "2010-11-08T03:30:00Z"),
        &[Slot::Day],
        &zone,
        Timestamp::MIN,
    );
    assert_eq!(through.len(), 1, "{through:?}");
    let until = cover(
        range("2010-11-05T02:30:00Z", "2010-11-07T02:30:00Z"),
        &[Slot::Day],
        &zone,
        Timestamp::MIN,
    );
    assert_eq!(until.len(), 2, "{until:?}");
    assert_eq!(until[0].carried.end.to_string(), "2010-11-06T00:00:00Z");
}

#[test]
fn slots_that_cut_a_bucket_are_not_used() {
    let of = |granularity, asked: &str, own: &str| {
        let range = range("2026-03-01T00:00:00Z", "2026-04-10T00:00:00Z");
        let (asked, own) = (zone(asked), zone(own));
        let buckets = Buckets::of(range, granularity, &asked);
        let same = same_clock(range, &asked, &own);
        let mut slots = ALL.to_vec();
        slots.retain(|slot| slot.lies_in_one_bucket(&buckets, same));
        slots
    };
    use Slot::*;
    assert_eq!(of(Granularity::Day, "UTC", "UTC"), [Day, QuarterHour]);
    assert_eq!(of(Granularity::Day, "Europe/Berlin", "UTC"), [QuarterHour]);
    assert_eq!(
        of(Granularity::Day, "Europe/Berlin", "Europe/Berlin"),
        [Day, QuarterHour]
    );
    assert_eq!(
        of(Granularity::Day, "Europe/Berlin", "Europe/Paris"),
        [Day, QuarterHour]
    );
    assert_eq!(of(Granularity::Day, "Asia/Kathmandu", "UTC"), [QuarterHour]);
    assert_eq!(of(Granularity::Week, "UTC", "UTC"), [Week, Day, QuarterHour]);
    assert_eq!(of(Granularity::Quarter, "UTC", "UTC"), [Month, Day, QuarterHour]);
    assert_eq!(
        of(Granularity::Month, "Australia/Lord_Howe", "UTC"),
        [QuarterHour]
    );
    let of_short = |granularity| {
        let range = range("2026-03-01T00:00:00Z", "2026-03-01T00:30:00Z");
        let buckets = Buckets::of(range, granularity, &TimeZone::UTC);
        let mut slots = ALL.to_vec();
        slots.retain(|slot| slot.lies_in_one_bucket(&buckets, true));
        slots
    };
    assert_eq!(of_short(Granularity::Hour), [QuarterHour]);
    assert_eq!(of_short(Granularity::Minute), []);
}

#[test]
fn a_part_of_a_slot_is_read_from_the_whole_of_it() {
    let berlin = zone("Europe/Berlin");
    let asked = range("2026-11-02T08:20:00Z", "2026-11-03T21:00:00Z");
    let rows = cover(asked, &[], &berlin, Timestamp::MIN)[0];
    assert_eq!(rows.beyond().count(), 0);
    let of_days = rows.in_slots(Slot::Day, &berlin, &TimeZone::UTC).unwrap();
    assert_eq!(of_days.range, asked);
    assert_eq!(
        of_days.read,
        range("2026-11-01T23:00:00Z", "2026-11-03T23:00:00Z")
    );
    assert_eq!(
        of_days.carried,
        range("2026-11-02T00:00:00Z", "2026-11-04T00:00:00Z")
    );
    let beyond: Vec<TimeRange> = of_days.beyond().collect();
    assert_eq!(
        beyond,
        [
            range("2026-11-01T23:00:00Z", "2026-11-02T08:20:00Z"),
            range("2026-11-03T21:00:00Z", "2026-11-03T23:00:00Z"),
        ]
    );
    let of_weeks = rows.in_slots(Slot::Week, &berlin, &TimeZone::UTC).unwrap();
    assert_eq!(
        of_weeks.read,
        range("2026-11-01T23:00:00Z", "2026-11-08T23:00:00Z")
    );
}

#[test]
fn where_a_clock_is_moved_no_part_of_a_slot_is_read_from_the_whole() {
    let (berlin, kathmandu) = (zone("Europe/Berlin"), zone("Asia/Kathmandu"));
    let rows = |from, to| cover(range(from, to), &[], &berlin, Timestamp::MIN)[0];
    // The clocks go back on 25 October at 01:00 in UTC.
    let moved = rows("2026-10-25T06:00:00Z", "2026-10-25T20:00:00Z");
    assert_eq!(moved.in_slots(Slot::Day, &berlin, &kathmandu), None);
    assert_eq!(moved.in_slots(Slot::Day, &kathmandu, &berlin), None);
    let later = rows("2026-10-27T06:00:00Z", "2026-10-27T20:00:00Z");
    assert!(later.in_slots(Slot::Day, &berlin, &kathmandu).is_some());
    assert!(later.in_slots(Slot::Month, &berlin, &kathmandu).is_none());
}

proptest! {
    /// Law: the pieces are the range, without a gap and without an overlap, and each is made of whole slots: its times by
    /// the clock on the wall are those from its first to its last, and no other instant has one of them.
    #[test]
    fn pieces_make_up_the_range(
        start in 0i64..2_500_000_000_000_000,
        length in 1i64..40_000_000_000_000,
        at in 0usize..6,
        slots in prop::sample::subsequence(ALL.to_vec(), 1..5),
        since in 0i64..2_800_000,
    ) {
        let zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana"];
        let zone = zone(zones[at]);
        let range = TimeRange { start: Timestamp::from_micros(start), end: Timestamp::from_micros(start + length) };
        let since = Timestamp::from_micros(since * 900_000_000);
        let pieces = cover(range, &slots, &zone, since);
        let local = |instant: Timestamp| {
            let offset = zone.to_offset(instant.to_jiff()).seconds();
            instant.plus_micros(i64::from(offset) * 1_000_000)
        };
        let mut at = range.start;
        for piece in &pieces {
            prop_assert_eq!(piece.range.start, at);
            prop_assert!(piece.range.end > at);
            at = piece.range.end;
            if piece.slot.is_some_and(Slot::is_local) {
                // Every quarter of an hour around the edges lies on the side on which the clock says it lies.
                for edge in [piece.range.start, piece.range.end] {
                    for step in -200..200 {
                        let instant = edge.plus_micros(step * 60_000_000 * 15 + 30_000_000);
                        let is_inside = instant >= piece.range.start && instant < piece.range.end;
                        let says_inside = local(instant) >= piece.carried.start && local(instant) < piece.carried.end;
                        prop_assert_eq!(is_inside, says_inside, "{} in {:?}", instant, piece);
                    }
                }
            } else {
                prop_assert_eq!(piece.carried, piece.range);
                prop_assert!(piece.slot.is_none() || piece.range.start >= since);
            }
        }
        prop_assert_eq!(at, range.end);
        prop_assert!(pieces.len() < 2 << slots.len());
    }
}
