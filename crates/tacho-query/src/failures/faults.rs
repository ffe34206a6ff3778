//! The statement that gives faults, a row for each or for each of its workflows.
//!
//! Two ranges are read with all that is shown of them; all time is read by fingerprint and time alone, for when a fault was
//! seen first and last. That takes about 15 ns a row, as most rows have no fault, and grows with what there is.

use tacho_core::record::RecordType;
use tacho_core::time::TimeRange;

use super::span::Span;
use super::wire::FailureState;
use crate::dialect::{Dialect, SqlText};
use crate::operand::Operand;
use crate::predicate::Predicate;
use crate::relation::{Relation, Table};
use crate::scope::Visible;
use crate::statement::Param;

/// What is read of the executions of the two ranges.
const COLUMNS: &[&str] = &[
    "error_fingerprint",
    "error_pattern",
    "error_type",
    "error_message",
    "workflow_id",
    "id",
    "attempt",
    "event_time",
    "cost_usd_micros",
];
/// What is read of those of all time.
const COLUMNS_EVER: &[&str] = &["error_fingerprint", "event_time"];

/// Where a text is searched.
const SEARCHED: &[&str] = &["error_type", "error_message"];

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Count,
    LastSeen,
    FirstSeen,
    Cost,
}

impl Order {
    pub(super) const ALL: [Order; 4] = [Order::Count, Order::LastSeen, Order::FirstSeen, Order::Cost];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Order::Count => "count",
            Order::LastSeen => "last_seen",
            Order::FirstSeen => "first_seen",
            Order::Cost => "cost",
        }
    }

    const fn columns(self) -> &'static str {
        match self {
            Order::Count => "n DESC, n_before DESC, error_fingerprint",
            Order::LastSeen => "last_seen DESC, error_fingerprint",
            Order::FirstSeen => "first_seen DESC, error_fingerprint",
            Order::Cost => "cost DESC, n DESC, error_fingerprint",
        }
    }
}

/// Which faults to read, and how they are put in order.
pub(super) struct Page<'a> {
    pub(super) states: &'a [FailureState],
    pub(super) order: Order,
    pub(super) limit: u32,
    pub(super) offset: u32,
    pub(super) workflows_max: u32,
}

/// Failed executions as a question about faults reads them.
pub(super) struct Faults<'a> {
    pub(super) span: Span,
    /// From when on executions are read with all that is shown of them: the two ranges, or all time.
    pub(super) read: Option<TimeRange>,
    /// Which executions count.
    pub(super) filter: &'a Predicate,
    /// What one of the messages of a fault has to hold.
    pub(super) search: Option<&'a str>,
    pub(super) visible: &'a Visible,
    pub(super) dialect: &'a dyn Dialect,
}

