//! What surrounds every request: an id, one wide event, its entry in the audit log, problems as bodies, security headers, and a catch for panics.

mod access;
mod headers;
mod notes;
mod request;

pub(crate) use access::Access;
pub(crate) use headers::security_headers;
pub(crate) use notes::RequestNotes;
pub(crate) use request::{on_panic, surround};
