//! JSON in one form: keys sorted, no spaces, escapes only where needed, numbers as they came. So that the same object
//! sent twice is the same text.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::entry::{self, read_object, unquote};
use super::limits::Limits;
use super::rejection::{Checked, Fault, RejectionCode};

/// Names with values in canonical text.
pub(super) type Members<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// The members of a JSON object, each value in canonical form, in no order.
pub(super) fn members<'a>(json: &'a str, limits: &Limits) -> Checked<Members<'a>> {
    let mut raw = Vec::new();
    read_object(json, usize::MAX, |key, value| raw.push((key, value)))?;
    // The last of several with one name counts, as everywhere in JSON.
    raw.into_iter()
        .rev()
        .map(|(key, value)| Ok((key, value_text(value, 1, limits)?)))
        .collect()
}

/// A value in canonical form, as a member of an object at that depth.
pub(super) fn value_text<'a>(json: &'a str, depth: usize, limits: &Limits) -> Checked<Cow<'a, str>> {
    if matches!(json.as_bytes().first(), Some(b'{' | b'[')) {
        let mut out = String::with_capacity(json.len());
        write_value(json, depth + 1, limits, &mut out)?;
        return Ok(Cow::Owned(out));
    }
    if json.starts_with('"') && json.as_bytes().contains(&b'\\') {
        return Ok(Cow::Owned(quoted(&unquote(json)?)));
    }
    Ok(Cow::Borrowed(json))
}

/// Writes members as an object. Of members with the same name the first counts.
pub(super) fn write_members(members: &mut Members<'_>, limits: &Limits) -> Checked<Box<str>> {
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    members.dedup_by(|later, first| later.0 == first.0);
    let bytes: usize = members
        .iter()
        .map(|(key, value)| key.len() + value.len() + 4)
        .sum();
    if bytes > limits.metadata_bytes_max + 4 * members.len() {
        return Err(too_large(limits));
    }
    let mut out = String::with_capacity(bytes + 2);
    out.push('{');
    for (at, (key, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        entry::refuse_nul(key)?;
        write_quoted(key, &mut out);
        out.push(':');
        out.push_str(value);
    }
    out.push('}');
    if out.len() > limits.metadata_bytes_max {
        return Err(too_large(limits));
    }
    Ok(out.into())
}

fn write_value(json: &str, depth: usize, limits: &Limits, out: &mut String) -> Checked<()> {
    match json.as_bytes().first() {
        Some(b'{') => {
            refuse_deep(depth, limits)?;
            let mut entries: Vec<(Cow<'_, str>, &str)> = Vec::new();
            read_object(json, usize::MAX, |key, value| entries.push((key, value)))?;
            // The last of several with one name counts, as everywhere in JSON.
            entries.reverse();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries.dedup_by(|later, first| later.0 == first.0);
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                entry::refuse_nul(key)?;
                write_quoted(key, out);
                out.push(':');
                write_value(value, depth + 1, limits, out)?;
            }
            out.push('}');
        }
        Some(b'[') => {
            refuse_deep(depth, limits)?;
            let items: Vec<&RawValue> =
                serde_json::from_str(json).map_err(|error| entry::not_json(&error))?;
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_value(item.get(), depth + 1, limits, out)?;
            }
            out.push(']');
        }
        Some(b'"') if json.as_bytes().contains(&b'\\') => write_quoted(&unquote(json)?, out),
        _ => out.push_str(json),
    }
    Ok(())
}

fn refuse_deep(depth: usize, limits: &Limits) -> Checked<()> {
    if depth > limits.metadata_depth_max {
        return Err(Fault::new(
            RejectionCode::MetadataTooLarge,
            format!(
                "Objects lie more than {} deep inside each other; send them flatter.",
                limits.metadata_depth_max
            ),
        ));
    }
    Ok(())
}

fn too_large(limits: &Limits) -> Box<Fault> {
    Fault::new(
        RejectionCode::MetadataTooLarge,
        format!(
            "The record's metadata takes more than {} bytes; send less, or a link to it.",
            limits.metadata_bytes_max
        ),
    )
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_quoted(text, &mut out);
    out
}

fn write_quoted(text: &str, out: &mut String) {
    if !text
        .bytes()
        .any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\'))
    {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(json: &str) -> Checked<Box<str>> {
        let limits = Limits::default();
        let mut members = members(json, &limits)?;
        write_members(&mut members, &limits)
    }

    #[test]
    fn keys_are_sorted_at_every_depth_and_numbers_stay() {
        assert_eq!(
            &*canonical(r#" { "b" : [ 1.50 , {"z":1,"a":-0.0} ], "a":"\u00e4\n" , "c": 123456789012345678901234567890 } "#)
                .unwrap(),
            r#"{"a":"ä\n","b":[1.50,{"a":-0.0,"z":1}],"c":123456789012345678901234567890}"#
        );
    }

    #[test]
    fn of_several_members_with_one_name_the_last_counts() {
        assert_eq!(
            &*canonical(r#"{"a":1,"b":{"c":1,"c":2},"a":2}"#).unwrap(),
            r#"{"a":2,"b":{"c":2}}"#
        );
    }

    #[test]
    fn depth_and_size_have_limits() {
        let deep = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(canonical(&deep(15)).is_ok());
        assert_eq!(
            canonical(&deep(16)).unwrap_err().code,
            RejectionCode::MetadataTooLarge
        );
        assert_eq!(
            canonical(&deep(60_000)).unwrap_err().code,
            RejectionCode::MetadataTooLarge
        );
        let large = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
        assert!(canonical(&large(32 * 1024)).is_ok());
        assert_eq!(
            canonical(&large(32 * 1024 + 1)).unwrap_err().code,
            RejectionCode::MetadataTooLarge
        );
    }

    #[test]
    fn half_characters_and_nul_are_refused() {
        assert_eq!(
            canonical(r#"{"a":["\ud800"]}"#).unwrap_err().code,
            RejectionCode::InvalidUtf8
        );
        assert_eq!(
            canonical(r#"{"a":"\u0000"}"#).unwrap_err().code,
            RejectionCode::NulCharacter
        );
        assert_eq!(
            canonical(r#"{"\u0000":1}"#).unwrap_err().code,
            RejectionCode::NulCharacter
        );
    }
}
