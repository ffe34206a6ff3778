//! Where a page of executions ended. It holds nothing secret and is bound to nothing: with other filters it says
//! "those before this one" of other rows.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tacho_core::record::schema::ID_BYTES_MAX;
use tacho_core::time::Timestamp;

/// The last execution of a page. Pages are ordered by this, latest first. It is made of what does not change when a
/// row is amended, so that nothing is skipped or shown twice while rows change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its event time.
    pub event_time: Timestamp,
    /// Its id.
    pub id: String,
    /// Which try.
    pub attempt: u32,
}

const VERSION: u8 = 1;
const HEAD_BYTES: usize = 1 + 8 + 4;

impl Cursor {
    /// As text for the wire.
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(HEAD_BYTES + self.id.len());
        bytes.push(VERSION);
        bytes.extend(self.event_time.as_micros().to_be_bytes());
        bytes.extend(self.attempt.to_be_bytes());
        bytes.extend(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// From the text. `None` if no page ended with it.
    pub fn decode(text: &str) -> Option<Cursor> {
        if text.len() > (HEAD_BYTES + ID_BYTES_MAX) * 2 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (time, rest) = rest.split_first_chunk::<8>()?;
        let (attempt, id) = rest.split_first_chunk::<4>()?;
        let event_time = Timestamp::from_micros(i64::from_be_bytes(*time));
        let is_known = *version == VERSION && (Timestamp::MIN..=Timestamp::MAX).contains(&event_time);
        is_known.then_some(Cursor {
            event_time,
            id: String::from_utf8(id.to_vec()).ok()?,
            attempt: u32::from_be_bytes(*attempt),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(micros in 0i64..7_258_118_400_000_000, id in "\\PC{1,40}", attempt: u32) {
            let cursor = Cursor { event_time: Timestamp::from_micros(micros), id, attempt };
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }

        #[test]
        fn no_text_panics(text in "[-_a-zA-Z0-9]{0,80}") {
            let _ = Cursor::decode(&text);
        }
    }
}
