//! What can be made of a measure once it has been worked out. It is asked for behind the measure's name: `count.share`.

use std::borrow::Cow;
use std::ops::Deref;

use super::{Aggregate, Measure};
use crate::answer::{ColumnType, Unit};

/// What can be made of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derived {
    /// Hundredths of the answer's total. For counts and sums.
    Share,
    /// From the first bucket on, everything up to and with the bucket. For counts and sums.
    Cumulative,
    /// For each minute of the bucket, or of the range without buckets: throughput. For counts.
    PerMinute,
}

impl Derived {
    /// All of them.
    pub const ALL: [Derived; 3] = [Derived::Share, Derived::Cumulative, Derived::PerMinute];

    /// What stands behind the measure's name and a dot.
    pub const fn as_str(self) -> &'static str {
        match self {
            Derived::Share => "share",
            Derived::Cumulative => "cumulative",
            Derived::PerMinute => "per_minute",
        }
    }

    /// Whether it can be made of a measure.
    pub fn is_of(self, measure: &Measure) -> bool {
        match self {
            Derived::Share | Derived::Cumulative => {
                matches!(measure.aggregate, Aggregate::Count(_) | Aggregate::Sum(_))
            }
            Derived::PerMinute => matches!(measure.aggregate, Aggregate::Count(_)),
        }
    }
}

/// A measure that a question asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedMeasure {
    /// The measure.
    pub measure: &'static Measure,
    /// What is made of it, if anything is.
    pub derived: Option<Derived>,
}

impl Deref for AskedMeasure {
    type Target = Measure;

    fn deref(&self) -> &Measure {
        self.measure
    }
}

impl AskedMeasure {
    /// Its name in questions and answers.
    pub fn asked_name(&self) -> Cow<'static, str> {
        match self.derived {
            None => self.measure.name.into(),
            Some(derived) => format!("{}.{}", self.measure.name, derived.as_str()).into(),
        }
    }

    /// Its name for people.
    pub fn asked_label(&self) -> String {
        let label = self.measure.label;
        match self.derived {
            None => label.to_owned(),
            Some(Derived::Share) => format!("{label}, share"),
            Some(Derived::Cumulative) => format!("{label}, cumulative"),
            Some(Derived::PerMinute) => format!("{label} per minute"),
        }
    }

    /// What it means.
    pub fn asked_definition(&self) -> String {
        let definition = self.measure.definition;
        match self.derived {
            None => definition.to_owned(),
            Some(Derived::Share) => format!("{definition} In percent of all in the range."),
            Some(Derived::Cumulative) => format!("{definition} From the start of the range on."),
            Some(Derived::PerMinute) => format!("{definition} For each minute."),
        }
    }

    /// What it counts.
    pub fn asked_unit(&self) -> Unit {
        match self.derived {
            None | Some(Derived::Cumulative) => self.measure.unit,
            Some(Derived::Share) => Unit::Percent,
            Some(Derived::PerMinute) => Unit::PerMinute,
        }
    }

    /// What its values are.
    pub fn asked_type(&self) -> ColumnType {
        match self.derived {
            None | Some(Derived::Cumulative) => self.measure.aggregate.column_type(),
            Some(Derived::Share | Derived::PerMinute) => ColumnType::Number,
        }
    }
}
