//! `tacho run`: wraps any command and records its life.
//!
//! The command comes first: it is started before anything else is prepared, its input, output, signals and exit code pass
//! through, and no trouble with recording changes any of it. Must not know: the store, the server's inside. It is a client
//! like any other.

mod child;
mod delivery;
mod inherit;
mod report;
mod signals;
mod spool;
mod tail;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Args;
use tacho_core::Timestamp;

use child::{Plan, shell_code, shell_refusal};
use delivery::Delivery;
use report::{End, Report, ndjson};
use spool::{Spool, Waiting};

/// Run a command and record how it went.
#[derive(Args, Debug)]
#[command(
    after_help = "The exit code is the command's: 128 + n if signal n ended it, 127 if it was not found, 126 if it \
    cannot be executed.\nThe command finds its execution's id in TACHO_EXECUTION_ID; a `tacho run` inside of it becomes a \
    child.\nStderr flows through tacho so that its last lines can be kept; programs that write colours to a terminal may \
    leave them out then, and stdout and stderr may mix differently: --no-capture leaves stderr alone."
)]
pub(crate) struct RunArgs {
    /// The workflow that this is a run of
    #[arg(long, value_name = "NAME", required_unless_present = "flush", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) workflow: Option<String>,
    /// What kind of workflow it is
    #[arg(long, default_value = "job", value_parser = ["workflow", "browser_task", "rpa", "bot", "job"])]
    pub(crate) kind: String,
    /// The execution's id, if it should be known outside [default: a new one]
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) id: Option<String>,
    /// A tag; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag)]
    pub(crate) tag: Vec<(String, String)>,
    /// What started it [default: manual at a terminal, else scheduled]
    #[arg(long, value_parser = ["scheduled", "manual", "retry", "webhook", "api", "event", "conversation"])]
    pub(crate) trigger: Option<String>,
    /// The server
    #[arg(long, env = "TACHO_URL", default_value = "http://127.0.0.1:8080")]
    pub(crate) url: String,
    /// Where records wait while the server is away [default: $XDG_STATE_HOME/tacho/spool]
    #[arg(long, value_name = "DIR", env = "TACHO_SPOOL_DIR")]
    pub(crate) spool_dir: Option<PathBuf>,
    /// How often to say that it still runs, such as 30s [default: never]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) heartbeat: Option<Duration>,
    /// End the command (SIGTERM, later SIGKILL) when it takes longer, such as 10m, and record a timeout
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// How long the command may take to end after SIGTERM
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "10s")]
    pub(crate) kill_after: Duration,
    /// How long recording may delay the end at most
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "5s")]
    pub(crate) deliver_within: Duration,
    /// Record the command's arguments and folder too, not just the program's name
    #[arg(long)]
    pub(crate) record_arguments: bool,
    /// Leave stderr alone; a failure is recorded without its last lines
    #[arg(long)]
    pub(crate) no_capture: bool,
    /// Say nothing when recording has trouble
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Deliver what waits in the spool instead of running a command
    #[arg(long, conflicts_with_all = ["workflow", "command"])]
    pub(crate) flush: bool,
    /// With --flush: also what waits under other API keys, such as one that was replaced
    #[arg(long, requires = "flush")]
    pub(crate) adopt: bool,
    /// The command and its arguments
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required_unless_present = "flush"
    )]
    pub(crate) command: Vec<OsString>,
}

impl RunArgs {
    fn trigger_word(&self) -> &str {
        match &self.trigger {
            Some(word) => word,
            None if std::io::stdin().is_terminal() => "manual",
            None => "scheduled",
        }
    }

    fn warn(&self, sentence: &str) {
        if !self.quiet {
            eprintln!("tacho run: {sentence}");
        }
    }
}

