//! DuckDB 1.5. No ICU, no named zones, no `TIMESTAMPTZ`.

use super::{Dialect, SqlText};
use crate::bins;
use crate::buckets::{Buckets, Segment};
use crate::cubes::SUM_UNIT;
use crate::granularity::Granularity;
use crate::log_buckets;
use crate::operand::{LocalPart, Operand};
use crate::predicate::{Comparison, Predicate};
use crate::statement::Param;
use tacho_core::time::Timestamp;

const DAY_US: i64 = 86_400_000_000;
/// Full weeks that reach back before any time of a row.
const WEEKS_BEFORE_1970_US: i64 = 500_000 * 7 * DAY_US;

/// DuckDB's own way.
#[derive(Clone, Copy, Debug, Default)]
pub struct DuckDb;

impl Dialect for DuckDb {
    fn quoted(&self, name: &str) -> String {
        format!("\"{name}\"")
    }

    fn instant(&self, instant: Timestamp) -> String {
        format!("make_timestamp({})", instant.as_micros())
    }

    fn micros(&self, instant: &str) -> String {
        format!("epoch_us({instant})")
    }

    fn slot_number(&self, length_us: i64) -> String {
        // Times are not before 1970, so that rounding towards zero is rounding down.
        format!("epoch_us(event_time) // {length_us}")
    }

    fn operand(&self, operand: &Operand, sql: &mut SqlText) {
        match operand {
            Operand::Column(column) => {
                sql.push(&self.quoted(column));
            }
            Operand::Workflow(column) => {
                sql.push(&self.quoted(&format!("now_{column}")));
            }
            Operand::Tag(key) => {
                // A JSON pointer (RFC 6901).
                let pointer = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
                sql.push("json_extract_string(tags, ")
                    .param(Param::Text(pointer))
                    .push(")");
            }
            Operand::LogBucket(column) => {
                sql.push(&log_buckets::of_row(&self.quoted(column)));
            }
            Operand::Local(part, segments) => {
                sql.push("CAST(((epoch_us(event_time) + ");
                choose(segments, sql, &|segment, sql| {
                    // A day more, so that the local time lies above zero.
                    sql.push(&(segment.offset_us() + DAY_US).to_string());
                });
                sql.push(match part {
                    LocalPart::Hour => ") // 3600000000) % 24 AS BIGINT)",
                    // With that day more, the count of days is 1 on a Thursday.
                    LocalPart::Weekday => ") // 86400000000 + 2) % 7 + 1 AS BIGINT)",
                });
            }
        }
    }

    fn predicate(&self, predicate: &Predicate, sql: &mut SqlText) {
        match predicate {
            Predicate::All(parts) => join(self, parts, " AND ", "true", sql),
            Predicate::Any(parts) => join(self, parts, " OR ", "false", sql),
            // Two-valued: what is not known to hold does not hold, so its opposite does.
            Predicate::Not(inner) => {
                sql.push("((");
                self.predicate(inner, sql);
                sql.push(") IS NOT TRUE)");
            }
            // DuckDB 1.5.6 loses rows without a value when IS DISTINCT FROM stands beside an OR.
            Predicate::Compare {
                column,
                comparison: Comparison::Differs,
                value,
            } => {
                let differs = Predicate::NoneOf {
                    column: column.clone(),
                    values: vec![value.clone()],
                };
                self.predicate(&differs, sql);
            }
            Predicate::Compare {
                column,
                comparison,
                value,
            } => {
                self.operand(column, sql);
                sql.push(self.comparison(*comparison));
                sql.param(value.clone());
            }
            Predicate::OneOf { column, values } => {
                self.operand(column, sql);
                sql.push(" IN (").params(values.iter().cloned()).push(")");
            }
            Predicate::NoneOf { column, values } => {
                sql.push("(");
                self.operand(column, sql);
                sql.push(" IS NULL OR ");
                self.operand(column, sql);
                sql.push(" NOT IN (");
                sql.params(values.iter().cloned()).push("))");
            }
            Predicate::Contains { columns, text } => {
                sql.push("(");
                for (at, column) in columns.iter().enumerate() {
                    sql.push(if at > 0 { " OR " } else { "" });
                    sql.push("contains(lower(");
                    self.operand(column, sql);
                    sql.push("), lower(");
                    sql.param(Param::Text(text.clone())).push("))");
                }
                sql.push(")");
            }
            Predicate::StartsWith { column, text } => {
                sql.push("starts_with(");
                self.operand(column, sql);
                sql.push(", ").param(Param::Text(text.clone())).push(")");
            }
            Predicate::Matches { column, pattern } => {
                // The pattern stays a bound value alone: of anything else DuckDB compiles it anew for every row. In a group,
                // because DuckDB 1.5 makes a LIKE of some patterns without one, and forgets a ^ or $ in their middle.
                sql.push("regexp_matches(");
                self.operand(column, sql);
                sql.push(", ")
                    .param(Param::Text(format!("({pattern})")))
                    .push(")");
            }
            Predicate::IsNull(column) => {
                self.operand(column, sql);
                sql.push(" IS NULL");
            }
            Predicate::IsNotNull(column) => {
                self.operand(column, sql);
                sql.push(" IS NOT NULL");
            }
            Predicate::WorkflowOwnedBy { column, subjects } => {
                sql.push(column)
                    .push(" IN (SELECT id FROM (")
                    .push(self.workflows_now());
                sql.push(") AS owned WHERE owner_id IN (");
                sql.params(subjects.iter().cloned().map(Param::Text)).push("))");
            }
            Predicate::WorkflowNameContains(text) => {
                sql.push("workflow_id IN (SELECT id FROM (")
                    .push(self.workflows_now());
                sql.push(") AS named WHERE contains(lower(name), lower(");
                sql.param(Param::Text(text.clone())).push(")))");
            }
        }
    }

