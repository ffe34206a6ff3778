//! What routes read from a request. Every refusal is a problem.

mod address;
mod allowed;
mod body;
mod credential;
mod json;
mod origin;
mod path;

pub(crate) use address::ClientAddress;
pub(crate) use allowed::{Allowed, need};
pub use body::Encoding;
pub(crate) use body::{read_body, unpack};
pub(crate) use credential::Credential;
pub(crate) use json::{Json, media_type};
pub(crate) use origin::{check_csrf, check_origin};
pub(crate) use path::{Path, Query};
