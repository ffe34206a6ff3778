//! A record on the wire, before anything is known of it: names with raw values.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::rejection::{Checked, Fault, RejectionCode};

/// A value as it came.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wire<'a> {
    /// The text of a JSON value, known to be well-formed.
    Json(&'a str),
    /// A cell of a table: its kind follows from the field alone.
    Cell(&'a str),
}

/// A name with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) key: Cow<'a, str>,
    pub(super) value: Wire<'a>,
}

/// Takes a well-formed JSON object apart, without looking into its values.
pub(super) fn read_object<'a>(
    text: &'a str,
    entries_max: usize,
    mut each: impl FnMut(Cow<'a, str>, &'a str),
) -> Checked<()> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let is_complete = ObjectSeed {
        entries_max,
        each: &mut each,
    }
    .deserialize(&mut deserializer)
    .map_err(|error| not_json(&error))?;
    if is_complete {
        return Ok(());
    }
    Err(Fault::new(
        RejectionCode::TooManyFields,
        format!("The record has more than {entries_max} fields; put what belongs together into metadata."),
    ))
}

/// The fault of a text that serde_json refuses. Inside text that was well-formed so far, that is a string which escapes
/// half a character.
pub(super) fn not_json(error: &serde_json::Error) -> Box<Fault> {
    let text = error.to_string();
    if text.contains("surrogate") || text.contains("unicode") || text.contains("hex escape") {
        return Fault::new(
            RejectionCode::InvalidUtf8,
            "A text escapes half of a character (a lone surrogate); send whole characters.",
        );
    }
    Fault::new(
        RejectionCode::NotJson,
        format!("This is not JSON: {text}. Mend it and send it again."),
    )
}

struct ObjectSeed<'f, F> {
    entries_max: usize,
    each: &'f mut F,
}

impl<'de, F: FnMut(Cow<'de, str>, &'de str)> DeserializeSeed<'de> for ObjectSeed<'_, F> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Cow<'de, str>, &'de str)> Visitor<'de> for ObjectSeed<'_, F> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut count = 0;
        while let Some(key) = map.next_key_seed(KeySeed)? {
            let value: &'de RawValue = map.next_value()?;
            if count < self.entries_max {
                (self.each)(key, value.get());
            }
            count += 1;
        }
        Ok(count <= self.entries_max)
    }
}

/// A name, borrowed unless it is escaped.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// The text of a well-formed JSON string, without its quotes and escapes.
pub(super) fn unquote(json: &str) -> Checked<Cow<'_, str>> {
    let inner = &json[1..json.len() - 1];
    if !inner.as_bytes().contains(&b'\\') {
        return Ok(Cow::Borrowed(inner));
    }
    let text: String = serde_json::from_str(json).map_err(|error| not_json(&error))?;
    refuse_nul(&text)?;
    Ok(Cow::Owned(text))
}

pub(super) fn refuse_nul(text: &str) -> Checked<()> {
    if text.as_bytes().contains(&0) {
        return Err(Fault::new(
            RejectionCode::NulCharacter,
            "A text holds the character U+0000; leave it out.",
        ));
    }
    Ok(())
}