    fn comparison(&self, comparison: Comparison) -> &'static str {
        match comparison {
            Comparison::Equals => " = ",
            Comparison::Differs => " IS DISTINCT FROM ",
            Comparison::Less => " < ",
            Comparison::AtMost => " <= ",
            Comparison::Greater => " > ",
            Comparison::AtLeast => " >= ",
        }
    }

    fn bucket_key(&self, buckets: &Buckets, sql: &mut SqlText) {
        let (unit, monday) = match buckets.granularity {
            Granularity::Day => (DAY_US, 0),
            // 1970-01-01 was a Thursday.
            Granularity::Week => (7 * DAY_US, 3 * DAY_US),
            granularity if granularity.is_calendar() => {
                sql.push("epoch_us(CAST(date_trunc('")
                    .push(granularity.as_str())
                    .push("', ");
                // Adding an interval takes five times as long.
                sql.push("make_timestamp(epoch_us(event_time) + ");
                choose(&buckets.segments, sql, &|segment, sql| {
                    sql.push(&segment.offset_us().to_string());
                });
                sql.push(")) AS TIMESTAMP))");
                return;
            }
            granularity => {
                choose(&buckets.segments, sql, &|segment, sql| {
                    clock_key(segment, granularity, sql)
                });
                return;
            }
        };
        // Above zero before it is cut, because the division rounds towards zero.
        let early = monday + WEEKS_BEFORE_1970_US;
        sql.push("(epoch_us(event_time) + ");
        choose(&buckets.segments, sql, &|segment, sql| {
            sql.push(&(segment.offset_us() + early).to_string());
        });
        sql.push(&format!(") // {unit} * {unit} - {early}"));
    }

    fn local_bucket_key(&self, granularity: Granularity) -> String {
        let unit = granularity.as_str();
        format!("epoch_us(CAST(date_trunc('{unit}', event_time) AS TIMESTAMP))")
    }

    fn is_word(&self, column: &str, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        format!("{} IN ({})", self.quoted(column), words.join(", "))
    }

    fn whole_sum(&self, expression: &str, condition: Option<&str>) -> String {
        let filter = condition.map_or(String::new(), |condition| format!(" FILTER (WHERE {condition})"));
        // The sum itself is a HUGEINT.
        format!("coalesce(CAST(sum({expression}){filter} AS BIGINT), 0)")
    }

    fn number_sum(&self, expression: &str) -> String {
        format!("coalesce(CAST(sum({expression}) AS DOUBLE), 0)")
    }

    fn sum_of_parts(&self, high: &str, low: &str) -> String {
        let (high, low) = (self.quoted(high), self.quoted(low));
        format!("sum({high}) * {SUM_UNIT} + sum({low})")
    }

    fn quantile(&self, expression: &str, shares: &[f64], at: usize) -> String {
        match shares {
            [share] => format!("quantile_cont({expression}, {share})"),
            // Written alike for each of them, so that the engine collects and sorts the values once.
            _ => {
                let list: Vec<String> = shares.iter().map(f64::to_string).collect();
                format!("quantile_cont({expression}, [{}])[{}]", list.join(", "), at + 1)
            }
        }
    }

    fn quantiles_of_bins(&self, keys: &[String], names: &[&str], from: &str, shares: &[f64]) -> String {
        let list = |parts: &[String], last: &str| {
            let parts = parts
                .iter()
                .map(String::as_str)
                .chain((!last.is_empty()).then_some(last));
            parts.collect::<Vec<_>>().join(", ")
        };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let partition = match names.is_empty() {
            true => String::new(),
            false => format!("PARTITION BY {} ", list(&names, "")),
        };
        let quantiles = shares.iter().enumerate().map(|(at, share)| {
            // Between the values at the two positions next to where the quantile lies, as if all were in order.
            let place = format!("(max(total) - 1) * {share}");
            let value =
                |place: &str| format!("min(middle) FILTER (WHERE upto > {place}((total - 1) * {share}))");
            let (low, high) = (value("floor"), value("ceil"));
            format!("{low} + ({place} - floor({place})) * ({high} - {low}) AS q{at}")
        });
        let quantiles: Vec<String> = quantiles.collect();
        let by = match names.is_empty() {
            true => String::new(),
            false => format!("\nGROUP BY {}", list(&names, "")),
        };
        format!(
            "SELECT {}\nFROM (\n\
             SELECT *, {} AS middle, CAST(sum(n) OVER ({partition}ORDER BY bin) AS DOUBLE) AS upto, \
             CAST(sum(n) OVER ({}) AS DOUBLE) AS total\nFROM (\n\
             SELECT {}, sum(f.n) AS n\nFROM {from}\nGROUP BY ALL\nHAVING sum(f.n) <> 0\n) AS bins\n) AS places{by}",
            list(&names, &quantiles.join(", ")),
            bins::middle("bin"),
            partition.trim_end(),
            list(keys, "f.bin AS bin"),
        )
    }

    fn ratio(&self, a: &str, b: &str) -> String {
        format!("{a} / nullif({b}, 0)")
    }

    fn same(&self, a: &str, b: &str) -> String {
        format!("{a} IS NOT DISTINCT FROM {b}")
    }

    fn workflows_now(&self) -> &'static str {
        "SELECT id, name, owner_id, kind, group_name FROM workflow \
         QUALIFY row_number() OVER (PARTITION BY id ORDER BY attempt DESC) = 1"
    }

    fn workflow_columns(&self) -> String {
        format!(
            "SELECT id AS now_id, kind AS now_kind, group_name AS now_group_name, owner_id AS now_owner_id FROM ({}) AS now",
            self.workflows_now()
        )
    }

    fn materialized(&self, is_kept: bool) -> &'static str {
        match is_kept {
            true => "MATERIALIZED",
            false => "NOT MATERIALIZED",
        }
    }
}

