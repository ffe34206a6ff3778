//! Parts of declarations that several sources share.

use super::{Aggregate, Counted, Dimension, Field, Kind, Measure, whole};
use crate::answer::{Better, Unit};

/// Rows that have one of these words as their status.
pub(super) const fn status(words: &'static [&'static str]) -> Counted {
    Counted::In("status", words)
}

/// A measure.
pub(super) const fn measure(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    unit: Unit,
    better: Option<Better>,
    aggregate: Aggregate,
) -> Measure {
    Measure {
        name,
        label,
        definition,
        unit,
        better,
        aggregate,
    }
}

/// The measure `count`: how many rows there are.
pub(super) const fn count(label: &'static str, definition: &'static str) -> Measure {
    counted("count", label, definition, Counted::Rows, None)
}

/// How many rows of a kind there are.
pub(super) const fn counted(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    rows: Counted,
    better: Option<Better>,
) -> Measure {
    measure(
        name,
        label,
        definition,
        Unit::Count,
        better,
        Aggregate::Count(rows),
    )
}

/// The rows of `part` in percent of those of `whole`.
pub(super) const fn percent(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    part: Counted,
    whole: Counted,
    better: Option<Better>,
) -> Measure {
    measure(
        name,
        label,
        definition,
        Unit::Percent,
        better,
        Aggregate::Percent { part, whole },
    )
}

/// How many different values a column has.
pub(super) const fn distinct(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    column: &'static str,
) -> Measure {
    measure(
        name,
        label,
        definition,
        Unit::Count,
        None,
        Aggregate::Distinct(column),
    )
}

/// Milliseconds, of which fewer are better.
pub(super) const fn duration(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    aggregate: Aggregate,
) -> Measure {
    measure(name, label, definition, Unit::Ms, Some(Better::Lower), aggregate)
}

/// The sum of a column of bytes, under the column's name.
pub(super) const fn bytes(column: &'static str, label: &'static str, definition: &'static str) -> Measure {
    measure(
        column,
        label,
        definition,
        Unit::Bytes,
        None,
        Aggregate::Sum(whole(column)),
    )
}

/// Rows grouped by a field other than the workflow.
pub(super) const fn by(field: Field) -> Dimension {
    Dimension {
        field,
        is_workflow: false,
    }
}

/// The dimension `workflow`.
pub(super) const fn workflow(definition: &'static str) -> Dimension {
    Dimension {
        field: text(
            "workflow",
            &["workflow_id"],
            "Workflow",
            definition,
            "workflow_id",
        ),
        is_workflow: true,
    }
}

/// The dimension `user`.
pub(super) const fn user(definition: &'static str) -> Dimension {
    by(text("user", &["user_id"], "User", definition, "user_id"))
}

/// A field of any text.
pub(super) const fn text(
    name: &'static str,
    aliases: &'static [&'static str],
    label: &'static str,
    definition: &'static str,
    column: &'static str,
) -> Field {
    Field {
        name,
        aliases,
        label,
        definition,
        column,
        kind: Kind::Text,
    }
}

/// A field that has its column's name and no other.
pub(super) const fn same(
    column: &'static str,
    label: &'static str,
    definition: &'static str,
    kind: Kind,
) -> Field {
    Field {
        name: column,
        aliases: &[],
        label,
        definition,
        column,
        kind,
    }
}

/// What a field of whole numbers of the unit holds.
pub(super) const fn whole_numbers(unit: Unit) -> Kind {
    Kind::Number { unit, per_unit: 1 }
}

/// The field `execution_id`.
pub(super) const fn execution_id(definition: &'static str) -> Field {
    same("execution_id", "Execution", definition, Kind::Text)
}

/// The field `duration`.
pub(super) const fn duration_field(definition: &'static str) -> Field {
    Field {
        name: "duration",
        aliases: &["duration_ms"],
        label: "Duration",
        definition,
        column: "duration_ms",
        kind: whole_numbers(Unit::Ms),
    }
}

/// The field `cost`, in US dollars.
pub(super) const fn cost_field(definition: &'static str) -> Field {
    Field {
        name: "cost",
        aliases: &["cost_usd"],
        label: "Cost",
        definition,
        column: "cost_usd_micros",
        kind: Kind::Number {
            unit: Unit::Usd,
            per_unit: 1_000_000,
        },
    }
}

/// The field `credits`.
pub(super) const fn credits_field(definition: &'static str) -> Field {
    Field {
        name: "credits",
        aliases: &[],
        label: "Credits",
        definition,
        column: "credits_millis",
        kind: Kind::Number {
            unit: Unit::Credits,
            per_unit: 1_000,
        },
    }
}
