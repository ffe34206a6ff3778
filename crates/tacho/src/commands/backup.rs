//! `tacho backup`: copies what a data directory needs to be made again, also while the server runs; and checks such copies.
//!
//! Files are read past the server: sealed segments never change, active ones only grow, and SQLite copies itself. All that is
//! asked of the server is up to which position its journal is durable.

use std::fs::{File, TryLockError};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use indicatif::{HumanBytes, HumanCount};
use tacho_ingest::journal::snapshot;
use tacho_metastore::KeyScope;

use crate::backup::{Check, Folder, Manifest, back_up};
use crate::data_dir::DataDir;
use crate::parts::open_metastore;
use crate::server_file::{TemporaryKey, running_server};
use crate::settings::Settings;

/// How long a server may take to start before the backup ends without it.
const SERVER_WAIT: Duration = Duration::from_secs(20);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(200);
/// What the server's figures call the last durable position.
const POSITION_FIGURE: &str = "tacho_journal_position";

/// Flags of `tacho backup`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct BackupArgs {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// The folder of the backups; a second backup to the same folder copies only what is new
    #[arg(long, value_name = "FOLDER", required = true)]
    to: Option<PathBuf>,
    /// How many backups to keep, with this one; all of them if left out
    #[arg(long, value_name = "N")]
    keep: Option<NonZeroUsize>,
    /// Copy the store, too: more bytes, and a restore that serves at once. Only while no server runs
    #[arg(long)]
    with_store: bool,
}

#[derive(Subcommand)]
enum BackupCommand {
    /// Check that every byte of every backup is what was written, and read the journal of the newest
    Verify(VerifyArgs),
}

#[derive(Args)]
struct VerifyArgs {
    /// The folder of the backups
    folder: PathBuf,
    /// Read the journal of this one instead
    #[arg(long, value_name = "BACKUP")]
    at: Option<String>,
}

/// `tacho backup`
pub(crate) async fn backup(settings: &Settings, args: BackupArgs) -> anyhow::Result<()> {
    match (args.command, args.to) {
        (Some(BackupCommand::Verify(verify_args)), _) => verify(&verify_args).await,
        (None, Some(to)) => make(settings, &to, args.keep, args.with_store).await,
        (None, None) => bail!("say where the backup goes: --to FOLDER"),
    }
}

async fn make(
    settings: &Settings,
    to: &Path,
    keep: Option<NonZeroUsize>,
    with_store: bool,
) -> anyhow::Result<()> {
    let data = DataDir(settings.data_dir.clone());
    if !data.metastore().is_file() || data.unfinished_restore().exists() {
        bail!("{} is no data directory of Tacho", data.0.display());
    }
    let place = std::path::absolute(to)?;
    if place.starts_with(std::path::absolute(&data.0)?) {
        bail!(
            "{} is inside the data directory, and would be lost with it",
            to.display()
        );
    }
    let folder = Folder::open_to_write(to)?;
    let held = Held::find(settings, &data).await?;
    if with_store && held.is_served {
        bail!("the store can only be copied while no server runs; stop it, or leave --with-store out");
    }
    // A server may start while the journal is copied, not while its store is.
    let lock = held.lock.filter(|_| with_store);
    let (manifest, copied) = back_up(&folder, &data, Some(held.position), with_store).await?;
    drop(lock);
    println!(
        "Backup {} in {}: everything up to position {}",
        copied.name,
        folder.path().display(),
        HumanCount(manifest.position)
    );
    for organization in &manifest.organizations {
        println!(
            "  {}: up to position {}",
            organization.name,
            HumanCount(organization.position)
        );
    }
    println!(
        "  {} new, {} kept from before, {} files",
        HumanBytes(copied.new_bytes),
        HumanBytes(copied.kept_bytes),
        HumanCount(manifest.files.len() as u64)
    );
    if copied.found_bytes > 0 {
        println!(
            "  {} were there of a backup that was cut off",
            HumanBytes(copied.found_bytes)
        );
    }
    for damage in &copied.damages {
        eprintln!(
            "the journal is damaged, and was copied as it is: {} at byte {}: {}",
            damage.path.display(),
            damage.offset,
            damage.reason
        );
    }
    let pruned = folder
        .prune(keep.map(NonZeroUsize::get))
        .context("the backup is made, but older ones could not be tidied up")?;
    if pruned.backups > 0 || pruned.bytes > 0 {
        println!(
            "  {} older backups removed, {} of files that are not needed any more",
            pruned.backups,
            HumanBytes(pruned.bytes)
        );
    }
    Ok(())
}

/// What keeps the data directory still enough for a backup.
struct Held {
    /// Everything up to here is durable, and was acknowledged before this was asked or after.
    position: u64,
    /// Whether a server uses the data directory.
    is_served: bool,
    /// Else its lock, so that none does. None of one that no server has ever used.
    lock: Option<File>,
}

