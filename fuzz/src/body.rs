//! Bodies that come compressed.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tacho_api::fuzzing::{Encoding, unpack};

/// Bytes that a body may have once it is unpacked.
const BYTES_MAX: usize = 64 * 1024;

/// A body. The first byte says what it is: 0 gzip, 1 zstd; 2 and 3 what is packed so before it is unpacked, as often as the next
/// byte says.
///
/// Laws: what comes out is no longer than it may be, whatever went in; what does not unpack is the sender's fault; and what was
/// packed is what comes out.
pub fn compressed_body(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else {
        return;
    };
    let encoding = match kind % 2 {
        0 => Encoding::Gzip,
        _ => Encoding::Zstd,
    };
    if kind % 4 < 2 {
        match unpack(encoding, rest, BYTES_MAX) {
            Ok(bytes) => assert!(bytes.len() <= BYTES_MAX),
            Err(status) => assert!(matches!(status, 400 | 413), "{status}"),
        }
        return;
    }
    let Some((times, rest)) = rest.split_first() else {
        return;
    };
    let plain = rest.repeat(usize::from(*times));
    let packed = match encoding {
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&plain).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Zstd => zstd::encode_all(&plain[..], 1).unwrap(),
        Encoding::Identity => plain.clone(),
    };
    match unpack(encoding, &packed, BYTES_MAX) {
        Ok(bytes) => assert_eq!(bytes, plain),
        Err(status) => assert_eq!((status, plain.len() > BYTES_MAX), (413, true)),
    }
}
