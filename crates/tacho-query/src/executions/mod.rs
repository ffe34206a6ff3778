//! Executions themselves, listed page by page, one by one, and read all for exports, under the same scope as every question.

mod cursor;
mod detail;
mod export;
mod list;
mod read;
pub mod wire;

pub use cursor::Cursor;
pub use detail::{ExecutionQuery, compile_detail, shape_detail};
pub use export::{
    ExecutionExportQuery, ExportColumn, ExportKind, Span, compile_count, compile_page, compile_slots, slices,
    slot_length,
};
pub use list::{ExecutionListQuery, compile_list, shape_list};
