//! One value: from its raw text to what its field holds.

use std::borrow::Cow;

use tacho_core::Timestamp;
use tacho_core::money::{Decimals, parse_scaled};
use tacho_core::record::{FieldKind, FieldSpec, RecordType, Value};
use tacho_core::time::TimestampError;

use super::canonical;
use super::entry::{Wire, refuse_nul, unquote};
use super::limits::Limits;
use super::plausible::check_not_future;
use super::rejection::{Checked, Fault, RejectionCode};
use super::words;

/// What reading a value depends on beside the value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'o> {
    pub(super) received_at: Timestamp,
    pub(super) limits: &'o Limits,
    /// Whether a table's times without an offset are UTC. Elsewhere they are an error.
    pub(super) cells_are_utc: bool,
}

/// Reads the value of a field. `None` if it says nothing: an empty id, an empty object.
pub(super) fn read(
    record_type: RecordType,
    field: &FieldSpec,
    wire: Wire<'_>,
    reading: Reading<'_>,
) -> Checked<Option<Value>> {
    Ok(Some(match field.kind {
        FieldKind::Text { bytes_max, cut } => {
            let text = match number_as_text(field, wire) {
                Some(number) => Cow::Borrowed(number),
                None => text(wire)?,
            };
            if text.is_empty() && is_id(field) {
                return Ok(None);
            }
            Value::Text(within(&text, bytes_max, cut)?.into())
        }
        FieldKind::Keyword(known) => {
            let sent = text(wire)?;
            Value::Keyword(
                words::keyword(record_type, field, known, &sent).ok_or_else(|| unknown_word(&sent, known))?,
            )
        }
        FieldKind::Time => Value::Int(time(wire, reading)?.as_micros()),
        FieldKind::Count => Value::Int(not_negative(whole(number(wire, "a whole number")?)?)?),
        FieldKind::Millis => Value::Int(not_negative(rounded(number(wire, "a number of milliseconds")?)?)?),
        FieldKind::Usd => Value::Int(scaled(
            number(wire, "an amount in dollars as a number")?,
            Decimals::Six,
        )?),
        FieldKind::Credits => Value::Int(scaled(number(wire, "credits as a number")?, Decimals::Three)?),
        FieldKind::Float => Value::Float(finite(number(wire, "a number")?)?),
        FieldKind::Bool => Value::Bool(boolean(wire)?),
        FieldKind::Json => {
            let mut members = canonical::members(object(wire)?, reading.limits)?;
            if members.is_empty() {
                return Ok(None);
            }
            Value::Text(canonical::write_members(&mut members, reading.limits)?)
        }
        FieldKind::Tags => return Ok(tags(Some(wire), &[], reading.limits)?.map(Value::Text)),
    }))
}

/// Whether a field holds an id, whose emptiness means absence and which may be sent as a number.
fn is_id(field: &FieldSpec) -> bool {
    field.name.ends_with("_id")
}

/// Ids and versions sent as JSON numbers, by their digits.
fn number_as_text<'a>(field: &FieldSpec, wire: Wire<'a>) -> Option<&'a str> {
    let Wire::Json(json) = wire else { return None };
    if !matches!(json.as_bytes().first(), Some(b'-' | b'0'..=b'9')) {
        return None;
    }
    let fits = if is_id(field) {
        is_integer(json)
    } else {
        field.name.ends_with("version") && !json.contains(['e', 'E'])
    };
    fits.then_some(json)
}

fn is_integer(json: &str) -> bool {
    let digits = json.strip_prefix('-').unwrap_or(json);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The id of a record: text or an integer. `None` if empty.
pub(super) fn id<'a>(wire: Wire<'a>, bytes_max: usize) -> Checked<Option<Cow<'a, str>>> {
    let id = match wire {
        Wire::Json(json) if is_integer(json) => Cow::Borrowed(json),
        wire => text(wire)?,
    };
    if id.len() > bytes_max {
        return Err(Fault::new(
            RejectionCode::IdTooLong,
            format!("The id takes {} bytes; send at most {bytes_max}.", id.len()),
        ));
    }
    Ok((!id.is_empty()).then_some(id))
}

/// Which try: 1 or more.
pub(super) fn attempt(wire: Wire<'_>) -> Checked<u32> {
    let count = whole(number(wire, "a whole number")?)?;
    match u32::try_from(count) {
        Ok(attempt) if attempt >= 1 => Ok(attempt),
        _ => Err(Fault::new(
            RejectionCode::FieldOutOfRange,
            format!("The attempt is {count}; attempts count from 1."),
        )),
    }
}

