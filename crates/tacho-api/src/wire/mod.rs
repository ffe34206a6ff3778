//! What goes over the wire. The names of these types are the names of the schemas in `openapi.json`.

pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod problem;
pub(crate) mod session;
pub(crate) mod users;
