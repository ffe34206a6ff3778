//! The semantic model: what can be asked. Sources, their measures, dimensions and filters are declared as data, once;
//! labels, units, definitions and directions of every surface come from here.
//!
//! To add a source, declare it in a file of its own and list it in [`SOURCES`].

mod activity;
mod conversations;
mod costs;
mod declare;
pub mod derived;
mod every_source;
mod executions;
mod messages;
mod metrics;
pub mod names;
mod recoveries;
mod resources;
pub mod served;
mod steps;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use tacho_core::record::RecordType;

use crate::answer::{Better, ColumnType, Unit};
use crate::buckets::Segment;
use crate::operand::Operand;
use crate::params::FilterOp;

/// Everything that can be asked about.
pub static SOURCES: &[&Source] = &[
    &executions::SOURCE,
    &steps::SOURCE,
    &costs::SOURCE,
    &resources::SOURCE,
    &activity::SOURCE,
    &conversations::SOURCE,
    &messages::SOURCE,
    &metrics::SOURCE,
    &recoveries::SOURCE,
];

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
    /// How many rows are counted.
    Count(Counted),
    /// The rows of `part` in hundredths of those of `whole`; null if there are none of those.
    Percent {
        /// Rows counted.
        part: Counted,
        /// Rows counted against.
        whole: Counted,
    },
    /// The sum of values, those not known left out; 0 if none is known.
    Sum(Values),
    /// The mean of the values known; null if there are none.
    Average(Values),
    /// The sum of values for each row counted; null if there are none.
    SumPer(Values, Counted),
    /// The sum of values if the rows of all of them are counted, the mean if none of those is; null where such and others
    /// come together, and if none is known. For values of several kinds, of which only some add up.
    SumOrAverage(Values, Counted),
    /// The least value; null if none is known.
    Minimum(Values),
    /// The greatest value; null if none is known.
    Maximum(Values),
    /// The value below which a share of them lies, between two values on the straight line (type 7 of Hyndman and Fan,
    /// "Sample Quantiles in Statistical Packages", 1996); null if none is known.
    Quantile(Values, f64),
    /// How many different values a column has.
    Distinct(&'static str),
}

/// Which rows a measure counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Counted {
    /// Every row.
    Rows,
    /// Those that have one of these words in the column.
    In(&'static str, &'static [&'static str]),
    /// Those for which a column of true and false is true.
    True(&'static str),
    /// Those that have a value in the column.
    Known(&'static str),
}

/// Values that a measure works with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values {
    /// The column.
    pub column: &'static str,
    /// What it holds.
    pub form: Form,
}

/// What a column of values holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Whole numbers of the unit.
    Whole,
    /// Whole numbers, so many of which make one of the unit.
    Scaled(i64),
    /// Floating-point numbers of the unit.
    Float,
}

impl Form {
    /// How many of the column's numbers make one of the unit.
    pub const fn per_unit(self) -> i64 {
        match self {
            Form::Scaled(per_unit) => per_unit,
            Form::Whole | Form::Float => 1,
        }
    }
}

impl Aggregate {
    /// Whether answers of it are whole numbers.
    pub const fn column_type(self) -> ColumnType {
        match self {
            Aggregate::Count(_) | Aggregate::Distinct(_) => ColumnType::Integer,
            Aggregate::Minimum(values) | Aggregate::Maximum(values) | Aggregate::Sum(values)
                if matches!(values.form, Form::Whole) =>
            {
                ColumnType::Integer
            }
            _ => ColumnType::Number,
        }
    }

    /// Whether nothing at all makes it 0, else not known.
    pub const fn is_zero_of_nothing(self) -> bool {
        matches!(
            self,
            Aggregate::Count(_) | Aggregate::Sum(_) | Aggregate::Distinct(_)
        )
    }

    /// The values that it works with, if it does.
    pub const fn values(self) -> Option<Values> {
        match self {
            Aggregate::Sum(values)
            | Aggregate::Average(values)
            | Aggregate::SumPer(values, _)
            | Aggregate::SumOrAverage(values, _)
            | Aggregate::Minimum(values)
            | Aggregate::Maximum(values)
            | Aggregate::Quantile(values, _) => Some(values),
            Aggregate::Count(_) | Aggregate::Percent { .. } | Aggregate::Distinct(_) => None,
        }
    }

    /// The rows that it counts: at most two kinds.
    pub fn counted(self) -> impl Iterator<Item = Counted> {
        let (one, other) = match self {
            Aggregate::Count(counted)
            | Aggregate::SumPer(_, counted)
            | Aggregate::SumOrAverage(_, counted) => (Some(counted), None),
            Aggregate::Percent { part, whole } => (Some(part), Some(whole)),
            _ => (None, None),
        };
        one.into_iter().chain(other)
    }

    /// The columns that it reads.
    pub fn columns(self) -> impl Iterator<Item = &'static str> {
        let distinct = match self {
            Aggregate::Distinct(column) => Some(column),
            _ => None,
        };
        let counted = self.counted().filter_map(Counted::column);
        counted
            .chain(self.values().map(|values| values.column))
            .chain(distinct)
    }
}

