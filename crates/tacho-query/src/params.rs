//! Stage 1: a question as it is sent. Only its shape is known here; what its names mean is looked up in
//! [`crate::query`].

use serde::{Deserialize, Serialize};
use tacho_core::period::Period;
use tacho_core::time::Timestamp;
use utoipa::ToSchema;

use crate::error::QueryError;
use crate::granularity::Granularity;

/// Measures that one question may ask for.
pub const MEASURES_MAX: usize = 20;
/// Dimensions by which one question may group.
pub const DIMENSIONS_MAX: usize = 4;
/// Levels of `and`, `or` and `not` inside each other.
pub const FILTER_DEPTH_MAX: usize = 8;
/// Conditions in all filters of a question together.
pub const FILTER_LEAVES_MAX: usize = 100;
/// Changes of the clock that the conditions on the hour or the weekday have to know, together.
pub const FILTER_CLOCK_CHANGES_MAX: usize = 3_000;
/// Values of one `in` or `not_in`.
pub const FILTER_VALUES_MAX: usize = 1_000;
/// Bytes of one text to compare with.
pub const FILTER_TEXT_BYTES_MAX: usize = 8 * 1024;
/// Characters of the regular expression of one `matches`.
pub const PATTERN_CHARS_MAX: usize = 200;
/// Characters and classes of the regular expression of one `matches` when its counted repetitions are written out.
pub const PATTERN_STEPS_MAX: usize = 250;
/// Groups that one answer may hold.
pub const LIMIT_MAX: u32 = 10_000;
/// Groups that one question may pass over.
pub const OFFSET_MAX: u32 = 100_000;
/// Groups that an answer holds if the question does not say.
pub const LIMIT_DEFAULT: u32 = 1_000;

/// A question: which measures, grouped by what, over which time, of which rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Query, example = json!({
    "source": "executions",
    "measures": ["count", "success_rate", "duration_p95"],
    "dimensions": ["workflow"],
    "time": { "period": "week" },
    "granularity": "day",
    "timezone": "Europe/Berlin",
    "filters": [{ "field": "status", "op": "in", "values": ["failed", "timeout"] }],
    "compare": "previous_period",
    "order": [{ "by": "count", "direction": "desc" }],
    "limit": 10
}))]
pub struct QueryParams {
    /// What is counted: `executions`.
    pub source: String,
    /// The numbers asked for, 1 to 20. Behind the name of a count or a sum may stand what to make of it: `count.share` (in
    /// percent of the total), `cost.cumulative` (from the start of the range on), and of counts `count.per_minute`.
    #[schema(min_items = 1, max_items = 20)]
    pub measures: Vec<String>,
    /// What to group by, at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 4)]
    pub dimensions: Vec<String>,
    /// Over which time.
    pub time: TimeParams,
    /// The length of a bucket of time. Without it there is no time column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granularity: Option<Granularity>,
    /// The IANA time zone on whose calendar periods and buckets are counted. Without it: the asker's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Which rows count. All of the list must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<FilterObject>)]
    pub filters: Vec<Filter>,
    /// With what the totals are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// The group with which all are compared, as `differences`: `"first"`, or its values of the dimensions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// Which groups are answered, by their measures. All of the list must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub having: Vec<Having>,
    /// Which groups come first. Without it: the greatest first measure. Ties are broken by the dimensions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Order>,
    /// Groups to answer, 1 to 10,000. With a granularity: series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000)]
    pub limit: Option<u32>,
    /// Groups to pass over before the first that is answered, at most 100,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub offset: Option<u32>,
    /// Whether the groups beyond the limit are answered together, as `other`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other: bool,
    /// Whether to say in detail how the question was answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explain: bool,
}

impl QueryParams {
    /// Reads a question from JSON. What does not fit is reported with the pointer to it.
    ///
    /// # Errors
    /// [`QueryError::Malformed`].
    pub fn from_json(json: &serde_json::Value) -> Result<Self, QueryError> {
        serde_path_to_error::deserialize(json).map_err(|error| malformed(error, ""))
    }
}

