//! `tacho-prove`: breaks a running server and prints what came of it (`make prove`, `make soak`, docs/RELIABILITY.md).

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand};
use tacho_fail::Point;
use tacho_prove::crash::{self, Fault};
use tacho_prove::finding::Report;
use tacho_prove::resources::Trial;
use tacho_prove::trial::Place;
use tacho_prove::{load, redis, resources, store};

/// Breaks a running server in every way that is known, and shows that nothing is lost.
#[derive(Parser)]
#[command(name = "tacho-prove", arg_required_else_help = true)]
struct Cli {
    /// Print the fail points
    #[arg(long)]
    list: bool,
    /// The server's binary
    #[arg(long, global = true, default_value = "dist/tacho", value_name = "FILE")]
    tacho: PathBuf,
    /// A folder for data directories, made if there is none; what is made in it is taken away again unless something is wrong
    #[arg(long, global = true, default_value_os_t = std::env::temp_dir(), value_name = "DIR")]
    dir: PathBuf,
    /// Another seed, other records and other moments
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// SIGKILL at random moments and at every fail point in turn
    Crash {
        /// Rounds
        #[arg(long, default_value_t = 100)]
        rounds: usize,
    },
    /// Store files deleted, cut, flipped and taken back
    Store {
        /// Times that each is done, each with the next seed
        #[arg(long, default_value_t = 1)]
        times: usize,
        /// Only faults whose name contains this
        #[arg(long)]
        only: Option<String>,
    },
    /// Disk, handles, memory, clock, metastore, a second server
    Resources {
        /// Times, each with the next seed
        #[arg(long, default_value_t = 1)]
        times: usize,
        /// Only trials whose name contains this
        #[arg(long)]
        only: Option<String>,
    },
    /// Redis gone, frozen, slow and lying
    Redis {
        /// Rounds
        #[arg(long, default_value_t = 2)]
        rounds: usize,
    },
    /// The rate of the budget held, three times what goes, one organization beside a flood, a day of everything
    Load {
        /// How long the rate is held
        #[arg(long, default_value_t = HELD_MINUTES)]
        minutes: f64,
        /// Only parts whose name contains this: held, overload, fairness, day
        #[arg(long)]
        only: Option<String>,
    },
    /// All of these
    All {
        /// Rounds of crashes
        #[arg(long, default_value_t = 100)]
        crashes: usize,
        /// Times that everything else is done
        #[arg(long, default_value_t = 1)]
        times: usize,
        /// How long the load is held
        #[arg(long, default_value_t = HELD_MINUTES)]
        held_minutes: f64,
    },
}

const HELD_MINUTES: f64 = 5.0;
/// Rounds on one data directory.
const ROUNDS_EACH: usize = 20;

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if cli.list {
        for point in Point::ALL {
            println!("{:<20} {}", point.name(), point.place());
        }
    }
    let Some(command) = cli.command else {
        return Ok(());
    };
    let place = Place {
        tacho: cli.tacho,
        directory: cli.dir,
    };
    fs::create_dir_all(&place.directory)
        .with_context(|| format!("a folder for data directories, {}", place.directory.display()))?;
    let seed = cli.seed;
    let mut report = Report::default();
    match command {
        Command::Crash { rounds } => crashes(rounds, seed, &place, &mut report),
        Command::Store { times, only } => {
            let faults = chosen(&store::Fault::ALL, |fault| fault.label(), only.as_deref())?;
            stores(&faults, times, seed, &place, &mut report);
        }
        Command::Resources { times, only } => {
            let trials = chosen(&resources::TRIALS, |trial| trial.fault, only.as_deref())?;
            shortages(&trials, times, seed, &place, &mut report);
        }
        Command::Redis { rounds } => report.add("Redis", redis::run(rounds, seed, &place)),
        Command::Load { minutes, only } => {
            let parts = chosen(&load::Part::ALL, |part| part.name(), only.as_deref())?;
            loads(&parts, minutes, seed, &place, &mut report);
        }
        Command::All {
            crashes: rounds,
            times,
            held_minutes,
        } => {
            crashes(rounds, seed, &place, &mut report);
            stores(&store::Fault::ALL.each_ref(), times, seed, &place, &mut report);
            shortages(&resources::TRIALS.each_ref(), times, seed, &place, &mut report);
            report.add("Redis", redis::run(2 * times, seed, &place));
            loads(
                &load::Part::ALL.each_ref(),
                held_minutes,
                seed,
                &place,
                &mut report,
            );
        }
    }
    println!("{}", report.markdown());
    report.check()
}

/// Those whose name contains a text; all without one.
///
/// # Errors
/// If there is none, so that nothing is taken for proved by a misspelt name.
fn chosen<'a, T>(all: &'a [T], name: impl Fn(&T) -> &str, only: Option<&str>) -> anyhow::Result<Vec<&'a T>> {
    let is_chosen = |one: &&T| only.is_none_or(|text| name(one).contains(text));
    let chosen: Vec<&T> = all.iter().filter(is_chosen).collect();
    let names: Vec<&str> = all.iter().map(&name).collect();
    ensure!(
        !chosen.is_empty(),
        "nothing is called {:?}; there are: {}",
        only.unwrap_or_default(),
        names.join("; ")
    );
    Ok(chosen)
}

fn crashes(rounds: usize, seed: u64, place: &Place, report: &mut Report) {
    let plan = crash::Plan {
        rounds,
        rounds_each: ROUNDS_EACH,
        seed,
        faults: Fault::all(),
    };
    report.add("crashes", crash::run(&plan, place));
}

fn stores(faults: &[&store::Fault], times: usize, seed: u64, place: &Place, report: &mut Report) {
    for fault in faults {
        report.add(fault.label(), store::run(&[**fault], times, seed, place));
    }
}

fn shortages(trials: &[&Trial], times: usize, seed: u64, place: &Place, report: &mut Report) {
    for seed in (seed..).take(times) {
        for trial in trials {
            report.add(trial.fault, trial.run(seed, place).map(|finding| vec![finding]));
        }
    }
}

fn loads(parts: &[&load::Part], minutes: f64, seed: u64, place: &Place, report: &mut Report) {
    let plan = load::Plan::held_for(Duration::from_secs_f64(60.0 * minutes));
    for part in parts {
        report.add(part.name(), load::run(**part, &plan, seed, place));
    }
}
