//! `tacho demo generate`: a made-up history as NDJSON.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tacho_core::Timestamp;
use tacho_core::record::wire;
use tacho_demo::{Config, Generator};

const DAY_MICROS: i64 = 86_400_000_000;

/// Made-up histories.
#[derive(Subcommand, Debug)]
pub(crate) enum DemoCommand {
    /// Write a realistic history of a made-up company as NDJSON; the same options give the same history
    Generate(GenerateArgs),
}

/// Which history, and where to.
#[derive(Args, Debug)]
pub(crate) struct GenerateArgs {
    /// Another seed, another company
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Days of history
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// Workflows of the company
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    workflows: u32,
    /// Executions, about; other records come on top, some nine for each in all
    #[arg(long, default_value_t = 200_000)]
    executions: u64,
    /// File to write, or - for standard output
    #[arg(long, default_value = "-")]
    out: PathBuf,
    /// First day, such as 2026-09-01. Without it, the history ends now
    #[arg(long)]
    start: Option<Date>,
    /// Time zone of its working hours
    #[arg(long, default_value = "Europe/Berlin")]
    zone: String,
    /// Tell executions as lives (queued, running, finished) instead of one finished record each
    #[arg(long)]
    lives: bool,
}

/// Runs the command.
///
/// # Errors
/// If the file cannot be written or an option makes no sense.
pub(crate) fn demo(command: DemoCommand) -> anyhow::Result<()> {
    let DemoCommand::Generate(args) = command;
    let config = config_of(&args, Timestamp::from(std::time::SystemTime::now()))?;
    let out: Box<dyn Write> = if args.out.as_os_str() == "-" {
        Box::new(io::stdout().lock())
    } else {
        let file = File::create(&args.out).with_context(|| format!("cannot write {}", args.out.display()))?;
        Box::new(file)
    };
    match write_history(&config, BufWriter::with_capacity(1 << 20, out)) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.with_context(|| format!("cannot write {}", args.out.display())),
    }
}

fn config_of(args: &GenerateArgs, now: Timestamp) -> anyhow::Result<Config> {
    let zone = TimeZone::get(&args.zone).with_context(|| format!("there is no time zone {}", args.zone))?;
    let length = i64::from(args.days) * DAY_MICROS;
    let (start, end) = match args.start {
        Some(date) => {
            let start = Timestamp::from_jiff(date.to_zoned(zone.clone()).context("no such day")?.timestamp());
            (start, start.plus_micros(length))
        }
        None => (now.plus_micros(-length), now),
    };
    let mut config = Config::new(args.seed, start, end, args.workflows as usize, args.executions);
    config.zone = zone;
    config.lives = args.lives;
    Ok(config)
}

fn write_history(config: &Config, mut out: impl Write) -> io::Result<()> {
    let begin = Instant::now();
    let is_watched = io::stderr().is_terminal();
    let mut generator = Generator::new(config.clone());
    let mut line = Vec::with_capacity(1024);
    let mut count = 0u64;
    while let Some(record) = generator.next() {
        line.clear();
        wire::write_json_line(&record, &mut line);
        out.write_all(&line)?;
        count += 1;
        if is_watched && count.is_multiple_of(100_000) {
            let percent = generator.progress() * 100.0;
            eprint!("\r{percent:3.0} %  {count} records");
        }
    }
    out.flush()?;
    let seconds = begin.elapsed().as_secs_f64();
    let clear = if is_watched { "\r" } else { "" };
    eprintln!(
        "{clear}{count} records from {} to {} in {seconds:.1} s",
        config.start, config.end
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_ndjson_and_the_same_each_time() {
        let args = GenerateArgs {
            seed: 7,
            days: 2,
            workflows: 12,
            executions: 300,
            out: "-".into(),
            start: Some(jiff::civil::date(2026, 9, 1)),
            zone: "Europe/Berlin".into(),
            lives: false,
        };
        let config = config_of(&args, Timestamp::MIN).unwrap();
        assert_eq!(config.start.to_string(), "2026-08-31T22:00:00Z");
        let (mut once, mut again) = (Vec::new(), Vec::new());
        write_history(&config, &mut once).unwrap();
        write_history(&config, &mut again).unwrap();
        assert_eq!(once, again);
        let lines: Vec<serde_json::Value> = once
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        assert!(lines.len() > 1_000);
        assert!(
            lines
                .iter()
                .all(|line| line["type"].is_string() && line["id"].is_string())
        );
    }
}