/// Filters from a JSON text, as a parameter of that name has them.
///
/// # Errors
/// [`QueryError::Malformed`].
pub(crate) fn filters_from_text(text: &str, name: &str) -> Result<Vec<Filter>, QueryError> {
    let pointer = format!("/{name}");
    let mut json = serde_json::Deserializer::from_str(text);
    let filters = serde_path_to_error::deserialize(&mut json).map_err(|error| malformed(error, &pointer))?;
    match json.end() {
        Ok(()) => Ok(filters),
        Err(error) => Err(QueryError::Malformed {
            pointer,
            reason: error.to_string(),
        }),
    }
}

fn malformed(error: serde_path_to_error::Error<serde_json::Error>, within: &str) -> QueryError {
    QueryError::Malformed {
        pointer: format!("{within}{}", json_pointer(error.path())),
        reason: error.into_inner().to_string(),
    }
}

fn json_pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// The group with which all groups are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Baseline {
    /// The one that comes first.
    First(FirstWord),
    /// The one with these values of the dimensions, in their order.
    Group(Vec<serde_json::Value>),
}

/// The word for what comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FirstWord {
    /// What comes first.
    First,
}

/// A range of time: one of `period`, `from` (with or without `to`), or `last`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TimeRange, example = json!({ "period": "week" }))]
pub struct TimeParams {
    /// A named length of time that ends now: `day`, `week`, `month`, `quarter`, `year` or `all` (since 2020).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PeriodWord>)]
    pub period: Option<Period>,
    /// The first instant inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// The first instant after it; now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// A rolling window that ends now: a number and `m`, `h`, `d` or `w`, such as `24h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// A named length of time that ends now. (The wire's name for [`Period`].)
#[derive(ToSchema)]
#[schema(as = Period, rename_all = "snake_case")]
#[allow(dead_code, reason = "only its schema is used")]
pub enum PeriodWord {
    /// One calendar day back.
    Day,
    /// Seven days back.
    Week,
    /// One calendar month back.
    Month,
    /// Three calendar months back.
    Quarter,
    /// One calendar year back.
    Year,
    /// Since 2020-01-01.
    All,
}

/// With what totals are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(
    untagged,
    expecting = "compare with previous_period, last_week, last_month, last_year, or a range {\"from\", \"to\"}"
)]
pub enum Compare {
    /// A range that follows from that of the question.
    With(CompareWith),
    /// A range of one's own.
    Range(CompareRange),
}

/// A range to compare with that follows from that of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompareWith {
    /// The range just before: the same period before a period, else as long a range.
    PreviousPeriod,
    /// The same range seven days earlier by the calendar.
    LastWeek,
    /// The same range a calendar month earlier.
    LastMonth,
    /// The same range a calendar year earlier.
    LastYear,
}

/// A range to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareRange {
    /// The first instant inside.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

/// A condition on a measure of a group. One on something that is not known does not hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "measure": "count", "op": "gte", "value": 10 }))]
pub struct Having {
    /// A measure of the question.
    pub measure: String,
    /// How it is compared: `eq`, `ne`, `lt`, `lte`, `gt` or `gte`.
    pub op: FilterOp,
    /// With what, in the measure's unit.
    pub value: f64,
}

impl Having {
    /// The condition that a measure is at least that.
    pub fn at_least(measure: &str, value: f64) -> Self {
        Self {
            measure: measure.to_owned(),
            op: FilterOp::Gte,
            value,
        }
    }
}

/// Which groups come first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// A measure or a dimension of the question, or `time`.
    pub by: String,
    /// Without it: greatest first for measures, least first for dimensions and time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
}

impl Order {
    /// Greatest first.
    pub fn descending(by: &str) -> Self {
        Self {
            by: by.to_owned(),
            direction: Some(Direction::Desc),
        }
    }
}

/// A direction of order. What is not known comes last in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Least first.
    Asc,
    /// Greatest first.
    Desc,
}

