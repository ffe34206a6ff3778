//! The server's end of a WebSocket: tungstenite reads what clients say and writes what is short, and frames go past it.
//!
//! Its write buffer stays as long as the longest message that was ever in it, for each connection. A frame is made once, with
//! the head that WebSockets put before it, and written from where it lies, however many watch.

use axum::body::Body;
use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

/// Bytes that are read at a time; few clients ever say as much. tungstenite's own default is 128 KiB for each connection.
const READ_BUFFER_BYTES: usize = 512;
/// Bytes that may wait to be written beside frames: answers to the client's messages, one by one.
const WRITE_BUFFER_BYTES_MAX: usize = 256 * 1024;
/// A whole text message, in the first byte of its head.
const WHOLE_TEXT: u8 = 0x81;

/// A text message as it goes over the wire.
#[derive(Debug)]
pub(crate) struct Whole {
    bytes: Bytes,
    head_len: usize,
}

impl Whole {
    pub(crate) fn text(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + 10);
        bytes.push(WHOLE_TEXT);
        match (u8::try_from(text.len()), u16::try_from(text.len())) {
            (Ok(length @ ..126), _) => bytes.push(length),
            (_, Ok(length)) => {
                bytes.push(126);
                bytes.extend_from_slice(&length.to_be_bytes());
            }
            _ => {
                bytes.push(127);
                bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            }
        }
        let head_len = bytes.len();
        bytes.extend_from_slice(text.as_bytes());
        Self {
            bytes: bytes.into(),
            head_len,
        }
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes[self.head_len..]
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// A request that becomes a WebSocket.
pub(crate) struct Upgrade {
    accept: HeaderValue,
    on_upgrade: OnUpgrade,
}

impl Upgrade {
    /// `None` if it does not ask for one.
    pub(crate) fn of(headers: &HeaderMap, on_upgrade: Option<OnUpgrade>) -> Option<Self> {
        let says = |name: HeaderName, word: &str| {
            let texts = headers
                .get_all(name)
                .into_iter()
                .filter_map(|value| value.to_str().ok());
            texts
                .flat_map(|text| text.split(','))
                .any(|part| part.trim().eq_ignore_ascii_case(word))
        };
        let asks =
            says(CONNECTION, "upgrade") && says(UPGRADE, "websocket") && says(SEC_WEBSOCKET_VERSION, "13");
        let key = headers.get(SEC_WEBSOCKET_KEY).filter(|_| asks)?;
        Some(Self {
            accept: derive_accept_key(key.as_bytes()).parse().ok()?,
            on_upgrade: on_upgrade?,
        })
    }

    /// Agrees, and serves it once the client has read that. Messages may be that long.
    pub(crate) fn serve<S>(
        self,
        message_bytes_max: usize,
        serve: impl FnOnce(Socket) -> S + Send + 'static,
    ) -> Response
    where
        S: Future<Output = ()> + Send + 'static,
    {
        let on_upgrade = self.on_upgrade;
        tokio::spawn(async move {
            // Whoever is gone by now needs no answer.
            let Ok(upgraded) = on_upgrade.await else { return };
            let socket = Socket::new(TokioIo::new(upgraded), message_bytes_max).await;
            // Boxed, so that the task takes up no room for both.
            Box::pin(serve(socket)).await;
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept);
        response
    }
}

/// An open WebSocket.
pub(crate) struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    /// Whether a frame was given up halfway.
    is_cut: bool,
}

/// How much is read and kept of what comes and goes. Messages may be that long.
pub(super) fn config(message_bytes_max: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(Some(message_bytes_max))
        .max_frame_size(Some(message_bytes_max))
}

impl Socket {
    async fn new(stream: TokioIo<Upgraded>, message_bytes_max: usize) -> Self {
        let config = Some(config(message_bytes_max));
        Self {
            stream: WebSocketStream::from_raw_socket(stream, Role::Server, config).await,
            is_cut: false,
        }
    }

    /// The next message; `None` when the connection has ended.
    pub(crate) async fn receive(&mut self) -> Option<tungstenite::Result<Message>> {
        self.stream.next().await
    }

    /// Sends something short.
    pub(crate) async fn send(&mut self, message: Message) -> tungstenite::Result<()> {
        if self.is_cut {
            return Err(tungstenite::Error::AlreadyClosed);
        }
        self.stream.send(message).await
    }

    /// Sends a frame. If it is given up halfway, nothing more can be sent.
    pub(crate) async fn send_frame(&mut self, frame: &Whole) -> tungstenite::Result<()> {
        // What tungstenite has begun to write, such as the answer to a ping, has to be over first.
        self.stream.flush().await?;
        self.is_cut = true;
        self.stream.get_mut().write_all(&frame.bytes).await?;
        self.is_cut = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tokio_tungstenite::tungstenite::WebSocket;

    use super::*;

    #[test]
    fn a_frame_is_a_message_as_tungstenite_writes_it() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let text = "x".repeat(length);
            let whole = Whole::text(&text);
            assert_eq!(whole.payload(), text.as_bytes());
            let mut written = WebSocket::from_raw_socket(Cursor::new(Vec::new()), Role::Server, None);
            written.send(Message::text(text)).unwrap();
            assert_eq!(&whole.bytes[..], &written.get_ref().get_ref()[..]);
        }
    }
}
