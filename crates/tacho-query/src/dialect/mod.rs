//! Where engines differ. A question is written once; what its engine says in its own way is asked of a [`Dialect`].

mod duckdb;

pub use duckdb::DuckDb;

use crate::buckets::Buckets;
use crate::granularity::Granularity;
use crate::operand::Operand;
use crate::predicate::{Comparison, Predicate};
use crate::statement::{Param, Statement};
use tacho_core::time::Timestamp;

/// A growing statement. Text and parameters grow together, so that each `?` meets its value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SqlText {
    sql: String,
    params: Vec<Param>,
}

impl SqlText {
    /// Appends text that holds no `?`.
    pub fn push(&mut self, text: &str) -> &mut Self {
        debug_assert!(!text.contains('?'), "parameters come with their values");
        self.sql.push_str(text);
        self
    }

    /// Appends a parameter.
    pub fn param(&mut self, value: Param) -> &mut Self {
        self.sql.push('?');
        self.params.push(value);
        self
    }

    /// Appends parameters with commas between them.
    pub fn params(&mut self, values: impl IntoIterator<Item = Param>) -> &mut Self {
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                self.sql.push_str(", ");
            }
            self.param(value);
        }
        self
    }

    /// Appends another text with its parameters.
    pub fn append(&mut self, other: SqlText) -> &mut Self {
        self.sql.push_str(&other.sql);
        self.params.extend(other.params);
        self
    }

    /// The text so far.
    pub fn as_str(&self) -> &str {
        &self.sql
    }
}

impl From<SqlText> for Statement {
    fn from(text: SqlText) -> Self {
        Statement {
            sql: text.sql,
            params: text.params,
        }
    }
}

/// How an engine says what engines say differently.
pub trait Dialect: Send + Sync {
    /// A name that cannot be taken for a word of the language.
    fn quoted(&self, name: &str) -> String;

    /// An instant, written out: what an engine knows when it plans lets it skip what lies outside.
    fn instant(&self, instant: Timestamp) -> String;

    /// An expression of an instant as microseconds since 1970.
    fn micros(&self, instant: &str) -> String;

    /// The number of whole lengths of that many microseconds between 1970 and `event_time`.
    fn slot_number(&self, length_us: i64) -> String;

    /// What rows are grouped by or compared with. What comes from the workflow is read from the columns of
    /// [`Dialect::workflow_columns`].
    fn operand(&self, operand: &Operand, sql: &mut SqlText);

    /// A condition.
    fn predicate(&self, predicate: &Predicate, sql: &mut SqlText);

    /// What stands between two values that are compared.
    fn comparison(&self, comparison: Comparison) -> &'static str;

    /// The key of the bucket in which `event_time` lies, as [`Buckets::key_of`] has it.
    fn bucket_key(&self, buckets: &Buckets, sql: &mut SqlText);

    /// The same key of the bucket in which a slot of the organization's calendar lies: `event_time` is the slot's first
    /// midnight by the clock on the wall.
    fn local_bucket_key(&self, granularity: Granularity) -> String;

    /// The condition that the column has one of these words.
    fn is_word(&self, column: &str, words: &[&str]) -> String;

    /// The sum of sums of integers over what meets a condition, as an integer; 0 if there is none.
    fn whole_sum(&self, expression: &str, condition: Option<&str>) -> String;

    /// The sum of sums of integers as a floating-point number: exact up to 2^53, and never overflowing. 0 if there is none.
    fn number_sum(&self, expression: &str) -> String;

    /// The sum of a column that cells hold in two columns.
    fn sum_of_parts(&self, high: &str, low: &str) -> String;

    /// One of several quantiles of an expression, on the straight line between two values.
    fn quantile(&self, expression: &str, shares: &[f64], at: usize) -> String;

    /// A query for quantiles of the values that lie in [bins](crate::bins): the keys (each an expression with its name, and the
    /// names), then `q0` and so on. `from` gives what the keys need and `f` with `bin` and how many values are in it, `n`.
    fn quantiles_of_bins(&self, keys: &[String], names: &[&str], from: &str, shares: &[f64]) -> String;

    /// `a / b` of two integer expressions as a floating-point number, null if `b` is 0.
    fn ratio(&self, a: &str, b: &str) -> String;

    /// Whether two expressions are the same, two nulls included.
    fn same(&self, a: &str, b: &str) -> String;

    /// A query that gives `id`, `name`, `owner_id`, `kind` and `group_name` of every workflow as it is now, each once.
    fn workflows_now(&self) -> &'static str;

    /// A query that gives the same under names that no column of rows has.
    fn workflow_columns(&self) -> String;

    /// What says of a common table expression whether it is worked out once and kept.
    fn materialized(&self, is_kept: bool) -> &'static str;
}
