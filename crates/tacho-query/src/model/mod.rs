//! The semantic model: what can be asked. Sources, their measures, dimensions and filters are declared as data, once;
//! labels, units, definitions and directions of every surface come from here.
//!
//! To add a source, declare it in a file of its own and list it in [`SOURCES`].

mod executions;
pub mod names;
pub mod served;

use std::fmt;

use tacho_core::record::RecordType;

use crate::answer::{Better, ColumnType, Unit};
use crate::params::FilterOp;

/// Everything that can be asked about.
pub static SOURCES: &[&Source] = &[&executions::SOURCE];

/// Something that can be asked about: a record type with its measures, dimensions and filters.
pub struct Source {
    /// Its name in questions.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it is.
    pub definition: &'static str,
    /// The records that it consists of. Those that have not ended count too.
    pub record_type: RecordType,
    /// What can be measured.
    pub measures: &'static [Measure],
    /// By what can be grouped. All of them can be filtered.
    pub dimensions: &'static [Dimension],
    /// What else can be filtered.
    pub fields: &'static [Field],
}

/// A number that can be asked for.
pub struct Measure {
    /// Its name in questions.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it means, in a sentence.
    pub definition: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Which way is better, if one is.
    pub better: Option<Better>,
    /// How it is worked out from rows.
    pub aggregate: Aggregate,
}

/// How a measure is worked out from rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregate {
    /// How many rows there are.
    Count,
    /// How many rows have one of these statuses.
    CountStatus(&'static [&'static str]),
    /// The rows with a status of `part` in hundredths of those with a status of `whole`; null if there are none.
    StatusPercent {
        /// Statuses counted.
        part: &'static [&'static str],
        /// Statuses counted against.
        whole: &'static [&'static str],
    },
    /// The mean of a column's known values; null if there are none.
    Average(&'static str),
    /// The least of them.
    Minimum(&'static str),
    /// The greatest of them.
    Maximum(&'static str),
    /// The value below which a share of them lies, between two values on the straight line (type 7 of Hyndman and Fan,
    /// "Sample Quantiles in Statistical Packages", 1996).
    Quantile(&'static str, f64),
    /// The sum of a column of integers that count a fraction of the unit; 0 if none is known.
    Sum {
        /// The column.
        column: &'static str,
        /// How many of it make one of the unit.
        per_unit: i64,
    },
}

impl Aggregate {
    /// Whether answers of it are whole numbers.
    pub const fn column_type(self) -> ColumnType {
        match self {
            Aggregate::Count | Aggregate::CountStatus(_) | Aggregate::Minimum(_) | Aggregate::Maximum(_) => {
                ColumnType::Integer
            }
            _ => ColumnType::Number,
        }
    }

    /// Whether nothing at all makes it 0, else not known.
    pub const fn is_zero_of_nothing(self) -> bool {
        matches!(
            self,
            Aggregate::Count | Aggregate::CountStatus(_) | Aggregate::Sum { .. }
        )
    }

    /// The columns that it reads.
    pub fn column(self) -> Option<&'static str> {
        match self {
            Aggregate::Count => None,
            Aggregate::CountStatus(_) | Aggregate::StatusPercent { .. } => Some("status"),
            Aggregate::Average(column)
            | Aggregate::Minimum(column)
            | Aggregate::Maximum(column)
            | Aggregate::Quantile(column, _)
            | Aggregate::Sum { column, .. } => Some(column),
        }
    }
}

/// Something by which rows can be grouped and filtered.
pub struct Dimension {
    /// What it filters by, and its names.
    pub field: Field,
    /// Whether its values are ids of workflows, whose names are answered in a second column `<name>_name`.
    pub is_workflow: bool,
}

/// Something by which rows can be filtered.
pub struct Field {
    /// Its name in questions.
    pub name: &'static str,
    /// Other names for it, such as that of the record's field.
    pub aliases: &'static [&'static str],
    /// Its name for people.
    pub label: &'static str,
    /// What it means, in a sentence.
    pub definition: &'static str,
    /// The column that holds it.
    pub column: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One word of a list.
    Word(&'static [&'static str]),
    /// Numbers, kept as integers that count a fraction of the unit.
    Number {
        /// What the numbers of a question count.
        unit: Unit,
        /// How many of the column make one of it.
        per_unit: i64,
    },
}

