//! The source `messages`: messages of conversations.

use tacho_core::record::RecordType;
use tacho_core::record::schema::DIRECTIONS;

use super::declare::{
    by, cost_field, count, counted, distinct, duration, measure, percent, same, text, whole_numbers, workflow,
};
use super::{Aggregate, Counted, Dimension, Field, Kind, Measure, Source, usd, whole};
use crate::answer::{Better, Unit};

pub(super) static SOURCE: Source = Source {
    name: "messages",
    label: "Messages",
    definition: "Messages of customers to bots and of bots to customers, each counted when it was sent.",
    record_type: RecordType::Message,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

/// Tokens of all messages together.
const fn tokens(column: &'static str, label: &'static str, definition: &'static str) -> Measure {
    measure(
        column,
        label,
        definition,
        Unit::Tokens,
        None,
        Aggregate::Sum(whole(column)),
    )
}

// Senders mark answers only: a rate counts against the messages whose mark is known, not against the questions too.
static MEASURES: &[Measure] = &[
    count("Messages", "Messages of both directions."),
    counted(
        "count_inbound",
        "Inbound",
        "Messages of customers to bots.",
        Counted::In("direction", &["inbound"]),
        None,
    ),
    counted(
        "count_outbound",
        "Outbound",
        "Messages of bots to customers.",
        Counted::In("direction", &["outbound"]),
        None,
    ),
    counted(
        "count_success",
        "Succeeded",
        "Messages that their senders mark as a success.",
        Counted::True("is_success"),
        Some(Better::Higher),
    ),
    counted(
        "count_fallback",
        "Fallbacks",
        "Messages in which a bot had no answer of its own.",
        Counted::True("is_fallback"),
        Some(Better::Lower),
    ),
    counted(
        "count_handoff",
        "Hand-offs",
        "Messages with which a bot handed over to a person.",
        Counted::True("is_handoff"),
        Some(Better::Lower),
    ),
    percent(
        "success_rate",
        "Success rate",
        "Successful messages in percent of those marked as a success or not.",
        Counted::True("is_success"),
        Counted::Known("is_success"),
        Some(Better::Higher),
    ),
    percent(
        "fallback_rate",
        "Fallback rate",
        "Fallbacks in percent of the messages marked as one or not.",
        Counted::True("is_fallback"),
        Counted::Known("is_fallback"),
        Some(Better::Lower),
    ),
    percent(
        "handoff_rate",
        "Hand-off rate",
        "Hand-offs in percent of the messages marked as one or not.",
        Counted::True("is_handoff"),
        Counted::Known("is_handoff"),
        Some(Better::Lower),
    ),
    duration(
        "response_time_avg",
        "Average response time",
        "The mean time that bots took to answer.",
        Aggregate::Average(whole("response_time_ms")),
    ),
    duration(
        "response_time_median",
        "Median response time",
        "Half of the answers took less time.",
        Aggregate::Quantile(whole("response_time_ms"), 0.5),
    ),
    duration(
        "response_time_p95",
        "95th percentile of response time",
        "95 of 100 answers took less time.",
        Aggregate::Quantile(whole("response_time_ms"), 0.95),
    ),
    duration(
        "response_time_p99",
        "99th percentile of response time",
        "99 of 100 answers took less time.",
        Aggregate::Quantile(whole("response_time_ms"), 0.99),
    ),
    Measure {
        name: "knowledge_base_hits",
        label: "Knowledge base hits",
        definition: "What bots found in their knowledge bases for messages.",
        unit: Unit::Count,
        better: Some(Better::Higher),
        aggregate: Aggregate::Sum(whole("knowledge_base_hits")),
    },
    Measure {
        name: "knowledge_base_hits_avg",
        label: "Knowledge base hits per message",
        definition: "The mean of what a bot found in its knowledge base for a message.",
        unit: Unit::Count,
        better: Some(Better::Higher),
        aggregate: Aggregate::Average(whole("knowledge_base_hits")),
    },
    tokens(
        "tokens_in",
        "Tokens in",
        "Tokens that language models read for messages.",
    ),
    tokens(
        "tokens_out",
        "Tokens out",
        "Tokens that language models wrote for messages.",
    ),
    Measure {
        name: "cost",
        label: "Cost",
        definition: "What messages cost in US dollars, as their senders say.",
        unit: Unit::Usd,
        better: Some(Better::Lower),
        aggregate: Aggregate::Sum(usd("cost_usd_micros")),
    },
    Measure {
        name: "cost_per_message",
        label: "Cost per message",
        definition: "What messages cost in US dollars, divided by how many of both directions there are.",
        unit: Unit::Usd,
        better: Some(Better::Lower),
        aggregate: Aggregate::SumPer(usd("cost_usd_micros"), Counted::Rows),
    },
    distinct(
        "distinct_conversations",
        "Conversations",
        "How many different conversations the messages belong to.",
        "conversation_id",
    ),
    distinct(
        "distinct_workflows",
        "Bots",
        "How many different bots the messages belong to.",
        "workflow_id",
    ),
];

static DIMENSIONS: &[Dimension] = &[
    workflow("The bot that sent or got the message."),
    by(same(
        "direction",
        "Direction",
        "Whether the message went to the bot or came from it.",
        Kind::Word(DIRECTIONS),
    )),
    by(same(
        "is_fallback",
        "Fallback",
        "Whether the bot had no answer of its own.",
        Kind::Flag,
    )),
    by(same(
        "is_handoff",
        "Hand-off",
        "Whether the bot handed over to a person.",
        Kind::Flag,
    )),
    by(same(
        "is_success",
        "Success",
        "Whether the message was a success, as its sender says.",
        Kind::Flag,
    )),
];

static FIELDS: &[Field] = &[
    text(
        "id",
        &["message_id"],
        "Id",
        "The sender's id of the message.",
        "id",
    ),
    same(
        "conversation_id",
        "Conversation",
        "The conversation that the message belongs to.",
        Kind::Text,
    ),
    Field {
        name: "response_time",
        aliases: &["response_time_ms"],
        label: "Response time",
        definition: "The time that the bot took to answer, in milliseconds.",
        column: "response_time_ms",
        kind: whole_numbers(Unit::Ms),
    },
    same(
        "knowledge_base_hits",
        "Knowledge base hits",
        "What the bot found in its knowledge base.",
        whole_numbers(Unit::Count),
    ),
    same(
        "tokens_in",
        "Tokens in",
        "Tokens that a language model read.",
        whole_numbers(Unit::Tokens),
    ),
    same(
        "tokens_out",
        "Tokens out",
        "Tokens that a language model wrote.",
        whole_numbers(Unit::Tokens),
    ),
    cost_field("What the message cost, in US dollars."),
];
