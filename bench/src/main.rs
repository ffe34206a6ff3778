//! `tacho-bench`: runs cases and prints their figures as Markdown. `bench/run` and `bench/kill` build it and everything
//! that it needs.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use tacho_bench::peers::Kind;
use tacho_bench::postgres::Method;
use tacho_bench::query::report;
use tacho_bench::table::{Table, millis, whole};
use tacho_bench::{budgets, cache, disk, export, ingest, kill, live, postgres, query, web};

/// Beyond that many executions peers are asked only if they are named: PostgreSQL takes hours to load them.
const PEERS_UP_TO: u64 = 10_000_000;

#[derive(Parser)]
#[command(
    name = "tacho-bench",
    about = "Measures the whole system from outside, and kills it"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Disk, Tacho and PostgreSQL, one after the other
    All(Options),
    /// Tacho alone
    Ingest(Options),
    /// PostgreSQL alone
    Postgres(Options),
    /// The disk alone
    Disk(Options),
    /// SIGKILL while records come in
    Kill(KillOptions),
    /// The questions that pages ask
    Query(QueryOptions),
    /// Exports of a tenth and of all executions
    Export(ExportOptions),
    /// Kept answers: pages that refresh, and Redis lost
    Cache(CacheOptions),
    /// Clients that are told what happens
    Live(LiveOptions),
    /// Pages in a browser
    Web(WebOptions),
    /// Whether the budgets of the design are kept: a bounded part of all of these but peers, as one table
    Budgets(BudgetsOptions),
}

#[derive(Args, Clone)]
struct Place {
    /// The server's binary
    #[arg(long, default_value = "dist/tacho", value_name = "FILE")]
    tacho: PathBuf,
    /// A folder on the disk to measure; what is made in it is taken away again
    #[arg(long, default_value_os_t = std::env::temp_dir(), value_name = "DIR")]
    dir: PathBuf,
}

#[derive(Args, Clone)]
struct Options {
    #[command(flatten)]
    place: Place,
    /// Length of each measurement
    #[arg(long, default_value_t = 120.0)]
    seconds: f64,
    /// Connections
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Records of a request
    #[arg(long, value_delimiter = ',', default_values_t = [100, 5_000])]
    sizes: Vec<usize>,
    /// How Tacho's requests are encoded
    #[arg(long, value_delimiter = ',', default_values_t = ["plain".to_owned(), "gzip".to_owned()])]
    encodings: Vec<String>,
    /// How PostgreSQL's batches go in
    #[arg(long, value_delimiter = ',', default_values_t = ["copy".to_owned(), "insert".to_owned()])]
    methods: Vec<String>,
    /// Leave out the runs at half load
    #[arg(long)]
    no_half_load: bool,
    /// Records a second for which compressed bodies are made, unless a plain case of that size ran before
    #[arg(long, default_value_t = 100_000.0)]
    expect: f64,
}

#[derive(Args, Clone)]
struct KillOptions {
    #[command(flatten)]
    place: Place,
    /// Records to send
    #[arg(long, default_value_t = 1_000_000)]
    records: usize,
    /// Records of a request
    #[arg(long, default_value_t = 1_000)]
    size: usize,
    /// How often the server is killed
    #[arg(long, default_value_t = 20)]
    kills: usize,
    /// Connections
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Another seed, other records and other moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args, Clone)]
struct QueryOptions {
    #[command(flatten)]
    place: Place,
    /// Executions of a year
    #[arg(long, value_delimiter = ',', default_values_t = [1_000_000, 10_000_000])]
    executions: Vec<u64>,
    /// How often each question is asked
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// Records a second that come in during a part of it
    #[arg(long, default_value_t = 20_000)]
    beside: u64,
    /// Keep what was filled in --dir, and ask that the next time
    #[arg(long)]
    keep: bool,
    /// Who is asked the questions of PRD-010 on the same rows [default: all, up to 10,000,000 executions]
    #[arg(long, value_delimiter = ',')]
    peers: Option<Vec<Kind>>,
    /// Ask no peers
    #[arg(long, conflicts_with = "peers")]
    no_peers: bool,
    /// An interpreter with duckdb and chdb; without it those two are not among the default peers
    #[arg(long, value_name = "FILE")]
    python: Option<PathBuf>,
}

