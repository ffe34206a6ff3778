//! The journal's files, whole and damaged.

mod directory;
mod frames;
mod segment;

pub use directory::journal_directory;
pub use segment::journal_segment;