/// A condition on rows, or a combination of conditions. A condition on something that a row does not have does not
/// hold, its opposite does: `ne` and `not_in` keep rows without a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FilterObject", into = "FilterObject")]
pub enum Filter {
    /// A comparison of one field.
    Condition(Condition),
    /// All must hold.
    And(Vec<Filter>),
    /// One must hold.
    Or(Vec<Filter>),
    /// It must not hold.
    Not(Box<Filter>),
}

/// A comparison of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// A field of the source.
    pub field: String,
    /// How it is compared.
    pub op: FilterOp,
    /// With what, for the operators that take one value.
    pub value: Option<serde_json::Value>,
    /// With what, for `in`, `not_in` and `between`.
    pub values: Option<Vec<serde_json::Value>>,
}

/// How a field is compared. `matches` searches a text for a regular expression in RE2's syntax, anywhere unless it says `^`
/// or `$`, and with regard to case unless it begins with `(?i)`. `\d`, `\w`, `\s` and `\b` know ASCII only; look-around
/// and back-references do not exist. It may have 200 characters, and 250 characters and classes when every `{n}` is
/// written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    /// Is the value.
    Eq,
    /// Is not the value.
    Ne,
    /// Is one of the values.
    In,
    /// Is none of the values.
    NotIn,
    /// Is less.
    Lt,
    /// Is less or the same.
    Lte,
    /// Is greater.
    Gt,
    /// Is greater or the same.
    Gte,
    /// Lies between two values, both included.
    Between,
    /// Holds the text somewhere, whatever the case.
    Contains,
    /// Begins with the text.
    StartsWith,
    /// Holds what the regular expression describes, somewhere.
    Matches,
    /// Is not known.
    IsNull,
    /// Is known.
    IsNotNull,
}

impl FilterOp {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            FilterOp::Eq => "eq",
            FilterOp::Ne => "ne",
            FilterOp::In => "in",
            FilterOp::NotIn => "not_in",
            FilterOp::Lt => "lt",
            FilterOp::Lte => "lte",
            FilterOp::Gt => "gt",
            FilterOp::Gte => "gte",
            FilterOp::Between => "between",
            FilterOp::Contains => "contains",
            FilterOp::StartsWith => "starts_with",
            FilterOp::Matches => "matches",
            FilterOp::IsNull => "is_null",
            FilterOp::IsNotNull => "is_not_null",
        }
    }
}

/// The wire's form of [`Filter`]: either `field` and `op`, or exactly one of `and`, `or`, `not`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Filter, example = json!({ "field": "status", "op": "in", "values": ["failed", "timeout"] }))]
pub struct FilterObject {
    /// A field of the source, such as `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// How it is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    op: Option<FilterOp>,
    /// The value to compare with: text, a number, or true or false. The regular expression of `matches`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<serde_json::Value>,
    /// The values of `in` and `not_in`; the least and the greatest of `between`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Vec<serde_json::Value>>,
    /// All of these must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion, value_type = Option<Vec<FilterObject>>)]
    and: Option<Vec<Filter>>,
    /// One of these must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion, value_type = Option<Vec<FilterObject>>)]
    or: Option<Vec<Filter>>,
    /// This must not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion, value_type = Option<Box<FilterObject>>)]
    not: Option<Box<Filter>>,
}

impl TryFrom<FilterObject> for Filter {
    type Error = &'static str;

    fn try_from(object: FilterObject) -> Result<Self, Self::Error> {
        const SHAPE: &str =
            "a filter is either {\"field\", \"op\", …} or exactly one of {\"and\"}, {\"or\"}, {\"not\"}";
        match object {
            FilterObject {
                field: Some(field),
                op: Some(op),
                value,
                values,
                and: None,
                or: None,
                not: None,
            } => Ok(Filter::Condition(Condition {
                field,
                op,
                value,
                values,
            })),
            FilterObject {
                field: None,
                op: None,
                value: None,
                values: None,
                and,
                or,
                not,
            } => match (and, or, not) {
                (Some(all), None, None) => Ok(Filter::And(all)),
                (None, Some(any), None) => Ok(Filter::Or(any)),
                (None, None, Some(inner)) => Ok(Filter::Not(inner)),
                _ => Err(SHAPE),
            },
            _ => Err(SHAPE),
        }
    }
}