fn join(dialect: &DuckDb, parts: &[Predicate], word: &str, of_none: &str, sql: &mut SqlText) {
    match parts {
        [] => {
            sql.push(of_none);
        }
        [one] => dialect.predicate(one, sql),
        _ => {
            sql.push("(");
            for (at, part) in parts.iter().enumerate() {
                sql.push(if at > 0 { word } else { "" });
                dialect.predicate(part, sql);
            }
            sql.push(")");
        }
    }
}

/// `CASE` over the offsets, halving, so that a century of moved clocks takes eight comparisons.
fn choose(segments: &[Segment], sql: &mut SqlText, write: &dyn Fn(Segment, &mut SqlText)) {
    match segments {
        [] => {}
        [one] => write(*one, sql),
        _ => {
            let (earlier, later) = segments.split_at(segments.len() / 2);
            let start = later[0].start.map_or(Param::Null, Param::Time);
            sql.push("CASE WHEN event_time < ").param(start).push(" THEN ");
            choose(earlier, sql, write);
            sql.push(" ELSE ");
            choose(later, sql, write);
            sql.push(" END");
        }
    }
}

/// The instant at which the minutes or the hour by the wall clock began, or the clock was moved.
fn clock_key(segment: Segment, granularity: Granularity, sql: &mut SqlText) {
    let unit = granularity.micros_max();
    let truncated = match segment.offset_us() {
        0 => format!("epoch_us(event_time) // {unit} * {unit}"),
        // The local time is brought above zero before it is cut, because the division rounds towards zero.
        offset => format!(
            "(epoch_us(event_time) + ({})) // {unit} * {unit} - ({})",
            offset + DAY_US,
            offset + DAY_US
        ),
    };
    match segment.start {
        None => {
            sql.push(&truncated);
        }
        Some(start) => {
            sql.push(&format!("greatest({truncated}, CAST("));
            sql.param(Param::Int(start.as_micros())).push(" AS BIGINT))");
        }
    }
}