#[derive(Args, Clone)]
struct ExportOptions {
    #[command(flatten)]
    place: Place,
    /// Executions of a year
    #[arg(long, default_value_t = 10_000_000)]
    executions: u64,
    /// Records a second that are offered during a part of it
    #[arg(long, default_value_t = 20_000)]
    beside: u64,
    /// Keep what was filled in --dir, and use that the next time
    #[arg(long)]
    keep: bool,
}

#[derive(Args, Clone)]
struct CacheOptions {
    #[command(flatten)]
    place: Place,
    /// Executions of a year
    #[arg(long, default_value_t = 1_000_000)]
    executions: u64,
    /// How long pages refresh, without many records and with them
    #[arg(long, default_value_t = 120.0)]
    seconds: f64,
    /// How long they do before that is counted
    #[arg(long, default_value_t = 15.0)]
    warm_up: f64,
    /// How long they do while Redis is lost, each time
    #[arg(long, default_value_t = 60.0)]
    loss_seconds: f64,
    /// How long one answer is asked for as often as it goes
    #[arg(long, default_value_t = 10.0)]
    peak_seconds: f64,
    /// Records a second that come in during a part of it
    #[arg(long, default_value_t = 5_000)]
    beside: u64,
    /// Keep what was filled in --dir, and use that the next time
    #[arg(long)]
    keep: bool,
}

#[derive(Args, Clone)]
struct LiveOptions {
    #[command(flatten)]
    place: Place,
    /// Clients that watch a dashboard
    #[arg(long, default_value_t = 10_000)]
    clients: usize,
    /// Records a second that come in meanwhile
    #[arg(long, default_value_t = 5_000)]
    rate: u64,
    /// How long they come in, each time
    #[arg(long, default_value_t = 30.0)]
    seconds: f64,
}

#[derive(Args, Clone)]
struct WebOptions {
    #[command(flatten)]
    place: Place,
    /// Executions of a year
    #[arg(long, default_value_t = 10_000_000)]
    executions: u64,
    /// What visits the pages
    #[arg(long, default_value = "ui/e2e/performance.mjs", value_name = "FILE")]
    script: PathBuf,
    /// Keep what was filled in --dir, and use that the next time
    #[arg(long)]
    keep: bool,
}

#[derive(Args, Clone)]
struct BudgetsOptions {
    #[command(flatten)]
    place: Place,
    /// A smoke test: so little of everything that the figures say nothing
    #[arg(long)]
    quick: bool,
    /// What visits the pages
    #[arg(long, default_value = "ui/e2e/performance.mjs", value_name = "FILE")]
    script: PathBuf,
    /// Leave out pages in a browser
    #[arg(long)]
    no_web: bool,
}

impl QueryOptions {
    fn peers_for(&self, executions: u64) -> Vec<Kind> {
        match &self.peers {
            Some(peers) => peers.clone(),
            None if self.no_peers || executions > PEERS_UP_TO => Vec::new(),
            None => {
                let has_python = self.python.is_some();
                let peers = Kind::ALL.into_iter();
                peers.filter(|kind| has_python || !kind.needs_python()).collect()
            }
        }
    }
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::All(options) => {
            measure_disk(&options)?;
            let tacho = measure_tacho(&options)?;
            let postgres = measure_postgres(&options)?;
            compare(&tacho, &postgres);
        }
        Command::Ingest(options) => drop(measure_tacho(&options)?),
        Command::Postgres(options) => drop(measure_postgres(&options)?),
        Command::Disk(options) => measure_disk(&options)?,
        Command::Kill(options) => kill_it(&options)?,
        Command::Query(options) => measure_queries(&options)?,
        Command::Export(options) => measure_exports(&options)?,
        Command::Cache(options) => measure_cache(&options)?,
        Command::Live(options) => measure_live(&options)?,
        Command::Web(options) => {
            let filled = filling(&options.place, options.executions, options.keep, 0);
            println!("{}", web::visit(&filled, &options.script, None)?);
        }
        Command::Budgets(options) => measure_budgets(options)?,
    }
    Ok(())
}

