//! What went wrong, so that the same fault is one whatever its numbers: the *pattern* of an error message, and the
//! *fingerprint* of error type and pattern (docs/adr/0010).
//!
//! A pattern is the message with everything that differs from one time to the next replaced by a placeholder:
//!
//! | placeholder | for |
//! |---|---|
//! | `<num>` | numbers, decimal or hexadecimal, also inside words (`page2` is `page<num>`) |
//! | `<id>` | UUIDs, `0x…`, words of 16 letters and digits or more, words of 40 letters or more |
//! | `<time>` | dates, dates with times, and times with seconds |
//! | `<ip>` | addresses of the Internet Protocol and of network cards |
//! | `<url>`, `<email>`, `<path>` | these |
//! | `<text>` | whatever stands between quotation marks, which stay |
//!
//! White space becomes one space, and what exceeds [`PATTERN_CHARS_MAX`] is cut between two tokens. A pattern is its own
//! pattern. Work is linear in what is read of the message, at most [`MESSAGE_BYTES_MAX`].

mod scan;

use xxhash_rust::xxh3::Xxh3;

/// The version of the rules. It is part of every fingerprint and of the format of a store, which is made again when it
/// changes: raise it with whatever changes a pattern.
pub const VERSION: u8 = 1;
/// Characters of a pattern.
pub const PATTERN_CHARS_MAX: usize = 300;
/// Bytes of a message that are read.
pub const MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// Characters of a fingerprint.
pub const FINGERPRINT_CHARS: usize = 16;

/// Stands at the end of a pattern that was cut.
const CUT: char = '…';

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// XXH3 of version, error type and pattern: 16 hexadecimal digits.
    pub fingerprint: String,
    /// The message's pattern, if there is a message.
    pub pattern: Option<String>,
}

impl Fault {
    /// What an error type and a message say; `None` if they say nothing.
    pub fn of(error_type: Option<&str>, message: Option<&str>) -> Option<Self> {
        let error_type = error_type.map(str::trim).filter(|word| !word.is_empty());
        let pattern = message.map(pattern).filter(|pattern| !pattern.is_empty());
        if error_type.is_none() && pattern.is_none() {
            return None;
        }
        let mut hasher = Xxh3::new();
        hasher.update(&[VERSION]);
        for part in [error_type, pattern.as_deref()] {
            // No text has a byte 0xff, so that where one part ends is part of what is hashed.
            hasher.update(part.unwrap_or_default().as_bytes());
            hasher.update(&[0xff, u8::from(part.is_some())]);
        }
        Some(Self {
            fingerprint: format!("{:016x}", hasher.digest()),
            pattern,
        })
    }
}

/// The pattern of a message. Empty if the message is blank.
pub fn pattern(message: &str) -> String {
    let mut pattern = String::with_capacity(message.len().min(PATTERN_CHARS_MAX));
    // The last character is kept for the mark of a cut.
    let mut chars_left = PATTERN_CHARS_MAX - 1;
    let mut emitted = String::new();
    for token in scan::tokens(scan::read_part(message)) {
        emitted.clear();
        if token.follows_space && !pattern.is_empty() {
            emitted.push(' ');
        }
        token.write(&mut emitted);
        let chars = emitted.chars().count();
        if chars > chars_left {
            pattern.push(CUT);
            break;
        }
        chars_left -= chars;
        pattern.push_str(&emitted);
    }
    pattern
}

#[cfg(test)]
mod tests;
