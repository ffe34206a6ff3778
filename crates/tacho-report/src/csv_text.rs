//! How cells are written as text, and how texts are kept from being taken for formulas.

use std::borrow::Cow;
use std::io::Write;

use super::Cell;

/// With what a cell begins that spreadsheets work out instead of showing it.
const FORMULA_SIGNS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// A text that no spreadsheet takes for a formula: one that begins with a formula sign gets an apostrophe before it, which
/// spreadsheets take for "this is text". So does one that begins with apostrophes and a formula sign, so that taking one
/// apostrophe away from such a text always gives back what was written.
pub fn neutralised(text: &str) -> Cow<'_, str> {
    match text.trim_start_matches('\'').starts_with(FORMULA_SIGNS) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// The number as the shortest text that reads back as the same.
fn write_number(number: f64, text: &mut Vec<u8>) {
    let is_plain = number == 0.0 || (1e-5..1e16).contains(&number.abs());
    // Writing to memory does not fail.
    let _ = match is_plain {
        true => write!(text, "{number}"),
        false => write!(text, "{number:e}"),
    };
}

/// The field of a cell. `text` is where it is made, if it has to be.
pub(crate) fn field<'t>(cell: Cell<'t>, text: &'t mut Vec<u8>) -> Cow<'t, [u8]> {
    text.clear();
    match cell {
        Cell::Null => return Cow::Borrowed(b""),
        Cell::Bool(true) => return Cow::Borrowed(b"true"),
        Cell::Bool(false) => return Cow::Borrowed(b"false"),
        Cell::Text(value) | Cell::Json(value) => {
            return match neutralised(value) {
                Cow::Borrowed(value) => Cow::Borrowed(value.as_bytes()),
                Cow::Owned(value) => Cow::Owned(value.into_bytes()),
            };
        }
        Cell::Float(number) if !number.is_finite() => {}
        Cell::Float(number) => write_number(number, text),
        Cell::Int(number) => drop(write!(text, "{number}")),
        Cell::Time(time) => drop(write!(text, "{time}")),
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_are_neutralised() {
        let mut text = Vec::new();
        let mut written = |cell: Cell<'_>| String::from_utf8(field(cell, &mut text).into_owned()).unwrap();
        assert_eq!(written(Cell::Text("=1+1")), "'=1+1");
        assert_eq!(written(Cell::Text("@SUM(A1)")), "'@SUM(A1)");
        assert_eq!(written(Cell::Text("\t=1")), "'\t=1");
        assert_eq!(written(Cell::Text("a=1")), "a=1");
        assert_eq!(written(Cell::Text("'quoted'")), "'quoted'");
        assert_eq!(written(Cell::Text("'=1")), "''=1");
        assert_eq!(written(Cell::Int(-5)), "-5");
        assert_eq!(written(Cell::Float(-0.25)), "-0.25");
        assert_eq!(written(Cell::Float(1e300)), "1e300");
        assert_eq!(written(Cell::Float(f64::NAN)), "");
        let before_1970 = tacho_core::Timestamp::from_micros(-1);
        assert_eq!(written(Cell::Time(before_1970)), "1969-12-31T23:59:59.999999Z");
    }
}
