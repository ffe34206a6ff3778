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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The rate of the budget held, with dashboards open.
    Held,
    /// Three times what goes.
    Overload,
    /// One organization beside another that floods the server.
    Fairness,
    /// A day of everything.
    Day,
}

impl Part {
    /// All of them, in the order in which they are run.
    pub const ALL: [Self; 4] = [Self::Held, Self::Overload, Self::Fairness, Self::Day];

    /// As it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Overload => "overload",
            Self::Fairness => "fairness",
            Self::Day => "day",
        }
    }
}

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

/// Does one part.
///
/// # Errors
/// If something that has to stay flat, bounded or fair does not, or a record is missing, double or foreign.
pub fn run(part: Part, plan: &Plan, seed: u64, place: &Place) -> anyhow::Result<Vec<Finding>> {
    let name = part.name();
    eprintln!("load: {name}");
    place.with_installation(
        &format!("load: {name}, seed {seed}"),
        |installation, _| match part {
            Part::Held => held::run(plan.held, installation),
            Part::Overload => overload::run(plan.overload, installation),
            Part::Fairness => fairness::run(plan.fairness, installation),
            Part::Day => day::run(plan.day, plan.executions, seed, installation).map(|finding| vec![finding]),
        },
    )
}

/// Bytes as millions.
fn mb(bytes: f64) -> String {
    whole(bytes / 1e6)
}
