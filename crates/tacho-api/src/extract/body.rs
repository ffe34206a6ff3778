//! Reading bodies within bounds: bytes as sent, bytes once decompressed, bytes of all requests together, and time. A
//! small body that unpacks to a huge one (a "zip bomb") is refused while it is unpacked.

use std::io::Read;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tacho_core::OrganizationId;

use crate::AppState;
use crate::budget::Reservation;
use crate::problem::Problem;
use crate::state::Config;

/// Compressed bodies up to this size are unpacked where they are; larger ones off the async threads.
const UNPACK_INLINE_BYTES_MAX: usize = 8 * 1024;
/// The sender chooses how much memory unpacking takes; 2^24 bytes are enough for all but the slowest levels.
const ZSTD_WINDOW_LOG_MAX: u32 = 24;
const STEP_BYTES: usize = 64 * 1024;

/// A body in memory. Counts against the bound of all bodies until it is dropped.
#[derive(Debug)]
pub(crate) struct Payload {
    pub(crate) bytes: Bytes,
    _reservation: Reservation,
}

/// How a body is packed.
#[derive(Clone, Copy, Debug)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// A body of records: plain, gzip or zstd.
pub(crate) async fn read_body(
    request: Request,
    state: &AppState,
    organization: OrganizationId,
) -> Result<Payload, Problem> {
    let config = &state.config;
    let encoding = encoding(request.headers())?;
    let mut reservation = state.bodies.reserve(organization);
    // A plain body may be as large as an unpacked one.
    let bytes_max = match encoding {
        Encoding::Identity => config.records_decoded_bytes_max,
        Encoding::Gzip | Encoding::Zstd => config.records_bytes_max,
    };
    let sent = read(request, bytes_max, config.body_timeout, Some(&mut reservation)).await?;
    let decoded_max = config.records_decoded_bytes_max;
    let bytes = match encoding {
        Encoding::Identity => sent,
        _ if sent.len() <= UNPACK_INLINE_BYTES_MAX => unpack(encoding, &sent, decoded_max, &mut reservation)?,
        _ => {
            let unpacked = tokio::task::spawn_blocking(move || {
                let bytes = unpack(encoding, &sent, decoded_max, &mut reservation)?;
                Ok::<_, Problem>((bytes, reservation))
            });
            let (bytes, back) = unpacked.await.map_err(Problem::internal)??;
            reservation = back;
            bytes
        }
    };
    Ok(Payload {
        bytes,
        _reservation: reservation,
    })
}

/// A body that is small and not compressed.
pub(super) async fn read_plain(request: Request, config: &Config) -> Result<Bytes, Problem> {
    match encoding(request.headers())? {
        Encoding::Identity => read(request, config.body_bytes_max, config.body_timeout, None).await,
        Encoding::Gzip | Encoding::Zstd => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_encoding",
            "Send the body of this request without compression.",
        )),
    }
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Problem> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else {
        return Ok(Encoding::Identity);
    };
    match value
        .to_str()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "" | "identity" => Ok(Encoding::Identity),
        "gzip" | "x-gzip" => Ok(Encoding::Gzip),
        "zstd" => Ok(Encoding::Zstd),
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_encoding",
            "The body's Content-Encoding is not known. Send it as gzip, zstd or plain.",
        )),
    }
}

async fn read(
    request: Request,
    bytes_max: usize,
    timeout: Duration,
    reservation: Option<&mut Reservation>,
) -> Result<Bytes, Problem> {
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|declared: usize| declared > bytes_max) {
        return Err(too_large(bytes_max));
    }
    tokio::time::timeout(timeout, collect(request.into_body(), bytes_max, reservation))
        .await
        .unwrap_or_else(|_| Err(Problem::of_status(StatusCode::REQUEST_TIMEOUT)))
}

async fn collect(
    mut body: Body,
    bytes_max: usize,
    mut reservation: Option<&mut Reservation>,
) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Problem::bad_request("body_broken", "The body broke off. Send the request again.").because(error)
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        if let Some(reservation) = reservation.as_deref_mut() {
            reservation.grow(data.len()).map_err(|_| spent())?;
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// Unpacks a body that may have that many bytes, as long as there is room.
pub(crate) fn unpack(
    encoding: Encoding,
    sent: &[u8],
    bytes_max: usize,
    reservation: &mut Reservation,
) -> Result<Bytes, Problem> {
    match encoding {
        Encoding::Identity => Ok(Bytes::copy_from_slice(sent)),
        Encoding::Gzip => drain(flate2::read::MultiGzDecoder::new(sent), bytes_max, reservation),
        Encoding::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(sent).map_err(Problem::internal)?;
            decoder
                .window_log_max(ZSTD_WINDOW_LOG_MAX)
                .map_err(Problem::internal)?;
            drain(decoder, bytes_max, reservation)
        }
    }
}

fn drain(mut reader: impl Read, bytes_max: usize, reservation: &mut Reservation) -> Result<Bytes, Problem> {
    let mut bytes = Vec::new();
    loop {
        let before = bytes.len();
        let step = reader.by_ref().take(STEP_BYTES as u64).read_to_end(&mut bytes);
        let read = bytes.len() - before;
        if bytes.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        reservation.grow(read).map_err(|_| spent())?;
        match step {
            Ok(0) => return Ok(bytes.into()),
            Ok(_) => {}
            Err(error) => {
                return Err(Problem::bad_request(
                    "malformed_encoding",
                    "The body can't be decompressed as its Content-Encoding says.",
                )
                .because(error));
            }
        }
    }
}

fn too_large(bytes_max: usize) -> Problem {
    Problem {
        detail: format!("The body has more than {bytes_max} bytes. Send it in several requests."),
        ..Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE)
    }
}

fn spent() -> Problem {
    Problem::overloaded(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::budget::ByteBudget;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(encoding: Encoding, sent: &[u8]) -> Result<Bytes, Problem> {
        unpack(
            encoding,
            sent,
            1_000_000,
            &mut ByteBudget::new(2_000_000).reserve(OrganizationId::from_bytes([1; 16])),
        )
    }

    #[test]
    fn both_encodings_give_back_what_was_packed() {
        let text = b"{\"id\":1}\n".repeat(20_000);
        assert_eq!(unpacked(Encoding::Gzip, &gzip(&text)).unwrap(), text);
        assert_eq!(
            unpacked(Encoding::Zstd, &zstd::encode_all(&text[..], 3).unwrap()).unwrap(),
            text
        );
    }

    #[test]
    fn a_bomb_is_refused_while_it_unpacks() {
        let zeros = vec![0; 50_000_000];
        for (encoding, packed) in [
            (Encoding::Gzip, gzip(&zeros)),
            (Encoding::Zstd, zstd::encode_all(&zeros[..], 3).unwrap()),
        ] {
            assert!(packed.len() < 60_000);
            assert_eq!(unpacked(encoding, &packed).unwrap_err().status, 413);
        }
    }

    #[test]
    fn what_does_not_unpack_is_the_senders_fault() {
        let mut cut = gzip(&b"text".repeat(1000));
        cut.truncate(cut.len() / 2);
        assert_eq!(
            unpacked(Encoding::Gzip, &cut).unwrap_err().code,
            "malformed_encoding"
        );
        assert_eq!(
            unpacked(Encoding::Zstd, b"no zstd").unwrap_err().code,
            "malformed_encoding"
        );
    }
}
