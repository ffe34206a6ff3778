//! `tacho-prove`: breaks a running server and prints what came of it (`make prove`, `make soak`, docs/RELIABILITY.md).

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tacho_fail::Point;
use tacho_prove::crash::{self, Fault};
use tacho_prove::finding::{Finding, check_restarts, markdown};
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
    /// A folder for data directories; what is made in it is taken away again unless something is wrong
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
    /// Store files deleted, cut, flipped and taken back, each so many times
    Store {
        /// Times
        #[arg(long, default_value_t = 1)]
        times: usize,
    },
    /// Disk, handles, memory, clock, metastore, a second server
    Resources {
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
    let seed = cli.seed;
    let findings = match command {
        Command::Crash { rounds } => crashes(rounds, seed, &place)?,
        Command::Store { times } => store::run(&store::Fault::ALL, times, seed, &place)?,
        Command::Resources { only } => resources::run(only.as_deref(), seed, &place)?,
        Command::Redis { rounds } => redis::run(rounds, seed, &place)?,
        Command::Load { minutes, only } => loads(minutes, only.as_deref(), seed, &place)?,
        Command::All {
            crashes: rounds,
            times,
            held_minutes,
        } => {
            let mut findings = crashes(rounds, seed, &place)?;
            findings.extend(store::run(&store::Fault::ALL, times, seed, &place)?);
            for time in 0..times as u64 {
                findings.extend(resources::run(None, seed + time, &place)?);
            }
            findings.extend(redis::run(2 * times, seed, &place)?);
            findings.extend(loads(held_minutes, None, seed, &place)?);
            findings
        }
    };
    println!("{}", markdown(&findings));
    check_restarts(&findings)
}

fn loads(minutes: f64, only: Option<&str>, seed: u64, place: &Place) -> anyhow::Result<Vec<Finding>> {
    let plan = load::Plan::held_for(Duration::from_secs_f64(60.0 * minutes));
    load::run(&plan, only, seed, place)
}

fn crashes(rounds: usize, seed: u64, place: &Place) -> anyhow::Result<Vec<Finding>> {
    let plan = crash::Plan {
        rounds,
        rounds_each: ROUNDS_EACH,
        seed,
        faults: Fault::all(),
    };
    crash::run(&plan, place)
}
