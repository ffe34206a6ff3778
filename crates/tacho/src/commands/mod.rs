//! The commands, a file each.

pub(crate) mod backup;
pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod people;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod store;
