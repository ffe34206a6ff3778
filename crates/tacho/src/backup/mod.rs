//! Backups: a folder that holds what a data directory needs to be made again, for several moments.
//!
//! ```text
//! objects/<ab>/<SHA-256>       bytes of files: once, whichever backups need them; never changed
//! manifests/<number>-<time>    a backup: which file is made of which objects, up to which position
//! lock                         held while the folder is written to
//! ```
//! A manifest is written last. What a backup that was cut off has brought is found by the next one, and needed by none until then.
//!
//! What is taken: the journal, which is the truth, and people and configuration. The store is made of the journal again, so
//! it is only taken if asked for, and then of a server that does not run.

mod copy;
mod folder;
mod manifest;
mod objects;
mod target;
mod verify;

pub(crate) use copy::back_up;
pub(crate) use folder::Folder;
pub(crate) use manifest::Manifest;
pub(crate) use target::Target;
pub(crate) use verify::Check;

use std::fs::File;
use std::io;
use std::path::Path;

/// An error with the file that it happened to, in words that say what to do where that is known.
fn failed(path: &Path) -> impl FnOnce(io::Error) -> anyhow::Error {
    let path = path.display().to_string();
    move |error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            anyhow::anyhow!(
                "no room left for {path}; make room and run the command again, it goes on from there"
            )
        }
        _ => anyhow::Error::new(error).context(path),
    }
}

/// Makes what was created, renamed or removed in a folder durable.
fn sync_folder(path: &Path) -> anyhow::Result<()> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(failed(path))
}

/// Makes a folder that only its owner may enter, and those above it.
fn create_folder(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(failed(path))
}

/// Makes a file that only its owner may read; empty, if it was there.
fn create_file(path: &Path) -> anyhow::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(failed(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_what_to_do() {
        let told = failed(Path::new("/backups/tacho"))(io::ErrorKind::StorageFull.into()).to_string();
        assert!(
            told.contains("/backups/tacho") && told.contains("make room"),
            "{told}"
        );
        let told = format!(
            "{:#}",
            failed(Path::new("/x"))(io::ErrorKind::PermissionDenied.into())
        );
        assert_eq!(told, "/x: permission denied");
    }
}