impl Kind {
    /// The comparisons that it takes.
    pub const fn ops(self) -> &'static [FilterOp] {
        use FilterOp::*;
        match self {
            Kind::Text => &[Eq, Ne, In, NotIn, Contains, IsNull, IsNotNull],
            Kind::Word(_) => &[Eq, Ne, In, NotIn, IsNull, IsNotNull],
            Kind::Number { .. } => &[Eq, Ne, In, NotIn, Lt, Lte, Gt, Gte, IsNull, IsNotNull],
        }
    }
}

impl Source {
    /// A measure by its name.
    pub fn measure(&self, name: &str) -> Option<&'static Measure>
    where
        Self: 'static,
    {
        let measures: &'static [Measure] = self.measures;
        measures.iter().find(|measure| measure.name == name)
    }

    /// A dimension by its name or an alias.
    pub fn dimension(&self, name: &str) -> Option<&'static Dimension> {
        let dimensions: &'static [Dimension] = self.dimensions;
        dimensions
            .iter()
            .find(|dimension| dimension.field.is_called(name))
    }

    /// A field that can be filtered, by its name or an alias.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        let (dimensions, fields): (&'static [Dimension], &'static [Field]) = (self.dimensions, self.fields);
        dimensions
            .iter()
            .map(|dimension| &dimension.field)
            .chain(fields)
            .find(|field| field.is_called(name))
    }
}

impl Field {
    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

macro_rules! shown_by_name {
    ($($declared:ident: $name:expr),*) => {$(
        impl fmt::Debug for $declared {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let name: fn(&$declared) -> &'static str = $name;
                f.write_str(name(self))
            }
        }

        impl PartialEq for $declared {
            fn eq(&self, other: &Self) -> bool {
                std::ptr::eq(self, other)
            }
        }
    )*};
}

// Declarations are `'static` and shown by their names, so that questions print and compare well.
shown_by_name! {
    Source: |source| source.name,
    Measure: |measure| measure.name,
    Dimension: |dimension| dimension.field.name,
    Field: |field| field.name
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_declaration_is_sound() {
        for source in SOURCES {
            let spec = source.record_type.spec();
            let has_column = |column: &str| {
                column == "id"
                    || spec.fields.iter().any(|field| field.column == column)
                    || spec.derived.iter().any(|derived| derived.column == column)
            };
            let mut names = HashSet::new();
            for measure in source.measures {
                assert!(names.insert(measure.name), "{} stands twice", measure.name);
                assert!(
                    measure.aggregate.column().is_none_or(has_column),
                    "{}",
                    measure.name
                );
                assert!(measure.definition.ends_with('.'), "{}", measure.name);
            }
            let fields = source
                .dimensions
                .iter()
                .map(|dimension| &dimension.field)
                .chain(source.fields);
            let mut called = HashSet::new();
            for field in fields {
                for name in std::iter::once(&field.name).chain(field.aliases) {
                    assert!(called.insert(*name), "{name} stands twice");
                }
                assert!(has_column(field.column), "{}", field.name);
                if let Kind::Word(words) = field.kind {
                    let declared = spec
                        .fields
                        .iter()
                        .find(|declared| declared.column == field.column);
                    let kind = declared.map(|declared| declared.kind);
                    assert_eq!(
                        kind,
                        Some(tacho_core::record::FieldKind::Keyword(words)),
                        "{}",
                        field.name
                    );
                }
                assert!(field.definition.ends_with('.'), "{}", field.name);
            }
            for dimension in source.dimensions {
                assert!(
                    names.insert(dimension.field.name),
                    "{} is a measure too",
                    dimension.field.name
                );
            }
            assert!(!names.contains("time"), "time is the bucket's column");
        }
    }
}