impl From<Filter> for FilterObject {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::Condition(condition) => FilterObject {
                field: Some(condition.field),
                op: Some(condition.op),
                value: condition.value,
                values: condition.values,
                ..FilterObject::default()
            },
            Filter::And(all) => FilterObject {
                and: Some(all),
                ..FilterObject::default()
            },
            Filter::Or(any) => FilterObject {
                or: Some(any),
                ..FilterObject::default()
            },
            Filter::Not(inner) => FilterObject {
                not: Some(inner),
                ..FilterObject::default()
            },
        }
    }
}

/// An empty parameter is one left out, as forms send it.
pub(crate) fn bounded<'a>(value: &'a Option<String>, name: &str) -> Result<Option<&'a str>, QueryError> {
    match value.as_deref() {
        Some(text) if text.len() > FILTER_TEXT_BYTES_MAX => Err(QueryError::InvalidValue {
            pointer: format!("/{name}"),
            reason: format!(
                "a text may have {FILTER_TEXT_BYTES_MAX} bytes; this one has {}",
                text.len()
            ),
        }),
        text => Ok(text.filter(|text| !text.is_empty())),
    }
}

/// A parameter that is a number of some range.
pub(crate) fn within(
    value: Option<u32>,
    name: &str,
    default: u32,
    least: u32,
    greatest: u32,
) -> Result<u32, QueryError> {
    let value = value.unwrap_or(default);
    match (least..=greatest).contains(&value) {
        true => Ok(value),
        false => Err(QueryError::InvalidValue {
            pointer: format!("/{name}"),
            reason: format!("\"{name}\" is from {least} to {greatest}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(json: serde_json::Value) -> (String, String) {
        match QueryParams::from_json(&json) {
            Err(QueryError::Malformed { pointer, reason }) => (pointer, reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_question_reads_back_as_it_was_written() {
        let json = json!({
            "source": "executions",
            "measures": ["count"],
            "dimensions": ["workflow"],
            "time": { "last": "24h" },
            "granularity": "hour",
            "timezone": "Europe/Berlin",
            "filters": [
                { "or": [
                    { "field": "status", "op": "in", "values": ["failed", "timeout"] },
                    { "not": { "field": "user", "op": "is_null" } }
                ] }
            ],
            "compare": "previous_period",
            "order": [{ "by": "count", "direction": "asc" }],
            "limit": 10
        });
        let params = QueryParams::from_json(&json).unwrap();
        assert_eq!(serde_json::to_value(&params).unwrap(), json);
    }

    #[test]
    fn what_does_not_fit_is_pointed_at() {
        let base = json!({ "source": "executions", "measures": ["count"], "time": { "period": "week" } });
        let with = |key: &str, value: serde_json::Value| {
            let mut json = base.clone();
            json[key] = value;
            refused(json)
        };
        assert_eq!(with("limit", json!("ten")).0, "/limit");
        assert_eq!(with("granularity", json!("fortnight")).0, "/granularity");
        assert_eq!(with("time", json!({ "period": "decade" })).0, "/time/period");
        assert_eq!(with("time", json!({ "from": "yesterday" })).0, "/time/from");
        assert_eq!(with("grouping", json!([])).0, "/grouping");
        let nested = json!([{ "and": [{ "field": "status", "op": "like", "value": "x" }] }]);
        assert_eq!(with("filters", nested).0, "/filters/0/and/0/op");
        let (pointer, reason) = with("filters", json!([{ "and": [], "or": [] }]));
        assert_eq!(pointer, "/filters/0");
        assert!(reason.contains("exactly one of"), "{reason}");
    }
}
