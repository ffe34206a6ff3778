//! What a client sends over a WebSocket.

use serde_json::Value;
use tacho_api::fuzzing::{Heard, hear};
use tacho_query::QueryParams;

/// As the server has it by default.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
const ID_BYTES_MAX: usize = 256;
/// Bytes that may say why a connection ends.
const END_BYTES_MAX: usize = 2 + 125;

/// The bytes of a connection, from after the handshake on.
///
/// Laws: no message is longer than it may be, and all together are no longer than what was sent; what is answered by itself (to
/// pings) is no longer either, but for the reason of the end; what is subscribed to has a short name, and the question in it can be asked.
pub fn web_socket(input: &[u8]) {
    let heard = hear(input, MESSAGE_BYTES_MAX);
    assert!(heard.answer_bytes <= input.len() + END_BYTES_MAX);
    let mut bytes = 0;
    for Heard { text_bytes, channel } in &heard.messages {
        assert!(*text_bytes <= MESSAGE_BYTES_MAX);
        bytes += text_bytes;
        let Some(Ok(channel)) = channel else { continue };
        assert!(channel.name.len() <= ID_BYTES_MAX + 32, "{}", channel.name);
        if let Some(question) = channel.identity.strip_prefix("query:") {
            let (_, question) = question.split_once(':').unwrap();
            let question: Value = serde_json::from_str(question).unwrap();
            assert!(QueryParams::from_json(&question).is_ok());
        }
    }
    assert!(bytes <= input.len());
}
