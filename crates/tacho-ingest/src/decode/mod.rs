//! Decoders, one file per wire format. Each turns bytes into records, or into rejections that say what to mend.
//!
//! Pure: no I/O, no clock; the moment of receipt comes in as an argument. [`decode`] takes the body of a submission (JSON
//! or NDJSON), [`ndjson_stream`] and [`csv`] read files of any size. All three bring their wire to the same shape, a
//! list of names with raw values ([`entry`]), and from there on share one way: [`object`] finds the type and parses each
//! value by the kind that the type declares, [`shapes`] translates what the source documents send differently,
//! [`plausible`] refuses what cannot be, [`identity`] gives ids. A record that fails is reported and never takes others
//! with it.

mod canonical;
pub mod csv;
mod entry;
mod identity;
mod layout;
mod limits;
mod malformed;
pub mod ndjson_stream;
mod object;
mod plausible;
mod recognise;
mod rejection;
mod shapes;
mod split;
#[cfg(test)]
mod tests;
mod value;
mod words;

use tacho_core::record::RecordType;
use tacho_core::{Record, Timestamp};

pub use limits::Limits;
pub use malformed::MalformedBody;
pub use rejection::{Rejection, RejectionCode};

/// What the body of a submission is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON array of records, or one record.
    Json,
    /// One JSON record a line. Blank lines do not count.
    Ndjson,
}

/// How to read a submission.
#[derive(Clone, Debug)]
pub struct DecodeOptions<'a> {
    /// When it arrived. Times later than a day after that are refused.
    pub received_at: Timestamp,
    /// Whether unknown fields are an error. If not, they are kept in `metadata`.
    pub strict: bool,
    /// The sender's key for this submission: gives ids to records that have none, the same ones when it is sent again.
    pub idempotency_key: Option<&'a str>,
    /// The type of records that neither name one nor have the fields that tell one.
    pub default_type: Option<RecordType>,
    /// Limits on what one submission may hold.
    pub limits: Limits,
}

impl DecodeOptions<'_> {
    /// The usual: lenient, without a key, default limits.
    pub fn new(received_at: Timestamp) -> Self {
        Self {
            received_at,
            strict: false,
            idempotency_key: None,
            default_type: None,
            limits: Limits::default(),
        }
    }
}

/// What a submission held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// The records, each with the index of the wire object that it came from. One object may give several.
    pub records: Vec<(u32, Record)>,
    /// The objects that gave none, by ascending index.
    pub rejected: Vec<Rejection>,
}

/// Reads the body of a submission.
///
/// # Errors
/// If a JSON body as a whole is no JSON; then nothing of it is accepted. NDJSON has no such case: every line stands for
/// itself.
pub fn decode(format: Format, body: &[u8], options: &DecodeOptions<'_>) -> Result<Decoded, MalformedBody> {
    let mut submission = split::Submission::new(options);
    match format {
        Format::Json => split::json(body, &mut submission)?,
        Format::Ndjson => split::ndjson(body, &mut submission),
    }
    Ok(submission.finish())
}
