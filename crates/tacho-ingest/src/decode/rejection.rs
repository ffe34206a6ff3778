//! Why a record is refused.

use std::fmt;

use tacho_core::record::RecordType;

/// Why a record is refused. The words are part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RejectionCode {
    /// The line is not JSON.
    NotJson,
    /// It is JSON, but no object; or a row whose cells do not match the table's header.
    NotAnObject,
    /// It does not say of what type it is, and its fields don't tell.
    TypeMissing,
    /// There is no such type.
    TypeUnknown,
    /// It has no id, and nothing to make one from.
    IdMissing,
    /// The id is longer than ids may be.
    IdTooLong,
    /// A field that its type needs is absent.
    FieldMissing,
    /// The type has no such field (strict mode only).
    FieldUnknown,
    /// A field holds something of another kind.
    FieldType,
    /// A number lies outside what the field allows.
    FieldOutOfRange,
    /// A word is none of the field's words.
    KeywordUnknown,
    /// A time is not RFC 3339.
    TimeMalformed,
    /// A time cannot be: an end before its start, the future, years outside 1970 to 2200.
    TimeImpossible,
    /// A text is longer than the field allows.
    TextTooLong,
    /// It has more fields than a record may have.
    TooManyFields,
    /// Tags are no map of short strings, or too many.
    TagsInvalid,
    /// Metadata is too large or too deep.
    MetadataTooLarge,
    /// The record's text is too large.
    RecordTooLarge,
    /// The submission holds too many records, and this is one of those after the last that counts.
    TooManyRecords,
    /// A text holds the character U+0000.
    NulCharacter,
    /// A text is not UTF-8, or escapes half a character.
    InvalidUtf8,
    /// A field is given twice, perhaps under two of its names.
    DuplicateField,
}

impl RejectionCode {
    /// Every code.
    pub const ALL: [RejectionCode; 22] = [
        RejectionCode::NotJson,
        RejectionCode::NotAnObject,
        RejectionCode::TypeMissing,
        RejectionCode::TypeUnknown,
        RejectionCode::IdMissing,
        RejectionCode::IdTooLong,
        RejectionCode::FieldMissing,
        RejectionCode::FieldUnknown,
        RejectionCode::FieldType,
        RejectionCode::FieldOutOfRange,
        RejectionCode::KeywordUnknown,
        RejectionCode::TimeMalformed,
        RejectionCode::TimeImpossible,
        RejectionCode::TextTooLong,
        RejectionCode::TooManyFields,
        RejectionCode::TagsInvalid,
        RejectionCode::MetadataTooLarge,
        RejectionCode::RecordTooLarge,
        RejectionCode::TooManyRecords,
        RejectionCode::NulCharacter,
        RejectionCode::InvalidUtf8,
        RejectionCode::DuplicateField,
    ];

    /// Its word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            RejectionCode::NotJson => "not_json",
            RejectionCode::NotAnObject => "not_an_object",
            RejectionCode::TypeMissing => "type_missing",
            RejectionCode::TypeUnknown => "type_unknown",
            RejectionCode::IdMissing => "id_missing",
            RejectionCode::IdTooLong => "id_too_long",
            RejectionCode::FieldMissing => "field_missing",
            RejectionCode::FieldUnknown => "field_unknown",
            RejectionCode::FieldType => "field_type",
            RejectionCode::FieldOutOfRange => "field_out_of_range",
            RejectionCode::KeywordUnknown => "keyword_unknown",
            RejectionCode::TimeMalformed => "time_malformed",
            RejectionCode::TimeImpossible => "time_impossible",
            RejectionCode::TextTooLong => "text_too_long",
            RejectionCode::TooManyFields => "too_many_fields",
            RejectionCode::TagsInvalid => "tags_invalid",
            RejectionCode::MetadataTooLarge => "metadata_too_large",
            RejectionCode::RecordTooLarge => "record_too_large",
            RejectionCode::TooManyRecords => "too_many_records",
            RejectionCode::NulCharacter => "nul_character",
            RejectionCode::InvalidUtf8 => "invalid_utf8",
            RejectionCode::DuplicateField => "duplicate_field",
        }
    }

    /// The code with that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }
}

impl fmt::Display for RejectionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A record that was refused, with what its sender needs to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Its place in the submission, from 0.
    pub index: u32,
    /// Why, for programs.
    pub code: RejectionCode,
    /// Why and what to do, as a sentence.
    pub message: String,
    /// Where in the record, as a JSON pointer.
    pub pointer: Option<String>,
    /// Its type, if that much was understood.
    pub record_type: Option<RecordType>,
    /// Its text as it came, perhaps cut.
    pub payload: String,
    /// Whether the text was cut.
    pub payload_truncated: bool,
}

/// What is wrong with a record, before it is known which one of a submission it is.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: RejectionCode,
    pub(super) message: String,
    pub(super) pointer: Option<String>,
}

pub(super) type Checked<T> = Result<T, Box<Fault>>;

impl Fault {
    pub(super) fn new(code: RejectionCode, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            code,
            message: message.into(),
            pointer: None,
        })
    }

    /// At a field, by the name under which it was sent.
    pub(super) fn at(mut self: Box<Self>, name: &str) -> Box<Self> {
        let inner = self.pointer.take().unwrap_or_default();
        self.pointer = Some(format!("/{}{inner}", name.replace('~', "~0").replace('/', "~1")));
        self
    }
}

/// What is refused: a fault, and the type as far as it was understood.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) record_type: Option<RecordType>,
    pub(super) fault: Box<Fault>,
}

impl From<Box<Fault>> for Refused {
    fn from(fault: Box<Fault>) -> Self {
        Self {
            record_type: None,
            fault,
        }
    }
}

impl Refused {
    pub(super) fn into_rejection(self, index: u32, text: &str, payload_bytes_max: usize) -> Rejection {
        let payload = &text[..text.floor_char_boundary(payload_bytes_max)];
        Rejection {
            index,
            code: self.fault.code,
            message: self.fault.message,
            pointer: self.fault.pointer,
            record_type: self.record_type,
            payload: payload.to_owned(),
            payload_truncated: payload.len() < text.len(),
        }
    }
}
