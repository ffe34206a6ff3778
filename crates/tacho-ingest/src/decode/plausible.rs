//! What cannot be: ends before starts, parts greater than the whole, percentages below nothing.

use tacho_core::Timestamp;
use tacho_core::record::{RecordType, Value};

use super::layout::Layout;
use super::object::Draft;
use super::rejection::{Checked, Fault, RejectionCode};

/// The least and the greatest value that a field may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    min: f64,
    max: f64,
}

const NOT_NEGATIVE: Bounds = Bounds {
    min: 0.0,
    max: f64::MAX,
};

/// Numbers with bounds beyond those of their kind. A percentage of processors may exceed 100: it counts cores.
/// Satisfaction is a rating from 0 to 5, on one scale so that its averages mean something.
pub(super) const BOUNDS: &[(RecordType, &str, Bounds)] = &[
    (RecordType::Workflow, "expected_minutes_saved", NOT_NEGATIVE),
    (RecordType::Resource, "cpu_percent", NOT_NEGATIVE),
    (RecordType::Resource, "memory_mb", NOT_NEGATIVE),
    (RecordType::Resource, "gpu_percent", NOT_NEGATIVE),
    (RecordType::Resource, "gpu_memory_mb", NOT_NEGATIVE),
    (
        RecordType::Resource,
        "disk_percent",
        Bounds { min: 0.0, max: 100.0 },
    ),
    (
        RecordType::Conversation,
        "satisfaction",
        Bounds { min: 0.0, max: 5.0 },
    ),
];

/// Starts with the ends that cannot come before them.
pub(super) const SPANS: &[(&str, &str)] = &[("started_at", "completed_at"), ("started_at", "ended_at")];

/// Parts with the wholes that they cannot exceed.
pub(super) const PARTS: &[(&str, &str)] = &[("steps_completed", "steps_total")];

/// Refuses a draft that cannot be.
pub(super) fn check(draft: &Draft<'_>, layout: &Layout) -> Checked<()> {
    let name = |position: u8| layout.spec.fields[usize::from(position)].name;
    if let Some((start, end)) = layout.span
        && let (Some(from), Some(to)) = (draft.int_at(start), draft.int_at(end))
        && to < from
    {
        return Err(Fault::new(
            RejectionCode::TimeImpossible,
            format!(
                "{} ({}) lies before {} ({}); correct one of them.",
                name(end),
                Timestamp::from_micros(to),
                name(start),
                Timestamp::from_micros(from)
            ),
        )
        .at(name(end)));
    }
    if let Some((part, whole)) = layout.progress
        && let (Some(done), Some(total)) = (draft.int_at(part), draft.int_at(whole))
        && done > total
    {
        return Err(Fault::new(
            RejectionCode::FieldOutOfRange,
            format!(
                "{} ({done}) exceeds {} ({total}); correct one of them.",
                name(part),
                name(whole)
            ),
        )
        .at(name(part)));
    }
    for (position, bounds) in &layout.bounds {
        if let Some(Value::Float(value)) = draft.at(*position)
            && !(bounds.min..=bounds.max).contains(value)
        {
            let allowed = match bounds.max {
                f64::MAX => format!("at least {}", bounds.min),
                max => format!("from {} to {max}", bounds.min),
            };
            return Err(Fault::new(
                RejectionCode::FieldOutOfRange,
                format!(
                    "{} is {value}, but must be {allowed}; correct it.",
                    name(*position)
                ),
            )
            .at(name(*position)));
        }
    }
    Ok(())
}

/// Refuses an instant that lies too far after the receipt of the record.
pub(super) fn check_not_future(
    instant: Timestamp,
    received_at: Timestamp,
    ahead_micros_max: i64,
) -> Checked<()> {
    if instant > received_at.plus_micros(ahead_micros_max) {
        return Err(Fault::new(
            RejectionCode::TimeImpossible,
            format!(
                "{instant} lies more than {} hours in the future; check the sender's clock.",
                ahead_micros_max / 3_600_000_000
            ),
        ));
    }
    Ok(())
}
