//! The range beside the one that it is compared with.

use serde_json::Value;

use super::read::OfRange;
use super::rows::Stretch;
use super::{changes, padded};
use crate::answer::{ComparedRows, Comparison};
use crate::query::Query;

/// How far the answer is from the range compared with. `leading` is how many columns stand before the measures, `totals`
/// and `rows` are the answer's; `rows` are left out if they are not to be compared. The groups of `before` are in the
/// places of the answer's.
pub(super) fn compared(
    query: &Query,
    leading: usize,
    totals: &[Value],
    rows: Option<(&[Vec<Value>], &Stretch<'_>)>,
    stretch: &Stretch<'_>,
    before: &OfRange,
) -> Comparison {
    let totals_before = stretch.totals(query, &before.totals);
    let (absolute, relative) = changes(query, leading, totals, Some(totals_before.as_slice()));
    Comparison {
        from: stretch.range.start,
        to: stretch.range.end,
        totals: padded(leading, &totals_before),
        absolute,
        relative,
        by_row: rows.map(|(rows, now)| by_row(query, leading, rows, now, stretch, before)),
    }
}

fn by_row(
    query: &Query,
    leading: usize,
    rows: &[Vec<Value>],
    now: &Stretch<'_>,
    stretch: &Stretch<'_>,
    before: &OfRange,
) -> ComparedRows {
    let of_all = &before.totals.measures;
    let rows_before = stretch.rows(query, &before.groups, of_all);
    let pairs = rows.iter().enumerate().map(|(at, row)| {
        let place = now.place_in(at, stretch, before.groups.len());
        let before = place.and_then(|place| rows_before.get(place));
        changes(
            query,
            leading,
            &row[leading..],
            before.map(|before| &before[leading..]),
        )
    });
    let (absolute, relative) = pairs.unzip();
    ComparedRows {
        rows: rows_before,
        absolute,
        relative,
    }
}
