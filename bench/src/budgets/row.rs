//! A line of the table.

use crate::table::{millis, whole};

/// A budget, and what was measured.
#[derive(Debug)]
pub(super) struct Row {
    budget: String,
    aim: String,
    measured: String,
    is_kept: bool,
    /// The command that measures it at length.
    at_length: &'static str,
}

impl Row {
    /// One that is kept by what is at most the aim.
    pub(super) fn at_most(budget: impl Into<String>, unit: Unit, aim: f64, measured: f64) -> Self {
        Self {
            budget: budget.into(),
            aim: format!("at most {}", unit.show(aim)),
            measured: unit.show(measured),
            is_kept: measured <= aim,
            at_length: "",
        }
    }

    /// One that is kept by what is at least the aim.
    pub(super) fn at_least(budget: impl Into<String>, unit: Unit, aim: f64, measured: f64) -> Self {
        Self {
            aim: format!("at least {}", unit.show(aim)),
            is_kept: measured >= aim,
            ..Self::at_most(budget, unit, aim, measured)
        }
    }

    /// The same with something more to know.
    pub(super) fn note(mut self, note: impl AsRef<str>) -> Self {
        self.measured += &format!("; {}", note.as_ref());
        self
    }

    /// The same with the command that measures it at length.
    pub(super) fn at_length(mut self, command: &'static str) -> Self {
        self.at_length = command;
        self
    }

    pub(super) fn cells(&self) -> Vec<String> {
        vec![
            self.budget.clone(),
            self.aim.clone(),
            self.measured.clone(),
            if self.is_kept { "kept" } else { "**missed**" }.to_owned(),
            format!("`{}`", self.at_length),
        ]
    }
}

/// How a figure is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    /// Something a second.
    PerSecond,
    /// Milliseconds.
    Millis,
    /// Bytes, as thousands.
    Kilobytes,
    /// Bytes, as millions.
    Megabytes,
    /// A ratio.
    Times,
}

impl Unit {
    fn show(self, figure: f64) -> String {
        match self {
            Unit::PerSecond => format!("{}/s", whole(figure)),
            Unit::Millis => format!("{} ms", millis(Some(figure))),
            Unit::Kilobytes => format!("{:.1} KB", figure / 1e3),
            Unit::Megabytes => format!("{} MB", whole(figure / 1e6)),
            Unit::Times => format!("{figure:.2} ×"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_aim_itself_keeps_it() {
        let verdict = |row: Row| row.cells()[3].clone();
        assert_eq!(verdict(Row::at_most("a", Unit::Millis, 5.0, 5.0)), "kept");
        assert_eq!(verdict(Row::at_most("a", Unit::Millis, 5.0, 5.1)), "**missed**");
        assert_eq!(verdict(Row::at_least("a", Unit::PerSecond, 5.0, 5.0)), "kept");
        assert_eq!(
            verdict(Row::at_least("a", Unit::PerSecond, 5.0, 4.0)),
            "**missed**"
        );
    }
}
