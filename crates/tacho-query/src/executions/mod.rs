//! Executions themselves, listed page by page and one by one, under the same scope as every question.

mod cursor;
mod detail;
mod list;
mod read;
pub mod wire;

pub use cursor::Cursor;
pub use detail::{ExecutionQuery, compile_detail, shape_detail};
pub use list::{ExecutionListQuery, compile_list, shape_list};
