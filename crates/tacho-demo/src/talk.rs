//! A conversation of a customer with a bot: its messages, how it ends, and the bot's execution.

use tacho_core::RecordType;

use crate::catalogue::trigger;
use crate::company::{Company, Incident};
use crate::dice::Dice;
use crate::draft::Draft;
use crate::layout::{ConversationField as V, MessageField as M, word};
use crate::run::{self, Start};
use crate::timeline::{Sink, id_text};

const STREAM_TALK: u64 = 20;
const CHANNELS: [&str; 5] = ["web", "web", "whatsapp", "e-mail", "voice"];

/// Tells of a conversation that begins at a moment with the bot `workflow`.
pub(crate) fn tell(
    company: &Company,
    incidents: &[Incident],
    workflow: usize,
    key: u64,
    at: i64,
    sink: &mut Sink,
) {
    let bot = &company.workflows[workflow];
    let conversation = id_text("conv", key);
    let execution = id_text("exec", key);
    let ended_at = run::tell(
        company,
        incidents,
        Start {
            workflow,
            key,
            id: &execution,
            at,
            trigger: trigger::CONVERSATION,
            backlog: 0,
            parent: None,
            conversation: Some(&conversation),
            depth: 0,
        },
        sink,
    );

    let mut dice = Dice::of(&[key, STREAM_TALK]);
    let is_short_variant = key & 1 == 1;
    let is_model_down = incidents.iter().any(|incident| {
        bot.template.sites.contains(&incident.site_index)
            && (incident.start.as_micros()..incident.end.as_micros()).contains(&at)
    });
    let fate = dice.unit() - if is_model_down { 0.35 } else { 0.0 };
    let status = match fate {
        fate if fate < 0.14 => word::CONVERSATION_ESCALATED,
        fate if fate < 0.25 => word::CONVERSATION_ABANDONED,
        _ => word::CONVERSATION_RESOLVED,
    };
    let customer = format!("cust-{:05}", dice.below(40_000));
    let channel = *dice.pick(&CHANNELS);
    let rank = dice.unit();
    let tags = &company.customer_tags[(rank * rank * company.customer_tags.len() as f64) as usize][0];
    let begun = |at: i64, status: u8| {
        Draft::new(RecordType::Conversation, &conversation, 1, at, 8)
            .text(V::workflow_id, &bot.id)
            .text(V::customer_id, &customer)
            .text(V::channel, channel)
            .word(V::status, status)
    };
    if sink.wants(RecordType::Conversation) {
        if sink.lives {
            let draft = begun(at, word::CONVERSATION_ACTIVE).int(V::started_at, at);
            sink.put(draft.text(V::tags, tags).done());
        }
        let mut draft = begun(ended_at, status)
            .int(V::started_at, at)
            .int(V::ended_at, ended_at);
        if status == word::CONVERSATION_RESOLVED && dice.chance(0.4) {
            let stars = (4.3 + 0.9 * dice.normal() + if is_short_variant { 0.15 } else { 0.0 }).round();
            draft = draft.float(V::satisfaction, stars.clamp(1.0, 5.0));
        } else if status == word::CONVERSATION_ESCALATED && dice.chance(0.3) {
            draft = draft.float(V::satisfaction, (2.6 + dice.normal()).round().clamp(1.0, 5.0));
        }
        sink.put(draft.text(V::tags, tags).done());
    }
    if !sink.wants(RecordType::Message) {
        return;
    }

    // Question and answer in turn, evenly over the conversation.
    let turns = 1 + dice.count(2.2) as i64;
    let slot = (ended_at - at) / turns;
    for turn in 0..turns {
        let asked_at = at + slot * turn + (slot as f64 * dice.between(0.0, 0.2)) as i64;
        let is_last = turn + 1 == turns;
        let id = format!("{conversation}.m{}", turn * 2 + 1);
        sink.put(
            Draft::new(RecordType::Message, &id, 1, asked_at, 4)
                .text(M::conversation_id, &conversation)
                .text(M::workflow_id, &bot.id)
                .word(M::direction, word::INBOUND)
                .int(M::timestamp, asked_at)
                .done(),
        );
        if is_last && status == word::CONVERSATION_ABANDONED {
            break;
        }
        let slow = if is_model_down { 3.0 } else { 1.0 };
        let wanted_ms = dice.log_normal(if is_short_variant { 950.0 } else { 1_400.0 } * slow, 0.6);
        let response_ms = (wanted_ms as i64).clamp(1, ((ended_at - asked_at) / 1_000).max(1));
        let answered_at = (asked_at + response_ms * 1_000).min(ended_at);
        let is_handoff = is_last && status == word::CONVERSATION_ESCALATED;
        let is_fallback = is_handoff || dice.chance(0.07);
        let tokens_in = dice.log_normal(620.0, 0.5) as i64;
        let tokens_out = dice.log_normal(if is_short_variant { 90.0 } else { 160.0 }, 0.5) as i64;
        let id = format!("{conversation}.m{}", turn * 2 + 2);
        sink.put(
            Draft::new(RecordType::Message, &id, 1, answered_at, 12)
                .text(M::conversation_id, &conversation)
                .text(M::workflow_id, &bot.id)
                .word(M::direction, word::OUTBOUND)
                .int(M::timestamp, answered_at)
                .int(M::response_time_ms, response_ms)
                .flag(M::is_success, !is_fallback)
                .flag(M::is_fallback, is_fallback)
                .flag(M::is_handoff, is_handoff)
                .int(
                    M::knowledge_base_hits,
                    if is_fallback { 0 } else { 1 + dice.below(4) as i64 },
                )
                .int(M::tokens_in, tokens_in)
                .int(M::tokens_out, tokens_out)
                // Micro-dollars: 2 a token read, 8 a token written.
                .int(M::cost_usd, tokens_in * 2 + tokens_out * 8)
                .done(),
        );
    }
}