impl Faults<'_> {
    /// The page and the totals. There is one row at least, with the totals and nothing else if there are no faults.
    pub(super) fn write_page(&self, page: &Page<'_>, sql: &mut SqlText) {
        let dialect = self.dialect;
        sql.push("WITH ");
        self.write_counted(sql);
        sql.push(",\never AS (\nSELECT error_fingerprint, min(event_time) AS first_seen, max(event_time) AS last_seen, ");
        sql.push(&format!(
            "max(event_time) FILTER (WHERE event_time < {}) AS last_before\nFROM (\n",
            dialect.instant(self.span.range.start)
        ));
        self.write_executions(COLUMNS_EVER, None, sql);
        sql.push("\n) AS executions\nWHERE error_fingerprint IN (SELECT error_fingerprint FROM counted)");
        sql.push("\nGROUP BY error_fingerprint\n)");
        self.write_faults(sql);
        sql.push(&format!(
            ",\ntotals AS (\nSELECT {} AS n, {} AS n_before",
            dialect.whole_sum("n", None),
            dialect.whole_sum("n_before", None)
        ));
        for state in FailureState::ALL {
            let state = state.as_str();
            sql.push(&format!(", count(*) FILTER (WHERE state = '{state}') AS {state}"));
        }
        sql.push("\nFROM faults\n)");
        self.write_listed(page, sql);
        sql.push(
            "\nSELECT totals.n, totals.n_before, totals.new, totals.regressed, totals.ongoing, totals.resolved, \
             page.error_fingerprint, page.error_type, latest.error_pattern, latest.error_message, page.state, page.n, \
             page.n_before, page.cost, page.workflows, page.first_seen, page.last_seen, latest.id, latest.attempt, \
             affected.workflow_id, workflow_now.name, affected.n\
             \nFROM totals\nLEFT JOIN page ON true\
             \nLEFT JOIN latest ON latest.error_fingerprint = page.error_fingerprint AND latest.place = 1\
             \nLEFT JOIN affected ON affected.error_fingerprint = page.error_fingerprint AND affected.place <= ",
        );
        sql.param(Param::Int(page.workflows_max.into()));
        sql.push("\nLEFT JOIN (").push(dialect.workflows_now());
        sql.push(") AS workflow_now ON workflow_now.id = affected.workflow_id");
        sql.push("\nORDER BY page.place, affected.place");
    }

    /// How many there are of each type of error.
    pub(super) fn write_types(&self, limit: u32, sql: &mut SqlText) {
        sql.push("WITH ");
        self.write_counted(sql);
        sql.push(&format!(
            "\nSELECT error_type, {} AS n, {} AS n_before, count(*) FILTER (WHERE n > 0) AS fingerprints",
            self.dialect.whole_sum("n", None),
            self.dialect.whole_sum("n_before", None)
        ));
        sql.push("\nFROM counted\nGROUP BY error_type\nORDER BY n DESC, n_before DESC, error_type NULLS LAST\nLIMIT ");
        sql.param(Param::Int(limit.into()));
    }

    /// `recent`: the executions. `counted`: how often each fault is in the two ranges.
    fn write_counted(&self, sql: &mut SqlText) {
        let dialect = self.dialect;
        let (now, before) = (self.is_now(), self.is_before());
        sql.push(&format!("recent AS {} (\n", dialect.materialized(true)));
        self.write_executions(COLUMNS, self.read, sql);
        sql.push(&format!(
            "\n),\ncounted AS {} (\nSELECT error_fingerprint, min(nullif(trim(error_type), '')) AS error_type, \
             count(*) FILTER (WHERE {now}) AS n, count(*) FILTER (WHERE {before}) AS n_before, \
             min(event_time) FILTER (WHERE {now}) AS first_in, {} AS cost, \
             CASE WHEN count(*) FILTER (WHERE {now}) > 0 THEN count(DISTINCT workflow_id) FILTER (WHERE {now}) \
             ELSE count(DISTINCT workflow_id) FILTER (WHERE {before}) END AS workflows\
             \nFROM recent\nGROUP BY error_fingerprint",
            dialect.materialized(true),
            dialect.whole_sum("cost_usd_micros", Some(&now))
        ));
        if let Some(text) = self.search {
            let has_text = Predicate::Contains {
                columns: SEARCHED.iter().copied().map(Operand::Column).collect(),
                text: text.to_owned(),
            };
            sql.push("\nHAVING count(*) FILTER (WHERE ");
            dialect.predicate(&has_text, sql);
            sql.push(") > 0");
        }
        sql.push("\n)");
    }

    /// `faults`: each with its state.
    fn write_faults(&self, sql: &mut SqlText) {
        let micros = |column| self.dialect.micros(column);
        let states = FailureState::ALL.map(FailureState::as_str);
        let [new, regressed, ongoing, resolved] = states;
        sql.push(&format!(
            ",\nfaults AS {} (\nSELECT counted.*, first_seen, last_seen, \
             CASE WHEN n = 0 THEN '{resolved}' WHEN last_before IS NULL THEN '{new}' \
             WHEN {} - {} >= {} THEN '{regressed}' ELSE '{ongoing}' END AS state\
             \nFROM counted JOIN ever ON ever.error_fingerprint = counted.error_fingerprint\n)",
            self.dialect.materialized(true),
            micros("first_in"),
            micros("last_before"),
            self.span.quiet_us()
        ));
    }

    /// `page`: the faults asked for. `latest`: their executions, latest first. `affected`: their workflows, most often first.
    fn write_listed(&self, page: &Page<'_>, sql: &mut SqlText) {
        sql.push(&format!(
            ",\npage AS {} (\nSELECT *, row_number() OVER (ORDER BY {}) AS place\nFROM faults\nWHERE state IN (",
            self.dialect.materialized(true),
            page.order.columns()
        ));
        let states = page.states.iter().map(|state| state.as_str().to_owned());
        sql.params(states.map(Param::Text))
            .push(")\nORDER BY place\nLIMIT ");
        sql.param(Param::Int(page.limit.into())).push(" OFFSET ");
        sql.param(Param::Int(page.offset.into()));
        // Those of the two ranges first, where all time is read.
        sql.push(&format!(
            "\n),\nlatest AS (\nSELECT error_fingerprint, error_pattern, error_message, id, attempt, row_number() OVER \
             (PARTITION BY error_fingerprint ORDER BY CASE WHEN ({}) OR ({}) THEN 0 ELSE 1 END, event_time DESC, id DESC, \
             attempt DESC) AS place\nFROM recent\nWHERE error_fingerprint IN (SELECT error_fingerprint FROM page)\n)",
            self.is_now(),
            self.is_before()
        ));
        sql.push(&format!(
            ",\naffected AS (\nSELECT error_fingerprint, workflow_id, n, row_number() OVER \
             (PARTITION BY error_fingerprint ORDER BY n DESC, workflow_id) AS place\nFROM (\
             \nSELECT recent.error_fingerprint, recent.workflow_id, count(*) AS n\
             \nFROM recent JOIN page ON page.error_fingerprint = recent.error_fingerprint\
             \nWHERE recent.workflow_id IS NOT NULL AND (({}) OR (page.n = 0 AND ({})))\
             \nGROUP BY recent.error_fingerprint, recent.workflow_id\n) AS of_workflows\n)",
            self.is_now(),
            self.is_before()
        ));
    }

    fn write_executions(&self, columns: &[&'static str], range: Option<TimeRange>, sql: &mut SqlText) {
        let dialect = self.dialect;
        let quoted: Vec<String> = columns.iter().map(|column| dialect.quoted(column)).collect();
        let list = quoted.join(", ");
        let relation = Relation {
            table: Table::Rows(range),
            spec: RecordType::Execution.spec(),
            select: &|_, sql| {
                sql.push(&list);
            },
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            filter: self.filter,
            is_measured: false,
            reads_workflow: false,
        };
        relation.write(self.visible, dialect, sql);
    }

    fn is_now(&self) -> String {
        self.is_in(self.span.range)
    }

    fn is_before(&self) -> String {
        let before = self.span.before.map(|before| self.is_in(before));
        before.unwrap_or_else(|| "false".to_owned())
    }

    fn is_in(&self, range: TimeRange) -> String {
        let (start, end) = (self.dialect.instant(range.start), self.dialect.instant(range.end));
        format!("event_time >= {start} AND event_time < {end}")
    }
}
