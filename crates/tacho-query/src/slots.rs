//! Slots of time that cells cover, and how a range is cut into them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};
use tacho_core::time::{TimeRange, Timestamp};

use crate::buckets::{Buckets, Segment, date_key, segments};
use crate::granularity::Granularity;
use crate::operand::{LocalPart, Operand};

/// The length of time that a cell covers.
///
/// Slots of a day and more are those of the calendar in the organization's zone. Their cells carry the first midnight of
/// the slot by the clock on the wall as if it were UTC, so that they become weeks and months without knowing the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// 15 minutes, from the full hour in UTC: every offset that a zone has had since 1986 is a multiple of it, so that
    /// such cells make up the hours and days of every zone.
    QuarterHour,
    /// A day.
    Day,
    /// A week from Monday.
    Week,
    /// A month.
    Month,
}

const QUARTER_HOUR_US: i64 = 900_000_000;
/// Clocks are moved by less than that.
const MOVED_MAX: SignedDuration = SignedDuration::from_hours(48);

/// Where a slot begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    /// Its first instant.
    instant: Timestamp,
    /// What its cells carry.
    carried: Timestamp,
}

impl Slot {
    /// Its name in names of tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Slot::QuarterHour => "quarter_hour",
            Slot::Day => "day",
            Slot::Week => "week",
            Slot::Month => "month",
        }
    }

    /// Whether its cells can be made of finer ones, each of which lies in one of them. `calendar` has the offsets of the
    /// organization's zone over the times of their rows. What [`Slot::of_row`] is of such a cell is then the slot in which
    /// it lies.
    pub fn is_made_of(self, finer: Slot, calendar: &[Segment]) -> bool {
        self.is_local() && finer == Slot::QuarterHour && has_quarter_hours(calendar)
    }

    /// How long it is at most, in microseconds of the clock that its cells carry.
    pub const fn carried_us_max(self) -> i64 {
        const DAY_US: i64 = 86_400_000_000;
        match self {
            Slot::QuarterHour => QUARTER_HOUR_US,
            Slot::Day => DAY_US,
            Slot::Week => 7 * DAY_US,
            Slot::Month => 31 * DAY_US,
        }
    }

    /// Whether it is one of the calendar in the organization's zone.
    pub const fn is_local(self) -> bool {
        !matches!(self, Slot::QuarterHour)
    }

    /// What a row's cell carries as its time, as plain SQL over `event_time`. `calendar` has the offsets of the
    /// organization's zone over the times of all rows.
    pub fn of_row(self, calendar: &[Segment]) -> String {
        if self == Slot::QuarterHour {
            return format!("make_timestamp(epoch_us(event_time) // {QUARTER_HOUR_US} * {QUARTER_HOUR_US})");
        }
        let local = format!("make_timestamp(epoch_us(event_time) + {})", offset_sql(calendar));
        format!("CAST(date_trunc('{}', {local}) AS TIMESTAMP)", self.as_str())
    }

    /// Whether all rows of a cell have the same value of what is grouped or filtered by.
    pub fn tells(self, operand: &Operand) -> bool {
        match operand {
            Operand::Local(LocalPart::Hour | LocalPart::Weekday, calendar) => {
                self == Slot::QuarterHour && has_quarter_hours(calendar)
            }
            _ => true,
        }
    }

    /// Whether each slot lies in one bucket. `same_clock` says whether the organization's clocks show the asker's time.
    pub fn lies_in_one_bucket(self, buckets: &Buckets, same_clock: bool) -> bool {
        use Granularity::*;
        let granularity = buckets.granularity;
        match self {
            Slot::QuarterHour => {
                let is_start = |at: Timestamp| at.as_micros() % QUARTER_HOUR_US == 0;
                let mut starts = buckets.buckets.iter().skip(1).map(|bucket| bucket.start);
                // Where a clock goes back over midnight, a day comes again without beginning again.
                let mut moved = buckets.segments.iter().filter_map(|segment| segment.start);
                starts.all(is_start) && moved.all(is_start)
            }
            Slot::Day => same_clock && matches!(granularity, Day | Week | Month | Quarter | Year),
            Slot::Week => same_clock && granularity == Week,
            Slot::Month => same_clock && matches!(granularity, Month | Quarter | Year),
        }
    }

    fn edge(self, date: Date, zone: &TimeZone) -> Option<Edge> {
        let instant = Timestamp::from_jiff(date.to_zoned(zone.clone()).ok()?.timestamp());
        let carried = Timestamp::from_micros(date_key(date));
        Some(Edge { instant, carried })
    }

    /// The day on which the slot begins that holds this day.
    fn first_day(self, date: Date) -> Date {
        match self {
            Slot::QuarterHour | Slot::Day => date,
            Slot::Week => {
                let days = date.weekday().to_monday_zero_offset();
                date.saturating_sub(Span::new().days(days))
            }
            Slot::Month => date.first_of_month(),
        }
    }

    fn days(self, count: i32) -> Span {
        match self {
            Slot::QuarterHour | Slot::Day => Span::new().days(count),
            Slot::Week => Span::new().weeks(count),
            Slot::Month => Span::new().months(count),
        }
    }

    /// The first edge at or after an instant, or the last one at or before it, that parts the times by the clock on the
    /// wall: everything before it has an earlier date.
    fn nearest(self, instant: Timestamp, zone: &TimeZone, is_after: bool) -> Option<Edge> {
        if self == Slot::QuarterHour {
            let micros = instant.as_micros();
            let slots = match is_after {
                true => -(-micros).div_euclid(QUARTER_HOUR_US),
                false => micros.div_euclid(QUARTER_HOUR_US),
            };
            let at = Timestamp::from_micros(slots * QUARTER_HOUR_US);
            return Some(Edge {
                instant: at,
                carried: at,
            });
        }
        let mut date = self.first_day(instant.to_jiff().to_zoned(zone.clone()).date());
        // Once more for a moved clock, and once because the slot of the instant begins before it.
        for _ in 0..4 {
            let edge = self.edge(date, zone)?;
            let is_beyond = match is_after {
                true => edge.instant >= instant,
                false => edge.instant <= instant,
            };
            if is_beyond && parts_dates(edge, zone) {
                return Some(edge);
            }
            date = date.checked_add(self.days(if is_after { 1 } else { -1 })).ok()?;
        }
        None
    }
}

