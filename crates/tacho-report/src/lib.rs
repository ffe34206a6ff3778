//! Documents: what people take away from Tacho. Rows of cells go in one by one and come out as bytes; nothing is kept.
//!
//! Pure but for the [`std::io::Write`] that it is given. Knows nothing of questions, of stores or of HTTP.

mod cell;
mod csv_text;
mod table;

pub use cell::Cell;
pub use csv_text::neutralised;
pub use table::{TableFormat, TableWriter};
