//! Words on the wire: which other words mean the same as those that Tacho uses.

use std::borrow::Cow;

use tacho_core::record::{FieldSpec, RecordType};

use super::shapes::Shape;

/// Words of an execution's status beside its own.
const EXECUTION_STATUS: &[(&str, &str)] = &[
    ("pending", "queued"),
    ("waiting", "queued"),
    ("scheduled", "queued"),
    ("started", "running"),
    ("in_progress", "running"),
    ("active", "running"),
    ("completed", "success"),
    ("complete", "success"),
    ("succeeded", "success"),
    ("successful", "success"),
    ("done", "success"),
    ("ok", "success"),
    ("error", "failed"),
    ("errored", "failed"),
    ("failure", "failed"),
    ("fail", "failed"),
    ("crashed", "failed"),
    ("timed_out", "timeout"),
    ("canceled", "cancelled"),
    ("aborted", "cancelled"),
    ("stopped", "cancelled"),
];

/// Words of a step's status.
const STEP_STATUS: &[(&str, &str)] = &[
    ("success", "completed"),
    ("succeeded", "completed"),
    ("successful", "completed"),
    ("complete", "completed"),
    ("done", "completed"),
    ("ok", "completed"),
    ("error", "failed"),
    ("errored", "failed"),
    ("failure", "failed"),
    ("fail", "failed"),
    ("timeout", "failed"),
    ("timed_out", "failed"),
    ("skip", "skipped"),
    ("cancelled", "skipped"),
    ("canceled", "skipped"),
];

/// Words of what started an execution.
const TRIGGER_TYPE: &[(&str, &str)] = &[
    ("schedule", "scheduled"),
    ("cron", "scheduled"),
    ("timer", "scheduled"),
    ("interval", "scheduled"),
    ("user", "manual"),
    ("rerun", "retry"),
    ("http", "webhook"),
    ("hook", "webhook"),
    ("sdk", "api"),
    ("cli", "api"),
    ("queue", "event"),
    ("chat", "conversation"),
    ("bot", "conversation"),
    ("message", "conversation"),
];

/// Words of what a step waited for.
const WAIT_KIND: &[(&str, &str)] = &[
    ("queued", "queue"),
    ("approval", "human"),
    ("retry", "retry_backoff"),
    ("backoff", "retry_backoff"),
];

/// Words of what a workflow is.
const WORKFLOW_KIND: &[(&str, &str)] = &[
    ("task", "browser_task"),
    ("scheduled_browser_task", "browser_task"),
    ("browser", "browser_task"),
    ("rpa_workflow", "rpa"),
    ("robot", "rpa"),
    ("chatbot", "bot"),
    ("chat_bot", "bot"),
    ("cron_job", "job"),
    ("script", "job"),
];

/// Words of how a conversation stands.
const CONVERSATION_STATUS: &[(&str, &str)] = &[
    ("open", "active"),
    ("closed", "resolved"),
    ("completed", "resolved"),
    ("success", "resolved"),
    ("handoff", "escalated"),
    ("handed_off", "escalated"),
    ("transferred", "escalated"),
    ("expired", "abandoned"),
    ("timeout", "abandoned"),
];

/// Words of a message's direction, from the bot's point of view.
const DIRECTION: &[(&str, &str)] = &[
    ("in", "inbound"),
    ("incoming", "inbound"),
    ("received", "inbound"),
    ("out", "outbound"),
    ("outgoing", "outbound"),
    ("sent", "outbound"),
];

/// Words of what a metric is. The real-time document leaves its `metric_type` open; what names an origin instead of a
/// kind is a gauge, which promises nothing about its values.
const METRIC_KIND: &[(&str, &str)] = &[
    ("count", "counter"),
    ("total", "counter"),
    ("value", "gauge"),
    ("custom", "gauge"),
    ("system", "gauge"),
    ("business", "gauge"),
    ("timer", "histogram"),
    ("timing", "histogram"),
    ("duration", "histogram"),
    ("summary", "histogram"),
    ("distribution", "histogram"),
];

/// Type words of the documents' shapes, beside those that the types declare themselves.
const SHAPES: &[(&str, RecordType, Option<Shape>)] = &[
    (
        "execution_event",
        RecordType::Execution,
        Some(Shape::ExecutionEvent),
    ),
    ("task_metrics", RecordType::Execution, Some(Shape::TaskMetrics)),
    (
        "scheduled_task_execution",
        RecordType::Execution,
        Some(Shape::TaskExecution),
    ),
    (
        "scheduled_task_executions",
        RecordType::Execution,
        Some(Shape::TaskExecution),
    ),
    (
        "scheduled_browser_task",
        RecordType::Workflow,
        Some(Shape::BrowserTask),
    ),
    (
        "scheduled_browser_tasks",
        RecordType::Workflow,
        Some(Shape::BrowserTask),
    ),
    ("step_metrics", RecordType::Step, None),
    ("resource_metrics", RecordType::Resource, None),
    ("metrics", RecordType::Metric, None),
];

