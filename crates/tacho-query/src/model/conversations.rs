//! The source `conversations`: conversations of customers with bots.

use tacho_core::record::RecordType;
use tacho_core::record::schema::CONVERSATION_STATUSES;

use super::declare::{by, count, counted, distinct, percent, same, status, text, workflow};
use super::{Aggregate, Counted, Dimension, Field, Kind, Measure, Source, float};
use crate::answer::{Better, Unit};

/// Statuses that count for the rates: an active conversation has no outcome yet.
const JUDGED: &[&str] = &["resolved", "escalated", "abandoned"];

pub(super) static SOURCE: Source = Source {
    name: "conversations",
    label: "Conversations",
    definition: "Conversations of customers with bots, each counted when it started.",
    record_type: RecordType::Conversation,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

static MEASURES: &[Measure] = &[
    count(
        "Conversations",
        "Conversations of every status, those active included.",
    ),
    counted(
        "count_active",
        "Active",
        "Conversations that have not ended.",
        status(&["active"]),
        None,
    ),
    counted(
        "count_resolved",
        "Resolved",
        "Conversations in which the bot settled the customer's matter.",
        status(&["resolved"]),
        Some(Better::Higher),
    ),
    counted(
        "count_escalated",
        "Escalated",
        "Conversations that went on to a person.",
        status(&["escalated"]),
        Some(Better::Lower),
    ),
    counted(
        "count_abandoned",
        "Abandoned",
        "Conversations that the customer left.",
        status(&["abandoned"]),
        Some(Better::Lower),
    ),
    percent(
        "resolution_rate",
        "Resolution rate",
        "Resolved conversations in percent of those that have ended.",
        status(&["resolved"]),
        status(JUDGED),
        Some(Better::Higher),
    ),
    percent(
        "escalation_rate",
        "Escalation rate",
        "Escalated conversations in percent of those that have ended.",
        status(&["escalated"]),
        status(JUDGED),
        Some(Better::Lower),
    ),
    percent(
        "abandonment_rate",
        "Abandonment rate",
        "Abandoned conversations in percent of those that have ended.",
        status(&["abandoned"]),
        status(JUDGED),
        Some(Better::Lower),
    ),
    Measure {
        name: "satisfaction_avg",
        label: "Average satisfaction",
        definition: "The mean rating of conversations that customers rated, from 0 to 5.",
        unit: Unit::Score,
        better: Some(Better::Higher),
        aggregate: Aggregate::Average(float("satisfaction")),
    },
    counted(
        "count_rated",
        "Rated",
        "Conversations that customers rated.",
        Counted::Known("satisfaction"),
        None,
    ),
    distinct(
        "distinct_customers",
        "Customers",
        "How many different customers had conversations.",
        "customer_id",
    ),
    distinct(
        "distinct_workflows",
        "Bots",
        "How many different bots had conversations.",
        "workflow_id",
    ),
];

static DIMENSIONS: &[Dimension] = &[
    workflow("The bot that had the conversation."),
    by(same(
        "channel",
        "Channel",
        "The way by which the customer wrote, in its sender's words.",
        Kind::Text,
    )),
    by(same(
        "status",
        "Status",
        "How the conversation is or how it ended.",
        Kind::Word(CONVERSATION_STATUSES),
    )),
];

static FIELDS: &[Field] = &[
    text(
        "id",
        &["conversation_id"],
        "Id",
        "The sender's id of the conversation.",
        "id",
    ),
    text(
        "customer",
        &["customer_id"],
        "Customer",
        "The customer who had the conversation.",
        "customer_id",
    ),
    same(
        "satisfaction",
        "Satisfaction",
        "The customer's rating of the conversation, from 0 to 5.",
        Kind::Float { unit: Unit::Score },
    ),
];