/// Whether the clock is not moved back over the edge's midnight after it.
fn parts_dates(edge: Edge, zone: &TimeZone) -> bool {
    let instant = edge.instant.to_jiff();
    let mut moved = zone
        .following(instant)
        .take_while(|moved| moved.timestamp().duration_since(instant) <= MOVED_MAX);
    moved.all(|moved| {
        let at = Timestamp::from_jiff(moved.timestamp());
        at.plus_micros(i64::from(moved.offset().seconds()) * 1_000_000) >= edge.carried
    })
}

fn has_quarter_hours(calendar: &[Segment]) -> bool {
    calendar.iter().all(|segment| {
        segment.offset_us() % QUARTER_HOUR_US == 0
            && segment
                .start
                .is_none_or(|start| start.as_micros() % QUARTER_HOUR_US == 0)
    })
}

/// `CASE` over the offsets in microseconds, halving.
fn offset_sql(calendar: &[Segment]) -> String {
    match calendar {
        [] => "0".to_owned(),
        [one] => one.offset_us().to_string(),
        _ => {
            let (earlier, later) = calendar.split_at(calendar.len() / 2);
            let start = later[0].start.map_or(i64::MIN, Timestamp::as_micros);
            format!(
                "CASE WHEN event_time < make_timestamp({start}) THEN {} ELSE {} END",
                offset_sql(earlier),
                offset_sql(later)
            )
        }
    }
}

/// The offsets of a zone between two instants.
pub fn calendar(range: TimeRange, zone: &TimeZone) -> Vec<Segment> {
    segments(range, zone)
}

/// Whether clocks in both zones show the same time all through a range.
pub fn same_clock(range: TimeRange, one: &TimeZone, other: &TimeZone) -> bool {
    one == other || segments(range, one) == segments(range, other)
}

/// A stretch of the range asked about, and what it is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The cube, or the rows themselves.
    pub slot: Option<Slot>,
    /// The stretch.
    pub range: TimeRange,
    /// The stretch that is read: longer where a slot is only partly asked about, and its other rows are taken off again.
    pub read: TimeRange,
    /// Between which times what is read carries its own.
    pub carried: TimeRange,
}

impl Piece {
    /// What is read and not asked about.
    pub fn beyond(self) -> impl Iterator<Item = TimeRange> {
        let between = |start, end| TimeRange { start, end };
        let before = between(self.read.start, self.range.start);
        let after = between(self.range.end, self.read.end);
        [before, after]
            .into_iter()
            .filter(|range| range.start < range.end)
    }

    /// The same stretch read from the whole slots in which it lies. None where a clock of theirs or of the asker's zone is
    /// moved, so that a row there could lie in another bucket than its slot.
    pub fn in_slots(self, slot: Slot, own: &TimeZone, asked: &TimeZone) -> Option<Piece> {
        let first = slot.nearest(self.range.start, own, false)?;
        let last = slot.nearest(self.range.end, own, true)?;
        let between = |start, end| TimeRange { start, end };
        let read = between(first.instant, last.instant);
        let is_moved = |zone| segments(read, zone).len() > 1;
        (!is_moved(own) && !is_moved(asked)).then_some(Piece {
            slot: Some(slot),
            read,
            carried: between(first.carried, last.carried),
            ..self
        })
    }
}

/// Cuts a range into stretches of whole slots, as coarse as can be, and of rows where no slot fits; in order of time.
/// `slots` come coarsest first; `zone` is the organization's. There are quarters of an hour since an instant only, which
/// is the beginning of one.
pub fn cover(
    range: TimeRange,
    slots: &[Slot],
    zone: &TimeZone,
    quarter_hours_since: Timestamp,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    cut(range, slots, zone, quarter_hours_since, &mut pieces);
    pieces
}

fn cut(
    range: TimeRange,
    slots: &[Slot],
    zone: &TimeZone,
    quarter_hours_since: Timestamp,
    pieces: &mut Vec<Piece>,
) {
    if range.start >= range.end {
        return;
    }
    let Some((slot, finer)) = slots.split_first() else {
        pieces.push(Piece {
            slot: None,
            range,
            read: range,
            carried: range,
        });
        return;
    };
    let start = match slot {
        Slot::QuarterHour => range.start.max(quarter_hours_since),
        _ => range.start,
    };
    let edges = slot
        .nearest(start, zone, true)
        .zip(slot.nearest(range.end, zone, false));
    let Some((first, last)) = edges.filter(|(first, last)| first.instant < last.instant) else {
        return cut(range, finer, zone, quarter_hours_since, pieces);
    };
    let between = |start, end| TimeRange { start, end };
    let cut_finer = |range, pieces: &mut Vec<Piece>| cut(range, finer, zone, quarter_hours_since, pieces);
    cut_finer(between(range.start, first.instant), pieces);
    let whole = between(first.instant, last.instant);
    pieces.push(Piece {
        slot: Some(*slot),
        range: whole,
        read: whole,
        carried: between(first.carried, last.carried),
    });
    cut_finer(between(last.instant, range.end), pieces);
}

#[cfg(test)]
mod tests;