/// Text.
pub(super) fn text(wire: Wire<'_>) -> Checked<Cow<'_, str>> {
    match wire {
        Wire::Json(json) if json.starts_with('"') => unquote(json),
        Wire::Json(json) => Err(wrong_kind(json, "a text in quotes")),
        Wire::Cell(cell) => {
            refuse_nul(cell)?;
            Ok(Cow::Borrowed(cell))
        }
    }
}

fn within(text: &str, bytes_max: usize, cut: bool) -> Checked<&str> {
    if text.len() <= bytes_max {
        return Ok(text);
    }
    if cut {
        return Ok(&text[..text.floor_char_boundary(bytes_max)]);
    }
    Err(Fault::new(
        RejectionCode::TextTooLong,
        format!("The text takes {} bytes; send at most {bytes_max}.", text.len()),
    ))
}

fn unknown_word(sent: &str, known: &[&str]) -> Box<Fault> {
    let sent: String = sent.chars().take(64).collect();
    Fault::new(
        RejectionCode::KeywordUnknown,
        format!("\"{sent}\" is not known here; send one of {}.", known.join(", ")),
    )
}

/// An instant, not too far after the receipt.
pub(super) fn time(wire: Wire<'_>, reading: Reading<'_>) -> Checked<Timestamp> {
    let sent = match wire {
        Wire::Json(json) if !json.starts_with('"') => {
            return Err(wrong_kind(
                json,
                "a time in quotes, such as \"2026-11-22T09:30:00Z\"",
            ));
        }
        wire => text(wire)?,
    };
    let parsed = sent.parse::<Timestamp>().or_else(|error| match wire {
        Wire::Cell(cell) if reading.cells_are_utc && error != TimestampError::OutOfRange => {
            let cell = cell.trim();
            let full = if cell.len() == 10 {
                format!("{cell}T00:00:00Z")
            } else {
                format!("{cell}Z")
            };
            full.parse().map_err(|_| error)
        }
        _ => Err(error),
    });
    let instant = parsed.map_err(|error| match error {
        TimestampError::Malformed(_) => Fault::new(RejectionCode::TimeMalformed, sentence(&error)),
        TimestampError::OutOfRange => Fault::new(
            RejectionCode::TimeImpossible,
            format!("{}; correct it.", sentence(&error).trim_end_matches('.')),
        ),
    })?;
    check_not_future(instant, reading.received_at, reading.limits.ahead_micros_max)?;
    Ok(instant)
}

fn sentence(error: &TimestampError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => text,
    }
}

/// The text of a number.
fn number<'a>(wire: Wire<'a>, what: &str) -> Checked<&'a str> {
    match wire {
        Wire::Json(json) if matches!(json.as_bytes().first(), Some(b'-' | b'0'..=b'9')) => Ok(json),
        Wire::Json(json) => Err(wrong_kind(json, what)),
        Wire::Cell(cell) => {
            let cell = cell.trim();
            let is_number = cell
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
                && cell.parse::<f64>().is_ok();
            if is_number {
                Ok(cell)
            } else {
                Err(wrong_kind(cell, what))
            }
        }
    }
}

fn whole(number: &str) -> Checked<i64> {
    if let Ok(value) = number.parse() {
        return Ok(value);
    }
    if is_integer(number.trim_start_matches('+')) {
        return Err(too_great());
    }
    match number.parse::<f64>() {
        Ok(value) if value.fract() == 0.0 && value.abs() < 9.0e15 => Ok(value as i64),
        Ok(value) if value.fract() == 0.0 => Err(too_great()),
        _ => Err(Fault::new(
            RejectionCode::FieldType,
            format!("{} is not a whole number; send one.", shown(number)),
        )),
    }
}

fn rounded(number: &str) -> Checked<i64> {
    if let Ok(value) = number.parse() {
        return Ok(value);
    }
    match number.parse::<f64>() {
        Ok(value) if value.abs() < 9.2e18 => Ok(value.round() as i64),
        _ => Err(too_great()),
    }
}

fn not_negative(value: i64) -> Checked<i64> {
    if value < 0 {
        return Err(Fault::new(
            RejectionCode::FieldOutOfRange,
            format!("{value} is negative; send 0 or more."),
        ));
    }
    Ok(value)
}

