//! `tacho restore`: makes a data directory from a backup. The server builds the store from the journal when it starts.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use indicatif::HumanCount;

use crate::backup::{Check, Folder, Target};
use crate::commands::backup::describe;
use crate::data_dir::DataDir;
use crate::settings::Settings;

/// Flags of `tacho restore`.
#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// The folder of the backups
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// Which of them, by its name or how that begins; the newest if left out
    #[arg(long, value_name = "BACKUP")]
    at: Option<String>,
}

/// `tacho restore`
pub(crate) async fn restore(settings: &Settings, args: RestoreArgs) -> anyhow::Result<()> {
    let folder = Folder::open_to_read(&args.from)?;
    let stored = folder.find(args.at.as_deref())?;
    let manifest = stored.manifest?;
    describe(&stored.name, &manifest);
    let target = Target::begin(&DataDir(settings.data_dir.clone()))?;
    let mut check = Check::new(&folder);
    let mut problems = check.problems(&manifest);
    if problems.is_empty() {
        problems.extend(check.metastore_problem(&manifest).await);
    }
    if !problems.is_empty() {
        target.give_up();
        bail!(
            "nothing was restored, because this backup is not sound; try an older one with --at:\n  {}",
            problems.join("\n  ")
        );
    }
    let journal = check.read_journal(&manifest)?;
    for damage in &journal.damages {
        eprintln!("the journal was damaged when it was backed up; what can be read is restored: {damage}");
    }
    target.fill(&folder, &manifest)?;
    target.finish()?;
    println!(
        "Restored {} records up to position {} into {}.",
        HumanCount(journal.records),
        HumanCount(manifest.position),
        settings.data_dir.display()
    );
    match manifest.has_store {
        true => println!("Start the server; the store is there."),
        false => println!("Start the server; it builds the store from the journal."),
    }
    Ok(())
}
