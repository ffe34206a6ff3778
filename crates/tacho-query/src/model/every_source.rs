//! Dimensions that are worked out: parts of the local time and tags, which every source has; what the workflow is now; in
//! which bucket a duration lies.

use std::borrow::Cow;

use tacho_core::record::RecordType;
use tacho_core::record::schema::WORKFLOW_KINDS;

use super::declare::text;
use super::{Calendar, Field, Kind, Source, Term};
use crate::answer::Unit;
use crate::operand::{LocalPart, Operand};
use crate::scope::has_column;

/// What stands before the key of a tag.
const TAG_PREFIX: &str = "tags.";
/// Bytes of the key of a tag.
const TAG_KEY_BYTES_MAX: usize = 256;

const fn part(name: &'static str, label: &'static str, definition: &'static str) -> Field {
    Field {
        name,
        aliases: &[],
        label,
        definition,
        column: "event_time",
        kind: Kind::Number {
            unit: Unit::Count,
            per_unit: 1,
        },
    }
}

static LOCAL: &[(Field, LocalPart)] = &[
    (
        part(
            "hour_of_day",
            "Hour of the day",
            "The hour by the clock on the wall, 0 to 23.",
        ),
        LocalPart::Hour,
    ),
    (
        part(
            "weekday",
            "Weekday",
            "The day of the week, from 1 for Monday to 7.",
        ),
        LocalPart::Weekday,
    ),
];

/// Their columns are those of workflows.
static OF_WORKFLOW: &[Field] = &[
    Field {
        kind: Kind::Word(WORKFLOW_KINDS),
        ..text(
            "workflow_kind",
            &[],
            "Kind of workflow",
            "What kind of automation the workflow is now.",
            "kind",
        )
    },
    text(
        "workflow_group",
        &[],
        "Group",
        "The group or team that the workflow belongs to now.",
        "group_name",
    ),
    text(
        "workflow_owner",
        &[],
        "Owner",
        "The person who owns the workflow now.",
        "owner_id",
    ),
];

static DURATION_BUCKET: Field = Field {
    name: "duration_bucket",
    aliases: &[],
    label: "Duration from",
    definition: "The logarithmic bucket in which the duration lies, 20 for each power of ten: named by the least whole \
                 millisecond in it, while the next begins 10^(1/20) times, 12.2 percent, higher. 0 for less than a \
                 millisecond, null for what has not ended.",
    column: "duration_ms",
    kind: Kind::Number {
        unit: Unit::Ms,
        per_unit: 1,
    },
};

/// Those that a source has, but for tags.
pub(super) fn dimensions(source: &Source) -> impl Iterator<Item = &'static Field> {
    let of_workflow = match has_column(source.record_type.spec(), "workflow_id") {
        true => OF_WORKFLOW,
        false => &[],
    };
    let has_buckets = matches!(source.record_type, RecordType::Execution | RecordType::Step);
    LOCAL
        .iter()
        .map(|(field, _)| field)
        .chain(of_workflow)
        .chain(has_buckets.then_some(&DURATION_BUCKET))
}

/// One of them by its name.
pub(super) fn dimension(source: &Source, name: &str, calendar: &Calendar) -> Option<Term> {
    if let Some(key) = name.strip_prefix(TAG_PREFIX) {
        let is_key = !key.is_empty() && key.len() <= TAG_KEY_BYTES_MAX;
        return is_key.then(|| Term {
            name: Cow::Owned(name.to_owned()),
            label: Cow::Owned(key.to_owned()),
            definition: "The value of the tag.",
            kind: Kind::Text,
            is_workflow: false,
            operand: Operand::Tag(key.to_owned()),
        });
    }
    let field = dimensions(source).find(|field| field.name == name)?;
    let local = LOCAL.iter().find(|(local, _)| local.name == name);
    Some(Term::of_field(
        field,
        match local {
            Some((_, part)) => Operand::Local(*part, calendar.clone()),
            None if field == &DURATION_BUCKET => Operand::LogBucket(field.column),
            None => Operand::Workflow(field.column),
        },
    ))
}
