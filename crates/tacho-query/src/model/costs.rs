//! The source `costs`: what things cost.

use tacho_core::record::RecordType;
use tacho_core::record::schema::EXECUTION_STATUSES;

use super::declare::{by, count, credits_field, distinct, execution_id, percent, same, user, workflow};
use super::{Aggregate, Counted, Dimension, Field, Kind, Measure, Source, credits, float, usd};
use crate::answer::{Better, Unit};

pub(super) static SOURCE: Source = Source {
    name: "costs",
    label: "Costs",
    definition: "What workflows, executions and users cost, each counted when it arose.",
    record_type: RecordType::Cost,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

static MEASURES: &[Measure] = &[
    count("Costs", "Costs of every kind, estimates and refunds included."),
    Measure {
        name: "amount",
        label: "Amount",
        definition: "What was spent in US dollars, refunds taken off.",
        unit: Unit::Usd,
        better: Some(Better::Lower),
        aggregate: Aggregate::Sum(usd("amount_usd_micros")),
    },
    Measure {
        name: "amount_avg",
        label: "Average amount",
        definition: "The mean amount of costs in US dollars.",
        unit: Unit::Usd,
        better: Some(Better::Lower),
        aggregate: Aggregate::Average(usd("amount_usd_micros")),
    },
    Measure {
        name: "amount_max",
        label: "Greatest amount",
        definition: "The greatest amount of a cost in US dollars.",
        unit: Unit::Usd,
        better: Some(Better::Lower),
        aggregate: Aggregate::Maximum(usd("amount_usd_micros")),
    },
    Measure {
        name: "credits",
        label: "Credits",
        definition: "What was spent in credits, refunds taken off.",
        unit: Unit::Credits,
        better: Some(Better::Lower),
        aggregate: Aggregate::Sum(credits("credits_millis")),
    },
    Measure {
        name: "quantity",
        label: "Quantity",
        definition: "How much was paid for, in the units of the costs; only quantities of one unit add up.",
        unit: Unit::Value,
        better: None,
        aggregate: Aggregate::Sum(float("quantity")),
    },
    percent(
        "estimate_rate",
        "Share of estimates",
        "Costs that are estimates, in percent of all.",
        Counted::True("is_estimate"),
        Counted::Rows,
        Some(Better::Lower),
    ),
    distinct(
        "distinct_executions",
        "Executions",
        "How many different executions the costs belong to.",
        "execution_id",
    ),
    distinct(
        "distinct_users",
        "Users",
        "How many different users the costs arose for.",
        "user_id",
    ),
    distinct(
        "distinct_workflows",
        "Workflows",
        "How many different workflows the costs belong to.",
        "workflow_id",
    ),
];

static DIMENSIONS: &[Dimension] = &[
    workflow("The workflow that the cost belongs to."),
    user("The user for whom the cost arose."),
    by(same(
        "action_type",
        "Action",
        "What was paid for, in its sender's words.",
        Kind::Text,
    )),
    by(same("unit", "Unit", "What the quantity counts.", Kind::Text)),
    by(same(
        "is_estimate",
        "Estimate",
        "Whether the cost is an estimate.",
        Kind::Flag,
    )),
    by(same(
        "execution_status",
        "Status of the execution",
        "How the execution is that the cost belongs to, or how it ended.",
        Kind::Word(EXECUTION_STATUSES),
    )),
];

static FIELDS: &[Field] = &[
    same("id", "Id", "The sender's id of the cost.", Kind::Text),
    execution_id("The execution that the cost belongs to."),
    Field {
        name: "amount",
        aliases: &["amount_usd"],
        label: "Amount",
        definition: "The amount in US dollars, negative for a refund.",
        column: "amount_usd_micros",
        kind: Kind::Number {
            unit: Unit::Usd,
            per_unit: 1_000_000,
        },
    },
    credits_field("The amount in credits, negative for a refund."),
    same(
        "quantity",
        "Quantity",
        "How much was paid for, in the cost's unit.",
        Kind::Float { unit: Unit::Value },
    ),
];