impl Held {
    /// Asks the server, or takes the data directory if there is none. Waits for a server that is starting.
    async fn find(settings: &Settings, data: &DataDir) -> anyhow::Result<Self> {
        let deadline = Instant::now() + SERVER_WAIT;
        loop {
            let found = Self::try_find(settings, data).await;
            if found.is_ok() || Instant::now() >= deadline {
                return found;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn try_find(settings: &Settings, data: &DataDir) -> anyhow::Result<Self> {
        if let Some(url) = running_server(data)? {
            return Ok(Self {
                position: durable_position(settings, &url).await?,
                is_served: true,
                lock: None,
            });
        }
        let lock = File::open(data.0.join("lock")).ok();
        match lock.as_ref().map(File::try_lock) {
            None | Some(Ok(())) => {}
            Some(Err(TryLockError::WouldBlock)) => bail!("a server is starting on {}", data.0.display()),
            Some(Err(TryLockError::Error(error))) => {
                return Err(error).context("could not lock the data directory");
            }
        }
        Ok(Self {
            position: snapshot::take(&data.journal(), None)?.up_to,
            is_served: false,
            lock,
        })
    }
}

/// Up to where the journal of a running server is durable. Asked without a key first, which the server allows from its own
/// machine, so that a daily backup leaves no key behind.
async fn durable_position(settings: &Settings, url: &str) -> anyhow::Result<u64> {
    let client = reqwest::Client::builder()
        .timeout(REQUEST_TIMEOUT)
        .no_proxy()
        .build()?;
    let asked = client.get(format!("{url}/metrics"));
    let again = asked.try_clone();
    let mut answer = asked.send().await.context("the server does not answer")?;
    if answer.status() == reqwest::StatusCode::UNAUTHORIZED
        && let Some(again) = again
    {
        let (_, metastore) = open_metastore(settings).await?;
        let organizations = metastore.organizations().await?;
        // Nobody has sent anything yet.
        let Some(organization) = organizations.first() else {
            return Ok(0);
        };
        let key = TemporaryKey::create(&metastore, organization.id, KeyScope::Admin, "tacho backup").await?;
        let answered = again.bearer_auth(&key.text).send().await;
        key.revoke().await?;
        answer = answered.context("the server does not answer")?;
    }
    let figures = answer.error_for_status()?.text().await?;
    position_in(&figures)
        .context("the server does not tell how far its journal is; is it of the same version?")
}

fn position_in(figures: &str) -> Option<u64> {
    let mut lines = figures.lines();
    let value = lines.find_map(|line| line.strip_prefix(POSITION_FIGURE)?.strip_prefix(' '))?;
    value.trim().parse().ok()
}

async fn verify(args: &VerifyArgs) -> anyhow::Result<()> {
    let folder = Folder::open_to_read(&args.folder)?;
    let read = folder.find(args.at.as_deref())?.name;
    let mut check = Check::new(&folder);
    let mut is_sound = true;
    for stored in folder.manifests()? {
        let manifest = match stored.manifest {
            Ok(manifest) => manifest,
            Err(error) => {
                println!("{}: {error:#}", stored.name);
                is_sound = false;
                continue;
            }
        };
        describe(&stored.name, &manifest);
        let mut problems = check.problems(&manifest);
        if problems.is_empty() {
            problems.extend(check.metastore_problem(&manifest).await);
        }
        if problems.is_empty() && stored.name == read {
            let journal = check.read_journal(&manifest)?;
            println!("  {} records in the journal", HumanCount(journal.records));
            problems.extend(journal.damages);
        }
        for problem in &problems {
            println!("  {problem}");
        }
        is_sound &= problems.is_empty();
    }
    if !is_sound {
        bail!(
            "not everything is sound. Remove the objects that are not what was written; the next backup copies \
             them again if they are still there"
        );
    }
    println!("All is sound.");
    Ok(())
}

/// Says in a line what a backup is.
pub(crate) fn describe(name: &str, manifest: &Manifest) {
    let bytes = manifest.files.iter().map(|file| file.bytes()).sum();
    println!(
        "{name}: position {}, {}{}, made at {} by Tacho {}",
        HumanCount(manifest.position),
        HumanBytes(bytes),
        if manifest.has_store { " with the store" } else { "" },
        manifest.made_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        manifest.tacho
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_is_found_among_figures() {
        let figures = "# TYPE tacho_journal_position gauge\ntacho_journal_position_age 3\ntacho_journal_position 48120\n";
        assert_eq!(position_in(figures), Some(48_120));
        assert_eq!(position_in("tacho_journal_position_age 3\n"), None);
    }
}