fn aliases(record_type: RecordType, field: &str) -> &'static [(&'static str, &'static str)] {
    match (record_type, field) {
        (RecordType::Execution, "status") => EXECUTION_STATUS,
        (RecordType::Execution, "trigger_type") => TRIGGER_TYPE,
        (RecordType::Step, "status") => STEP_STATUS,
        (RecordType::Step, "wait_kind") => WAIT_KIND,
        (RecordType::Workflow, "kind") => WORKFLOW_KIND,
        (RecordType::Conversation, "status") => CONVERSATION_STATUS,
        (RecordType::Message, "direction") => DIRECTION,
        (RecordType::Metric, "kind") => METRIC_KIND,
        _ => &[],
    }
}

/// The position of a word among a field's words, by the word itself or one that means the same; upper case, hyphens and
/// spaces do not matter.
pub(super) fn keyword(record_type: RecordType, field: &FieldSpec, words: &[&str], sent: &str) -> Option<u8> {
    let position = |word: &str| words.iter().position(|known| *known == word).map(|at| at as u8);
    if let Some(found) = position(sent) {
        return Some(found);
    }
    if sent.len() > 64 {
        return None;
    }
    let word = snake(sent);
    position(&word).or_else(|| {
        let (_, meant) = aliases(record_type, field.name)
            .iter()
            .find(|(alias, _)| *alias == word)?;
        position(meant)
    })
}

/// The type that a word on the wire means, and the shape if the word names one.
pub(super) fn type_word(sent: &str) -> Option<(RecordType, Option<Shape>)> {
    if let Some(record_type) = RecordType::from_word(sent) {
        return Some((record_type, None));
    }
    if sent.len() > 64 {
        return None;
    }
    let word = snake(sent);
    RecordType::from_word(&word)
        .map(|record_type| (record_type, None))
        .or_else(|| {
            SHAPES
                .iter()
                .find(|(name, ..)| *name == word)
                .map(|(_, record_type, shape)| (*record_type, *shape))
        })
}

/// A name or word in snake_case: `stepsTotal`, `Timed-Out` and `FAILED` as `steps_total`, `timed_out` and `failed`.
pub(super) fn snake(word: &str) -> Cow<'_, str> {
    if !word
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b' '))
    {
        return Cow::Borrowed(word);
    }
    let mut snake = String::with_capacity(word.len() + 4);
    let mut after_small = false;
    for letter in word.chars() {
        if letter.is_ascii_uppercase() {
            if after_small {
                snake.push('_');
            }
            snake.push(letter.to_ascii_lowercase());
        } else if matches!(letter, '-' | ' ') {
            snake.push('_');
        } else {
            snake.push(letter);
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    Cow::Owned(snake)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_core::record::FieldKind;

    #[test]
    fn every_alias_leads_to_a_word_that_exists_and_hides_none() {
        for record_type in RecordType::ALL {
            for field in record_type.spec().fields {
                let FieldKind::Keyword(words) = field.kind else {
                    assert!(aliases(record_type, field.name).is_empty());
                    continue;
                };
                for (at, word) in words.iter().enumerate() {
                    assert_eq!(keyword(record_type, field, words, word), Some(at as u8));
                    assert_eq!(
                        keyword(record_type, field, words, &word.to_uppercase()),
                        Some(at as u8)
                    );
                }
                for (alias, meant) in aliases(record_type, field.name) {
                    assert!(!words.contains(alias), "{alias} is a word of its own");
                    let expected = words.iter().position(|word| word == meant).map(|at| at as u8);
                    assert!(expected.is_some(), "{alias} leads to {meant}, which is no word");
                    assert_eq!(keyword(record_type, field, words, alias), expected);
                }
            }
        }
    }

    #[test]
    fn the_documents_words_are_known() {
        let status = |word| {
            let (_, field) = RecordType::Execution.spec().field("status").unwrap();
            let FieldKind::Keyword(words) = field.kind else {
                panic!("a keyword")
            };
            keyword(RecordType::Execution, field, words, word).map(|at| words[at as usize])
        };
        assert_eq!(status("started"), Some("running"));
        assert_eq!(status("completed"), Some("success"));
        assert_eq!(status("Timed-Out"), Some("timeout"));
        assert_eq!(status("aborted"), Some("cancelled"));
        assert_eq!(status("perhaps"), None);
        assert_eq!(type_word("ExecutionEvent").unwrap().0, RecordType::Execution);
        assert_eq!(type_word("task").unwrap().0, RecordType::Workflow);
        assert_eq!(type_word("Execution").unwrap().0, RecordType::Execution);
        assert!(type_word("thing").is_none());
    }

    #[test]
    fn names_become_snake_case() {
        for (sent, snake_case) in [
            ("stepsTotal", "steps_total"),
            ("a_b", "a_b"),
            ("SUCCESS", "success"),
            ("Retry Backoff", "retry_backoff"),
        ] {
            assert_eq!(snake(sent), snake_case);
        }
    }
}
