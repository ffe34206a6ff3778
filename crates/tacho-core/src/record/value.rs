//! The value of one field.

use std::cmp::Ordering;

/// The value of one field. Which variant a field holds follows from its [`FieldKind`](super::FieldKind).
#[derive(Clone, Debug)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A count, an instant (microseconds since 1970), a duration (milliseconds), money (micro-dollars), credits
    /// (thousandths).
    Int(i64),
    /// A measured quantity. Finite.
    Float(f64),
    /// The position in the field's list of words.
    Keyword(u8),
    /// Text; also a JSON object, written with sorted keys and no spaces.
    Text(Box<str>),
}

impl Value {
    /// The integer inside, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The text inside, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The keyword inside, if it is one.
    pub fn as_keyword(&self) -> Option<u8> {
        match self {
            Value::Keyword(word) => Some(*word),
            _ => None,
        }
    }

    const fn kind_order(&self) -> u8 {
        match self {
            Value::Bool(_) => 0,
            Value::Int(_) => 1,
            Value::Float(_) => 2,
            Value::Keyword(_) => 3,
            Value::Text(_) => 4,
        }
    }
}

impl Ord for Value {
    /// A total order, so that "the greater value" is always defined.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
            (Value::Keyword(a), Value::Keyword(b)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (a, b) => a.kind_order().cmp(&b.kind_order()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}
