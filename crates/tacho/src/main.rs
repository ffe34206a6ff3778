//! The `tacho` command: reads the command line and the settings, puts the parts together, runs one command.
//!
//! This is the composition root, the only crate that names a store's adapter. Each command has a file under `commands/`.

mod backup;
mod commands;
mod data_dir;
mod demo_organization;
mod open_files;
mod parts;
mod run;
mod server_file;
mod settings;
mod zones;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::settings::{FAIL_POINT_VARIABLE, Settings};

/// Merging makes and frees millions of small texts a second on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Self-hosted analytics for automations: what runs, what fails and why, where the time goes, what it costs.
#[derive(Parser)]
#[command(name = "tacho", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Args, Clone)]
pub(crate) struct Global {
    /// The folder with everything that Tacho keeps [default: ./data; environment: TACHO_DATA_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A settings file [default: tacho.toml in the working directory, if there; environment: TACHO_CONFIG]
    #[arg(long, global = true, value_name = "FILE", env = "TACHO_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(commands::serve::ServeArgs),
    /// Manage organizations
    #[command(subcommand)]
    Org(commands::people::OrgCommand),
    /// Manage users
    #[command(subcommand)]
    User(commands::people::UserCommand),
    /// Manage API keys
    #[command(subcommand)]
    Key(commands::people::KeyCommand),
    /// Bring in records from an NDJSON or CSV file; running it twice counts nothing twice
    Import(commands::import::ImportArgs),
    /// Check the store against the journal, or make it anew
    #[command(subcommand)]
    Store(commands::store::StoreCommand),
    /// Back up everything that Tacho keeps, beside a running server
    Backup(commands::backup::BackupArgs),
    /// Make a data directory from a backup
    Restore(commands::restore::RestoreArgs),
    /// Generate demonstration data
    #[command(subcommand)]
    Demo(commands::demo::DemoCommand),
    /// Run a command and record its life as an execution
    Run(run::RunArgs),
    /// Print every setting with its default, as docs/CONFIG.md has it
    #[command(hide = true)]
    Settings,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        // Its exit code is that of the command it wraps, so it goes its own way.
        Command::Run(args) => run::execute(args),
        command => dispatch(command, &cli.global).map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        eprintln!("tacho: {error:#}");
        ExitCode::FAILURE
    })
}

fn dispatch(command: Command, global: &Global) -> anyhow::Result<()> {
    if let Command::Settings = command {
        print!("{}", settings::reference());
        return Ok(());
    }
    if let Ok(points) = std::env::var(FAIL_POINT_VARIABLE) {
        tacho_fail::arm(&points).map_err(|error| anyhow::anyhow!("{FAIL_POINT_VARIABLE}: {error}"))?;
    }
    let settings = Settings::load(global.config.as_deref(), global.data_dir.clone())?;
    // The same provider for every TLS connection, whichever library opens it. Fails only if one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve(args) => commands::serve::serve(settings, args).await,
            Command::Org(command) => commands::people::org(&settings, command).await,
            Command::User(command) => commands::people::user(&settings, command).await,
            Command::Key(command) => commands::people::key(&settings, command).await,
            Command::Import(args) => commands::import::import(&settings, args).await,
            Command::Store(command) => commands::store::store(&settings, command).await,
            Command::Backup(args) => commands::backup::backup(&settings, args).await,
            Command::Restore(args) => commands::restore::restore(&settings, args).await,
            Command::Demo(command) => commands::demo::demo(command),
            Command::Run(_) | Command::Settings => Ok(()),
        }
    })
}
