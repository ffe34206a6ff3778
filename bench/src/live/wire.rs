//! As much of WebSocket (RFC 6455) as a client needs that watches one server which it trusts: ten thousand of them have to
//! cost less than what they measure.

use anyhow::{Context, bail, ensure};

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// The mark of a whole message in the first byte, and of a masked one in the second.
const HIGH: u8 = 0x80;
/// A client has to mask what it says; zeros leave it as it is.
const MASK: [u8; 4] = [0; 4];

/// Something that the server says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard<'a> {
    Text(&'a [u8]),
    Ping(&'a [u8]),
    /// The end, and its code.
    Close(u16),
}

/// Asks for a WebSocket.
pub(super) fn upgrade(key: &str) -> Vec<u8> {
    format!(
        "GET /ws/analytics HTTP/1.1\r\nhost: tacho\r\nauthorization: Bearer {key}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes()
}

/// How long the server's consent is; `None` while it is not there as a whole.
pub(super) fn consent(bytes: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&bytes[..end]);
    ensure!(head.starts_with("HTTP/1.1 101 "), "no WebSocket, but {head}");
    Ok(Some(end + 4))
}

/// Something to say.
pub(super) fn text(message: &str) -> Vec<u8> {
    masked(TEXT, message.as_bytes())
}

/// The answer to a ping.
pub(super) fn pong(of: &[u8]) -> Vec<u8> {
    masked(PONG, of)
}

fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![HIGH | opcode];
    match u8::try_from(payload.len()) {
        Ok(length @ ..126) => bytes.push(HIGH | length),
        _ => {
            bytes.push(HIGH | 126);
            // What this driver says is short.
            bytes.extend_from_slice(&u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend_from_slice(payload);
    bytes
}

/// The first thing that was said, and how many bytes it takes up; `None` while it is not there as a whole.
pub(super) fn heard(bytes: &[u8]) -> anyhow::Result<Option<(Heard<'_>, usize)>> {
    let [first, second, ..] = *bytes else {
        return Ok(None);
    };
    ensure!(
        second & HIGH == 0 && first & HIGH != 0,
        "the server masks or parts what it says"
    );
    let (length, start) = match second {
        126 | 127 => {
            let end = if second == 126 { 4 } else { 10 };
            let Some(length) = bytes.get(2..end) else {
                return Ok(None);
            };
            let length = length
                .iter()
                .fold(0u64, |length, byte| length << 8 | u64::from(*byte));
            (usize::try_from(length)?, end)
        }
        length => (usize::from(length), 2),
    };
    let end = start.checked_add(length).context("a length beyond all bounds")?;
    let Some(payload) = bytes.get(start..end) else {
        return Ok(None);
    };
    let heard = match first & 0x7f {
        TEXT => Heard::Text(payload),
        PING => Heard::Ping(payload),
        CLOSE => Heard::Close(
            payload
                .first_chunk()
                .map_or(1005, |code| u16::from_be_bytes(*code)),
        ),
        other => bail!("the server says something of kind {other}"),
    };
    Ok(Some((heard, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard_once_it_is_there_as_a_whole() {
        let long = "x".repeat(300);
        for payload in ["", "short", &long] {
            // As a server says it: the same without a mask.
            let mut bytes = text(payload);
            let mask_at = bytes.len() - payload.len() - 4;
            bytes.drain(mask_at..mask_at + 4);
            bytes[1] &= !HIGH;
            for length in 0..bytes.len() {
                assert_eq!(heard(&bytes[..length]).unwrap(), None);
            }
            let all = bytes.len();
            bytes.push(HIGH | PING);
            assert_eq!(
                heard(&bytes).unwrap(),
                Some((Heard::Text(payload.as_bytes()), all))
            );
        }
        assert_eq!(
            heard(&[0x88, 2, 0x03, 0xf0]).unwrap(),
            Some((Heard::Close(1008), 4))
        );
        assert!(heard(&[0x01, 0]).is_err());
    }

    #[test]
    fn a_refusal_is_no_consent() {
        assert_eq!(consent(b"HTTP/1.1 101 Switching Protocols\r\n").unwrap(), None);
        assert_eq!(consent(b"HTTP/1.1 101 X\r\n\r\nrest").unwrap(), Some(18));
        assert!(consent(b"HTTP/1.1 401 Unauthorized\r\n\r\n").is_err());
    }
}