impl Counted {
    /// The column that tells which rows they are.
    pub const fn column(self) -> Option<&'static str> {
        match self {
            Counted::Rows => None,
            Counted::In(column, _) | Counted::True(column) | Counted::Known(column) => Some(column),
        }
    }
}

/// Whole numbers of the unit.
const fn whole(column: &'static str) -> Values {
    Values {
        column,
        form: Form::Whole,
    }
}

/// Floating-point numbers of the unit.
const fn float(column: &'static str) -> Values {
    Values {
        column,
        form: Form::Float,
    }
}

/// Money in micro-dollars.
const fn usd(column: &'static str) -> Values {
    Values {
        column,
        form: Form::Scaled(1_000_000),
    }
}

/// Credits in thousandths.
const fn credits(column: &'static str) -> Values {
    Values {
        column,
        form: Form::Scaled(1_000),
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
    /// Floating-point numbers.
    Float {
        /// What they count.
        unit: Unit,
    },
    /// True or false. As a dimension: the texts "true" and "false".
    Flag,
}

/// The offsets of the asker's zone over all that a question touches.
pub type Calendar = Arc<[Segment]>;

/// Something by which rows can be grouped or filtered, looked up: declared by the source, or what every source has.
#[derive(Clone, Debug)]
pub struct Term {
    /// Its name in questions.
    pub name: Cow<'static, str>,
    /// Its name for people.
    pub label: Cow<'static, str>,
    /// What it means, in a sentence.
    pub definition: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether its values are ids of workflows, whose names are answered in a second column `<name>_name`.
    pub is_workflow: bool,
    /// Where it comes from.
    pub operand: Operand,
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Term {
    fn of_field(field: &'static Field, operand: Operand) -> Self {
        Self {
            name: field.name.into(),
            label: field.label.into(),
            definition: field.definition,
            kind: field.kind,
            is_workflow: false,
            operand,
        }
    }
}

impl Kind {
    /// What its values are as a dimension.
    pub const fn column_type(self) -> ColumnType {
        match self {
            Kind::Text | Kind::Word(_) | Kind::Flag => ColumnType::Text,
            Kind::Number { .. } => ColumnType::Integer,
            Kind::Float { .. } => ColumnType::Number,
        }
    }

    /// The comparisons that it takes.
    pub const fn ops(self) -> &'static [FilterOp] {
        use FilterOp::*;
        match self {
            Kind::Text => &[
                Eq, Ne, In, NotIn, Contains, StartsWith, Matches, IsNull, IsNotNull,
            ],
            Kind::Word(_) => &[Eq, Ne, In, NotIn, IsNull, IsNotNull],
            Kind::Number { .. } | Kind::Float { .. } => {
                &[Eq, Ne, In, NotIn, Lt, Lte, Gt, Gte, Between, IsNull, IsNotNull]
            }
            Kind::Flag => &[Eq, Ne, IsNull, IsNotNull],
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

    /// A dimension by its name or an alias: one of its own, or one that every source has.
    pub fn dimension(&self, name: &str, calendar: &Calendar) -> Option<Term>
    where
        Self: 'static,
    {
        let dimensions: &'static [Dimension] = self.dimensions;
        let own = dimensions
            .iter()
            .find(|dimension| dimension.field.is_called(name))
            .map(|dimension| Term {
                is_workflow: dimension.is_workflow,
                ..Term::of_field(&dimension.field, Operand::Column(dimension.field.column))
            });
        own.or_else(|| every_source::dimension(self, name, calendar))
    }

    /// A field that can be filtered, by its name or an alias.
    pub fn field(&self, name: &str, calendar: &Calendar) -> Option<Term>
    where
        Self: 'static,
    {
        let fields: &'static [Field] = self.fields;
        self.dimension(name, calendar).or_else(|| {
            let field = fields.iter().find(|field| field.is_called(name))?;
            Some(Term::of_field(field, Operand::Column(field.column)))
        })
    }

    /// The names of all dimensions but tags.
    pub fn dimension_names(&self) -> impl Iterator<Item = &'static str> {
        let dimensions: &'static [Dimension] = self.dimensions;
        dimensions
            .iter()
            .map(|dimension| dimension.field.name)
            .chain(every_source::dimensions(self).map(|field| field.name))
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
                assert!(measure.aggregate.columns().all(has_column), "{}", measure.name);
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
                    let declared = spec.fields.iter().map(|field| (field.column, field.kind));
                    let derived = spec.derived.iter().map(|derived| (derived.column, derived.kind));
                    let mut columns = declared.chain(derived);
                    let kind = columns.find(|(column, _)| *column == field.column);
                    let kind = kind.map(|(_, kind)| kind);
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
