//! The semantic model as it is sent to clients.

use serde::Serialize;
use tacho_core::period::Period;
use utoipa::ToSchema;

use super::derived::Derived;
use super::{Field, Kind, SOURCES, Source, every_source};
use crate::answer::{Better, ColumnType, Unit};
use crate::buckets::POINTS_MAX;
use crate::granularity::Granularity;
use crate::params::{self, FilterOp, PeriodWord};

/// What can be asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Model {
    /// What can be asked about.
    pub sources: Vec<ModelSource>,
    /// Named lengths of time.
    #[schema(value_type = Vec<PeriodWord>)]
    pub periods: Vec<Period>,
    /// Lengths of a bucket of time.
    pub granularities: Vec<Granularity>,
    /// How much one question may ask for.
    pub limits: ModelLimits,
}

/// Something that can be asked about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelSource {
    /// Its name in questions.
    #[schema(example = "executions")]
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it is.
    pub definition: &'static str,
    /// What can be measured.
    pub measures: Vec<ModelMeasure>,
    /// By what can be grouped. Beside these there is `tags.<key>` for the values of a tag.
    pub dimensions: Vec<ModelDimension>,
    /// By what can be filtered. Beside these there is `tags.<key>` for the values of a tag.
    pub filters: Vec<ModelFilter>,
}

/// A number that can be asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelMeasure {
    /// Its name in questions.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it means.
    pub definition: &'static str,
    /// What its values are.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// What it counts.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Option<Better>,
    /// What can be made of it, asked for behind its name and a dot: `share`, `cumulative`, `per_minute`.
    pub derived: Vec<&'static str>,
}

/// Something by which rows can be grouped.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelDimension {
    /// Its name in questions.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it means.
    pub definition: &'static str,
    /// The columns that it gives.
    pub columns: Vec<String>,
}

/// Something by which rows can be filtered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelFilter {
    /// Its name in questions.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it means.
    pub definition: &'static str,
    /// What its values are.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// What numbers count.
    pub unit: Option<Unit>,
    /// The values that it can have, if they are few.
    pub values: Option<&'static [&'static str]>,
    /// How it can be compared.
    pub ops: &'static [FilterOp],
}

/// How much one question may ask for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelLimits {
    /// Measures.
    pub measures: usize,
    /// Dimensions.
    pub dimensions: usize,
    /// Conditions of all filters.
    pub filter_conditions: usize,
    /// Levels of filters inside each other.
    pub filter_depth: usize,
    /// Values of one `in`.
    pub filter_values: usize,
    /// Groups.
    pub groups: u32,
    /// Buckets of time.
    pub points: usize,
}

impl Model {
    /// The whole model.
    pub fn current() -> Model {
        Model {
            sources: SOURCES.iter().map(|source| serve_source(source)).collect(),
            periods: Period::ALL.to_vec(),
            granularities: Granularity::ALL.to_vec(),
            limits: ModelLimits {
                measures: params::MEASURES_MAX,
                dimensions: params::DIMENSIONS_MAX,
                filter_conditions: params::FILTER_LEAVES_MAX,
                filter_depth: params::FILTER_DEPTH_MAX,
                filter_values: params::FILTER_VALUES_MAX,
                groups: params::LIMIT_MAX,
                points: POINTS_MAX,
            },
        }
    }
}

fn serve_source(source: &Source) -> ModelSource {
    let measures = source.measures.iter().map(|measure| ModelMeasure {
        name: measure.name,
        label: measure.label,
        definition: measure.definition,
        column_type: measure.aggregate.column_type(),
        unit: measure.unit,
        direction: measure.better,
        derived: Derived::ALL
            .into_iter()
            .filter(|derived| derived.is_of(measure))
            .map(Derived::as_str)
            .collect(),
    });
    let dimensions = source.dimensions.iter().map(|dimension| {
        let name = dimension.field.name;
        ModelDimension {
            name,
            label: dimension.field.label,
            definition: dimension.field.definition,
            columns: match dimension.is_workflow {
                true => vec![name.to_owned(), format!("{name}_name")],
                false => vec![name.to_owned()],
            },
        }
    });
    let common = every_source::dimensions(source).map(|field| ModelDimension {
        name: field.name,
        label: field.label,
        definition: field.definition,
        columns: vec![field.name.to_owned()],
    });
    let fields = source
        .dimensions
        .iter()
        .map(|dimension| &dimension.field)
        .chain(every_source::dimensions(source))
        .chain(source.fields);
    ModelSource {
        name: source.name,
        label: source.label,
        definition: source.definition,
        measures: measures.collect(),
        dimensions: dimensions.chain(common).collect(),
        filters: fields.map(serve_filter).collect(),
    }
}

fn serve_filter(field: &Field) -> ModelFilter {
    let (column_type, unit, values) = match field.kind {
        Kind::Text => (ColumnType::Text, None, None),
        Kind::Word(words) => (ColumnType::Text, None, Some(words)),
        Kind::Number { unit, .. } | Kind::Float { unit } => (ColumnType::Number, Some(unit), None),
        Kind::Flag => (ColumnType::Flag, None, None),
    };
    ModelFilter {
        name: field.name,
        label: field.label,
        definition: field.definition,
        column_type,
        unit,
        values,
        ops: field.kind.ops(),
    }
}