/// Runs the command. To be called before any other thread exists.
///
/// # Errors
/// If `--flush` cannot start. Running a command has no errors of its own: its exit code is the command's.
pub(crate) fn execute(args: RunArgs) -> anyhow::Result<ExitCode> {
    let key = std::env::var("TACHO_API_KEY").ok().filter(|key| !key.is_empty());
    let spool = Spool::new(args.spool_dir.as_deref(), &args.url, key.as_deref());
    if args.flush {
        return flush(&args, key.as_deref(), &spool);
    }
    let id = args
        .id
        .clone()
        .unwrap_or_else(|| format!("run-{}", uuid::Uuid::now_v7()));
    let parent = std::env::var("TACHO_EXECUTION_ID")
        .ok()
        .filter(|parent| !parent.is_empty());
    let plan = Plan {
        command: &args.command,
        execution_id: &id,
        captures_stderr: !args.no_capture,
        timeout: args.timeout,
        kill_after: args.kill_after,
        heartbeat: args.heartbeat,
    };

    let started_at = Timestamp::from(SystemTime::now());
    let running = child::start(&plan);
    // From here on the command runs, and nothing below may keep it waiting.
    let report = Report::new(&args, id.clone(), parent, host_name(), started_at);
    let definition_mark = format!("{}\n{}", args.kind, args.workflow.as_deref().unwrap_or_default());
    let needs_definition = !spool.has_mark(&definition_mark);
    let delivery = key.map(|key| Delivery::start(args.url.clone(), key, spool.clone()));

    let mut records = Vec::new();
    let code = match running {
        Err(error) => {
            let (code, sentence) = shell_refusal(&error);
            eprintln!("tacho run: {}: {sentence}", args.command[0].to_string_lossy());
            records.extend(report.finished(&End::NotStarted(code, sentence)));
            code
        }
        Ok(running) => {
            if let Some(delivery) = &delivery {
                let mut first = vec![report.running(started_at)];
                if needs_definition {
                    first.insert(0, report.definition());
                }
                delivery.tell(ndjson(&first), true);
            }
            let on_heartbeat = || {
                if let Some(delivery) = &delivery {
                    let now = Timestamp::from(SystemTime::now());
                    delivery.tell(ndjson(&[report.running(now)]), false);
                }
            };
            let outcome = running.wait(&plan, on_heartbeat)?;
            records.extend(report.finished(&End::Ended(&outcome)));
            shell_code(outcome.status)
        }
    };

    let is_defined = delivery.as_ref().is_some_and(Delivery::has_told_first);
    if needs_definition && !is_defined {
        records.insert(0, report.definition());
    }
    let trouble = deliver(&args, &spool, delivery, &id, &ndjson(&records));
    match trouble {
        Some(sentence) => args.warn(&sentence),
        None if needs_definition => spool.set_mark(&definition_mark),
        None => {}
    }
    Ok(ExitCode::from(code))
}

/// Puts the last word into the spool, then delivers it. A sentence if something is to be said.
fn deliver(
    args: &RunArgs,
    spool: &Spool,
    delivery: Option<Delivery>,
    id: &str,
    records: &[u8],
) -> Option<String> {
    if let Some(delivery) = &delivery {
        delivery.hush();
    }
    let (file, trouble) = match spool.put(id, records) {
        Ok((path, removed)) => {
            let trouble =
                (removed > 0).then(|| format!("the spool is full, its {removed} oldest files were removed"));
            (Some(Waiting::at(path, records.len() as u64)), trouble)
        }
        Err(error) => (None, Some(format!("cannot write to the spool: {error}"))),
    };
    let sentence = match delivery {
        Some(delivery) => delivery.end(file, records.to_vec(), args.deliver_within),
        None if file.is_some() => Some(
            "TACHO_API_KEY is not set, so the record waits in the spool; set it and run `tacho run --flush`"
                .to_owned(),
        ),
        None => Some("TACHO_API_KEY is not set, and the record is lost".to_owned()),
    };
    match (sentence, trouble) {
        (Some(sentence), Some(trouble)) => Some(format!("{sentence}; {trouble}")),
        (Some(sentence), None) => Some(sentence),
        (None, trouble) => trouble,
    }
}

fn flush(args: &RunArgs, key: Option<&str>, spool: &Spool) -> anyhow::Result<ExitCode> {
    let Some(key) = key else {
        anyhow::bail!("TACHO_API_KEY is not set; make a key with `tacho key create` or in Settings");
    };
    let everything = spool.waiting_under_any_key();
    let files = spool.waiting();
    let elsewhere = everything.len() - files.len();
    let files = if args.adopt { everything } else { files };
    let flushed = delivery::flush(&args.url, key, spool, &files)?;
    eprintln!(
        "tacho run: {} delivered, {} refused, {} waiting",
        flushed.delivered, flushed.refused, flushed.waiting
    );
    if let Some(trouble) = &flushed.trouble {
        eprintln!("tacho run: {trouble}");
    }
    if elsewhere > 0 && !args.adopt {
        eprintln!("tacho run: {elsewhere} wait under another API key; --adopt delivers them under this one");
    }
    let is_done = flushed.waiting == 0 && flushed.refused == 0;
    Ok(if is_done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn host_name() -> String {
    nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

fn parse_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as key=value".to_owned()),
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let hint = "write it as a number and a unit, such as 500ms, 30s, 10m or 2h";
    let duration: jiff::SignedDuration = text.parse().map_err(|_| hint.to_owned())?;
    Duration::try_from(duration)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_tags_are_read() {
        assert_eq!(parse_duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1h 30m"), Ok(Duration::from_secs(5_400)));
        for text in ["", "0s", "-3s", "10", "soon"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
        assert_eq!(parse_tag("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(parse_tag("=b").is_err() && parse_tag("a").is_err());
    }
}