/// A server with a year of executions, whose questions are not timed.
fn filling(place: &Place, executions: u64, is_kept: bool, beside_per_second: u64) -> query::Case {
    query::Case {
        binary: place.tacho.clone(),
        directory: place.dir.clone(),
        is_kept,
        executions,
        rounds: 0,
        beside_per_second,
        peers: Vec::new(),
        python: None,
    }
}

/// A rate under a name, for the comparison.
struct Rate {
    records_each: usize,
    name: String,
    /// Durable.
    per_second: f64,
    /// Durable and seen by queries.
    sustained_per_second: f64,
    /// The same, for each second of a processor.
    per_cpu_second: f64,
}

fn length(options: &Options) -> Duration {
    Duration::from_secs_f64(options.seconds)
}

fn measure_disk(options: &Options) -> anyhow::Result<()> {
    let mut table = Table::new(&["append and fdatasync", "a second", "MB/s", "p50 ms", "p99 ms"]);
    for block_bytes in [16 * 1024, 1024 * 1024] {
        eprintln!("disk: {block_bytes} bytes");
        let mut rate = disk::measure(
            &options.place.dir,
            block_bytes,
            length(options).min(Duration::from_secs(10)),
        )?;
        table.push(vec![
            format!("{} KiB", block_bytes / 1024),
            whole(rate.per_second),
            whole(rate.per_second * block_bytes as f64 / 1e6),
            millis(rate.latencies.quantile_ms(0.5)),
            millis(rate.latencies.quantile_ms(0.99)),
        ]);
    }
    println!("{}", table.markdown());
    Ok(())
}

fn measure_tacho(options: &Options) -> anyhow::Result<Vec<Rate>> {
    let mut rates: Vec<Rate> = Vec::new();
    let mut taken = Table::new(&[
        "Tacho, full load",
        "acknowledged/s",
        "in the store/s",
        "drain s",
        "sustained/s",
        "ack p50 ms",
        "p99 ms",
        "503",
        "server CPU",
        "sender CPU",
    ]);
    let mut seen = Table::new(&[
        "Tacho, half load",
        "offered/s",
        "acknowledged/s",
        "ack p50 ms",
        "p99 ms",
        "p99.9 ms",
        "queryable p50 ms",
        "p99 ms",
        "max ms",
        "marked",
    ]);
    let mut space = Table::new(&[
        "Tacho, space",
        "sent B/record",
        "journal B/record",
        "sealed B/record",
        "store B/record",
        "peak memory MB",
        "records counted",
    ]);
    for records_each in &options.sizes {
        for encoding in &options.encodings {
            let before = rates.iter().find(|rate| rate.records_each == *records_each);
            let case = ingest::Case {
                records_each: *records_each,
                is_gzip: encoding == "gzip",
                connections: options.connections,
                length: length(options),
                expected_per_second: before.map_or(options.expect, |rate| rate.per_second),
                has_half_load: !options.no_half_load,
            };
            eprintln!("tacho: {records_each} records a request, {encoding}");
            let mut figures = ingest::measure(&case, &options.place.tacho, &options.place.dir)?;
            let name = format!("{} per request, {encoding}", whole(*records_each as f64));
            let seconds = figures.full.elapsed.as_secs_f64();
            let per_second = figures.full.records_per_second();
            taken.push(vec![
                name.clone(),
                whole(per_second),
                whole(figures.projected_per_second),
                format!("{:.1}", figures.drain.as_secs_f64()),
                whole(figures.sustained_per_second),
                millis(figures.full.latencies.quantile_ms(0.5)),
                millis(figures.full.latencies.quantile_ms(0.99)),
                whole(figures.full.refused as f64),
                format!("{:.2}", figures.cpu.0 / seconds),
                format!("{:.2}", figures.cpu.1 / seconds),
            ]);
            for part in &mut figures.partial {
                seen.push(vec![
                    format!("{name}; half of {}", part.of),
                    whole(part.offered_per_second),
                    whole(part.outcome.records_per_second()),
                    millis(part.outcome.latencies.quantile_ms(0.5)),
                    millis(part.outcome.latencies.quantile_ms(0.99)),
                    millis(part.outcome.latencies.quantile_ms(0.999)),
                    millis(part.seen.visible.quantile_ms(0.5)),
                    millis(part.seen.visible.quantile_ms(0.99)),
                    millis(part.seen.visible.quantile_ms(1.0)),
                    whole(part.seen.visible.count() as f64),
                ]);
            }
            space.push(vec![
                name.clone(),
                whole(figures.sent_bytes),
                whole(figures.journal_bytes.0),
                figures.journal_bytes.1.map_or("–".into(), whole),
                whole(figures.store_bytes),
                whole(figures.resident_bytes as f64 / 1e6),
                whole(figures.counted as f64),
            ]);
            let per_cpu_second = figures.full.records as f64 / figures.cpu_until_stored;
            rates.push(Rate {
                records_each: *records_each,
                name: format!("Tacho, {encoding}"),
                per_second,
                sustained_per_second: figures.sustained_per_second,
                per_cpu_second,
            });
        }
    }
    println!("{}\n{}\n{}", taken.markdown(), seen.markdown(), space.markdown());
    Ok(rates)
}

