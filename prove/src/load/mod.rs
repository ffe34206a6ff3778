//! Load: the rate of the budget held with dashboards open, three times what goes, one organization beside another that
//! floods the server, and a day of everything. What is compared is of the same run; nothing here knows how fast a machine is.

mod company;
mod day;
mod fairness;
mod held;
mod overload;
mod series;

use std::time::Duration;

use tacho_bench::table::whole;

use crate::finding::Finding;
use crate::trial::Place;

const MIB: f64 = 1024.0 * 1024.0;
/// What the server may take up as it is shipped: the store's memory, the journal's queue, bodies, kept answers, and as much
/// again as those three for everything else.
const MEMORY_MAX: f64 = (4096.0 + 2.0 * (128.0 + 512.0 + 64.0)) * MIB;

/// What it consists of.
pub const PARTS: [&str; 4] = ["held", "overload", "fairness", "day"];

/// How long each part takes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The rate of the budget is held.
    pub held: Duration,
    /// Each stretch of the overload: what goes, then three times that.
    pub overload: Duration,
    /// Each stretch of fairness: alone, beside a flood of records, beside one of questions.
    pub fairness: Duration,
    /// A day is replayed.
    pub day: Duration,
    /// Executions of the day.
    pub executions: u64,
}

impl Plan {
    /// The one of the proof, held for so long.
    pub fn held_for(held: Duration) -> Self {
        Self {
            held,
            overload: Duration::from_secs(20),
            fairness: Duration::from_secs(15),
            day: Duration::from_secs(90),
            executions: 15_000,
        }
    }
}

/// Everything, or what is called so.
///
/// # Errors
/// If something that has to stay flat, bounded or fair does not, or a record is missing, double or foreign.
pub fn run(plan: &Plan, only: Option<&str>, seed: u64, place: &Place) -> anyhow::Result<Vec<Finding>> {
    let is_chosen = |name: &str| only.is_none_or(|text| name.contains(text));
    let mut findings = Vec::new();
    if is_chosen("held") {
        eprintln!("load held");
        findings.extend(
            place.with_installation("load held", |installation, _| held::run(plan.held, installation))?,
        );
    }
    if is_chosen("overload") {
        eprintln!("overload");
        findings.extend(place.with_installation("overload", |installation, _| {
            overload::run(plan.overload, installation)
        })?);
    }
    if is_chosen("fairness") {
        eprintln!("fairness");
        findings.extend(place.with_installation("fairness", |installation, _| {
            fairness::run(plan.fairness, installation)
        })?);
    }
    if is_chosen("day") {
        eprintln!("a day of everything");
        let what = format!("a day of everything with seed {seed}");
        findings.push(place.with_installation(&what, |installation, _| {
            day::run(plan.day, plan.executions, seed, installation)
        })?);
    }
    Ok(findings)
}

/// Bytes as millions.
fn mb(bytes: f64) -> String {
    whole(bytes / 1e6)
}