fn scaled(number: &str, decimals: Decimals) -> Checked<i64> {
    parse_scaled(number, decimals).ok_or_else(too_great)
}

fn finite(number: &str) -> Checked<f64> {
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(too_great()),
    }
}

fn too_great() -> Box<Fault> {
    Fault::new(
        RejectionCode::FieldOutOfRange,
        "The number is greater than can be kept; send a smaller one.",
    )
}

/// True or false.
pub(super) fn boolean(wire: Wire<'_>) -> Checked<bool> {
    match wire {
        Wire::Json("true") => Ok(true),
        Wire::Json("false") => Ok(false),
        Wire::Json(other) => Err(wrong_kind(other, "true or false")),
        Wire::Cell(cell) => match cell.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" => Ok(true),
            "false" | "f" | "no" | "n" | "0" => Ok(false),
            other => Err(wrong_kind(other, "true or false")),
        },
    }
}

/// The text of a JSON object.
pub(super) fn object(wire: Wire<'_>) -> Checked<&str> {
    let json = match wire {
        Wire::Json(json) => json,
        Wire::Cell(cell) => match serde_json::from_str::<&serde_json::value::RawValue>(cell) {
            Ok(raw) => raw.get(),
            Err(_) => return Err(wrong_kind(cell, "a JSON object")),
        },
    };
    if json.starts_with('{') {
        Ok(json)
    } else {
        Err(wrong_kind(json, "a JSON object"))
    }
}

/// Tags in canonical form: those sent, and those that a shape adds where none of that name was sent. Numbers and
/// booleans count as their text. `None` if there are none.
pub(super) fn tags(
    sent: Option<Wire<'_>>,
    added: &[(&'static str, String)],
    limits: &Limits,
) -> Checked<Option<Box<str>>> {
    let invalid = |message: String| Fault::new(RejectionCode::TagsInvalid, message);
    let mut tags = match sent {
        None => Vec::new(),
        Some(wire) => {
            let json = object(wire).map_err(|_| invalid("Send tags as a JSON object of texts.".into()))?;
            canonical::members(json, limits).map_err(|fault| match fault.code {
                RejectionCode::MetadataTooLarge => {
                    invalid("Tags hold texts, not objects; send them flat.".into())
                }
                _ => fault,
            })?
        }
    };
    tags.retain(|(_, value)| value != "null");
    for (key, value) in &mut tags {
        match value.as_bytes().first() {
            Some(b'{' | b'[') => {
                return Err(invalid(
                    "Tags hold texts, not objects or arrays; put those into metadata.".into(),
                )
                .at(key));
            }
            Some(b'"') => {}
            _ => *value = Cow::Owned(format!("\"{value}\"")),
        }
    }
    for (key, value) in added {
        tags.push((Cow::Borrowed(key), Cow::Owned(canonical::quoted(value))));
    }
    for (key, value) in &tags {
        if key.is_empty() || key.len() > limits.tag_key_bytes_max {
            return Err(invalid(format!(
                "A tag's name takes 1 to {} bytes; shorten it.",
                limits.tag_key_bytes_max
            )));
        }
        if value.len() > limits.tag_value_bytes_max + 2 && unquote(value)?.len() > limits.tag_value_bytes_max
        {
            return Err(invalid(format!(
                "A tag's value takes at most {} bytes; shorten it or put it into metadata.",
                limits.tag_value_bytes_max
            ))
            .at(key));
        }
    }
    if tags.is_empty() {
        return Ok(None);
    }
    let written = canonical::write_members(&mut tags, limits)?;
    if tags.len() > limits.tags_max {
        return Err(invalid(format!(
            "A record has at most {} tags; put the rest into metadata.",
            limits.tags_max
        )));
    }
    Ok(Some(written))
}

fn wrong_kind(found: &str, wanted: &str) -> Box<Fault> {
    Fault::new(
        RejectionCode::FieldType,
        format!("{} stands where {wanted} belongs; send {wanted}.", shown(found)),
    )
}

/// The beginning of a value, for a message.
fn shown(value: &str) -> String {
    let mut letters = value.chars();
    let beginning: String = letters.by_ref().take(40).collect();
    if letters.next().is_some() {
        format!("{beginning}…")
    } else {
        beginning
    }
}