fn measure_postgres(options: &Options) -> anyhow::Result<Vec<Rate>> {
    let mut rates = Vec::new();
    let mut table = Table::new(&[
        "PostgreSQL 15",
        "rows/s",
        "commit p50 ms",
        "p99 ms",
        "server CPU",
        "sender CPU",
        "table B/row",
        "log B/row",
        "rows counted",
    ]);
    for records_each in &options.sizes {
        for name in &options.methods {
            let method = if name == "copy" {
                Method::Copy
            } else {
                Method::Insert
            };
            eprintln!("postgres: {records_each} rows a batch, {name}");
            let mut figures = postgres::measure(
                method,
                *records_each,
                options.connections,
                length(options),
                &options.place.dir,
            )?;
            let seconds = figures.elapsed.as_secs_f64();
            let per_second = figures.rows as f64 / seconds;
            table.push(vec![
                format!("{} per batch, {name}", whole(*records_each as f64)),
                whole(per_second),
                millis(figures.latencies.quantile_ms(0.5)),
                millis(figures.latencies.quantile_ms(0.99)),
                format!("{:.2}", figures.cpu.0 / seconds),
                format!("{:.2}", figures.cpu.1 / seconds),
                whole(figures.row_bytes),
                whole(figures.log_bytes),
                whole(figures.rows as f64),
            ]);
            let per_cpu_second = figures.rows as f64 / figures.cpu.0;
            rates.push(Rate {
                records_each: *records_each,
                name: format!("PostgreSQL, {name}"),
                per_second,
                sustained_per_second: per_second,
                per_cpu_second,
            });
        }
    }
    println!("{}", table.markdown());
    Ok(rates)
}

/// Each of Tacho's rates over each of PostgreSQL's at the same size. What PostgreSQL has committed, queries see at once; so
/// Tacho's rate to the store stands beside its rate to the disk, and its processor time counts until the store has it all.
fn compare(tacho: &[Rate], postgres: &[Rate]) {
    let mut table = Table::new(&[
        "Tacho over PostgreSQL",
        "durable/s",
        "durable and queryable/s",
        "queryable, a CPU second",
    ]);
    for ours in tacho {
        for theirs in postgres
            .iter()
            .filter(|theirs| theirs.records_each == ours.records_each)
        {
            table.push(vec![
                format!(
                    "{} records: {} over {}",
                    whole(ours.records_each as f64),
                    ours.name,
                    theirs.name
                ),
                format!("{:.1} ×", ours.per_second / theirs.per_second),
                format!("{:.1} ×", ours.sustained_per_second / theirs.sustained_per_second),
                format!("{:.1} ×", ours.per_cpu_second / theirs.per_cpu_second),
            ]);
        }
    }
    println!("{}", table.markdown());
}

