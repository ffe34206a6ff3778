//! Working measures out of lots that have been read: over everything, by groups, by buckets.

use super::{Compiler, Term};
use crate::model::{Aggregate, Form};
use crate::plan::{Access, Method};

/// What results are grouped by at a level, with its name in the result.
pub(super) struct Key {
    pub(super) expression: String,
    pub(super) name: String,
}

/// One level of all lots: everything, groups, or buckets.
pub(super) struct Level<'a> {
    pub(super) keys: &'a [Key],
    /// What stands in a `FROM` after the name of a lot.
    pub(super) join: &'a str,
    /// What keeps rows of the lot.
    pub(super) condition: &'a str,
}

impl Compiler<'_> {
    /// A lot at a level: its keys, and `t…`, `q…` or `u` as its method is.
    fn level(&self, at: usize, level: &Level<'_>) -> String {
        let lot = &self.plan.lots()[at];
        let keys: Vec<String> = level
            .keys
            .iter()
            .map(|key| format!("{} AS {}", key.expression, key.name))
            .collect();
        let from = format!("{} AS f{}{}", self.lot_name(at), level.join, level.condition);
        let shares: Vec<f64> = lot
            .measures
            .iter()
            .filter_map(|measure| match self.query.measures[*measure].aggregate {
                Aggregate::Quantile(_, share) => Some(share),
                _ => None,
            })
            .collect();
        if let (Method::Order(_), Access::Cells(_)) = (lot.method, lot.access) {
            let names: Vec<&str> = level.keys.iter().map(|key| key.name.as_str()).collect();
            return self.dialect.quantiles_of_bins(&keys, &names, &from, &shares);
        }
        let values: Vec<String> = match lot.method {
            Method::Sums => {
                let terms = self.terms(at).into_iter().enumerate();
                terms
                    .map(|(number, term)| {
                        let name = format!("f.t{number}");
                        let whole = match term {
                            Term::Count(counted) if term.is_conditional(lot.access) => {
                                self.dialect.whole_sum("f.t0", self.condition(counted).as_deref())
                            }
                            Term::Sum(values) if values.form == Form::Float => {
                                format!("coalesce(sum({name}), 0)")
                            }
                            Term::Sum(_) => self.dialect.number_sum(&name),
                            Term::Least(_) => format!("min({name})"),
                            Term::Greatest(_) => format!("max({name})"),
                            Term::Unattributed | Term::Conflicts | Term::Count(_) => {
                                self.dialect.whole_sum(&name, None)
                            }
                        };
                        format!("{whole} AS t{number}")
                    })
                    .collect()
            }
            Method::Order(_) => (0..shares.len())
                .map(|number| {
                    let quantile = self.dialect.quantile("f.value", &shares, number);
                    format!("{quantile} AS q{number}")
                })
                .collect(),
            Method::Set(_) => vec!["count(DISTINCT f.value) AS u".to_owned()],
        };
        let select: Vec<String> = keys.into_iter().chain(values).collect();
        let mut sql = format!("SELECT {}\nFROM {from}", select.join(", "));
        let by: Vec<&str> = level.keys.iter().map(|key| key.expression.as_str()).collect();
        if !by.is_empty() {
            sql.push_str("\nGROUP BY ");
            sql.push_str(&by.join(", "));
        }
        sql
    }

    /// A level of all lots that the wanted measures need, side by side: what stands after `FROM`. There `l0` has the keys.
    pub(super) fn side_by_side(&self, level: &Level<'_>, wanted: &[usize]) -> String {
        let mut from = format!("(\n{}\n) AS l0", self.level(0, level));
        for (at, lot) in self.plan.lots().iter().enumerate().skip(1) {
            if !lot.measures.iter().any(|measure| wanted.contains(measure)) {
                continue;
            }
            let same: Vec<String> = level
                .keys
                .iter()
                .map(|Key { name, .. }| self.dialect.same(&format!("l{at}.{name}"), &format!("l0.{name}")))
                .collect();
            let condition = match same.is_empty() {
                true => "true".to_owned(),
                false => same.join(" AND "),
            };
            from.push_str(&format!(
                "\nLEFT JOIN (\n{}\n) AS l{at} ON {condition}",
                self.level(at, level)
            ));
        }
        from
    }

    /// How many rows there are at a level, how many of them without a workflow, and about how many senders contradict each
    /// other.
    pub(super) fn counts(&self) -> String {
        let unattributed = if self.has_workflow() { "l0.t2" } else { "0" };
        format!("l0.t0, {unattributed}, l0.t1")
    }

    /// A measure over the lots' columns at a level.
    pub(super) fn measure(&self, measure: usize) -> String {
        let lots = self.plan.lots().iter().enumerate();
        let mut found = lots.filter_map(|(at, lot)| {
            let position = lot.measures.iter().position(|other| *other == measure)?;
            Some((at, lot, position))
        });
        let Some((at, lot, position)) = found.next() else {
            return "NULL".to_owned();
        };
        let aggregate = self.query.measures[measure].aggregate;
        match lot.method {
            Method::Order(_) => format!("l{at}.q{position}"),
            Method::Set(_) => format!("coalesce(l{at}.u, 0)"),
            Method::Sums => {
                let known = self.terms(at);
                let terms: Vec<String> = Term::of(aggregate)
                    .into_iter()
                    .filter_map(|term| known.iter().position(|other| *other == term))
                    .map(|number| format!("l{at}.t{number}"))
                    .collect();
                match (aggregate, terms.as_slice()) {
                    (Aggregate::Percent { .. }, [part, whole]) => {
                        self.dialect.ratio(&format!("100 * {part}"), whole)
                    }
                    (Aggregate::SumOrAverage(..), [sum, known, counted]) => format!(
                        "CASE {counted} WHEN 0 THEN {} WHEN {known} THEN {sum} END",
                        self.dialect.ratio(sum, known)
                    ),
                    (_, [sum, count]) => self.dialect.ratio(sum, count),
                    (_, terms) => terms.concat(),
                }
            }
        }
    }
}