fn measure_queries(options: &QueryOptions) -> anyhow::Result<()> {
    for executions in &options.executions {
        eprintln!("queries: {executions} executions");
        let mut figures = query::measure(&query::Case {
            binary: options.place.tacho.clone(),
            directory: options.place.dir.clone(),
            is_kept: options.keep,
            executions: *executions,
            rounds: options.rounds,
            beside_per_second: options.beside,
            peers: options.peers_for(*executions),
            python: options.python.clone(),
        })?;
        println!("{}", report::markdown(&mut figures));
        let disagreements = figures
            .comparison
            .map_or(Vec::new(), |comparison| comparison.disagreements);
        // Only now: what was measured took long.
        anyhow::ensure!(disagreements.is_empty(), "{}", disagreements.join("\n"));
    }
    Ok(())
}

fn measure_exports(options: &ExportOptions) -> anyhow::Result<()> {
    let figures = export::measure(&filling(
        &options.place,
        options.executions,
        options.keep,
        options.beside,
    ))?;
    println!("{}", figures.markdown());
    Ok(())
}

fn measure_cache(options: &CacheOptions) -> anyhow::Result<()> {
    let length = |seconds: f64| cache::Length {
        warm_up: Duration::from_secs_f64(options.warm_up),
        counted: Duration::from_secs_f64(seconds),
    };
    let mut figures = cache::measure(&cache::Case {
        filled: filling(&options.place, options.executions, options.keep, options.beside),
        refreshing: length(options.seconds),
        losing: length(options.loss_seconds),
        peak: Duration::from_secs_f64(options.peak_seconds),
    })?;
    println!("{}", cache::report::markdown(&mut figures));
    let problems = cache::report::problems(&figures);
    // Only now: what was measured took long.
    anyhow::ensure!(problems.is_empty(), "{} failed or differ", problems.len());
    Ok(())
}

fn measure_live(options: &LiveOptions) -> anyhow::Result<()> {
    let mut figures = live::measure(&live::Case {
        binary: options.place.tacho.clone(),
        directory: options.place.dir.clone(),
        few: (options.clients.min(100), options.rate.min(1_000)),
        many: (options.clients, options.rate),
        length: Duration::from_secs_f64(options.seconds),
    })?;
    println!("{}", live::report::markdown(&mut figures));
    Ok(())
}

fn measure_budgets(options: BudgetsOptions) -> anyhow::Result<()> {
    let figures = budgets::measure(&budgets::Case {
        binary: options.place.tacho,
        directory: options.place.dir,
        visitor: (!options.no_web).then_some(options.script),
        sizes: match options.quick {
            true => budgets::Sizes::quick(),
            false => budgets::Sizes::full(),
        },
    })?;
    println!("{}", figures.markdown());
    // Only now: what was measured took long.
    let unmeasured = figures.failures.len();
    anyhow::ensure!(unmeasured == 0, "{unmeasured} parts could not be measured");
    Ok(())
}

fn kill_it(options: &KillOptions) -> anyhow::Result<()> {
    let plan = kill::Plan {
        records: options.records,
        records_each: options.size,
        kills: options.kills,
        connections: options.connections,
        seed: options.seed,
    };
    let mut outcome = kill::run(&plan, &options.place.tacho, &options.place.dir)?;
    let mut table = Table::new(&["SIGKILL while records come in", ""]);
    let rows = [
        ("records sent", whole(options.records as f64)),
        (
            "different things among them, each there once, none else",
            whole(outcome.things as f64),
        ),
        ("executions compared one by one", whole(outcome.executions as f64)),
        ("requests acknowledged", whole(outcome.requests as f64)),
        (
            "times that a request was sent in vain",
            whole(outcome.retries as f64),
        ),
        ("kills while serving", outcome.kills.0.to_string()),
        ("kills while starting", outcome.kills.1.to_string()),
        (
            "start to serving, p50 ms",
            millis(outcome.starts.quantile_ms(0.5)),
        ),
        (
            "start to serving, max ms",
            millis(outcome.starts.quantile_ms(1.0)),
        ),
        (
            "seconds, from the first request to the last acknowledgement",
            format!("{:.1}", outcome.elapsed.as_secs_f64()),
        ),
    ];
    rows.into_iter()
        .for_each(|(name, value)| table.push(vec![name.into(), value]));
    println!(
        "{}\n`tacho store verify`:\n\n{}",
        table.markdown(),
        outcome.verified
    );
    Ok(())
}
