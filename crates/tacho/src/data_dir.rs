//! What lies where in the data directory.

use std::path::{Path, PathBuf};

/// The data directory.
#[derive(Clone, Debug)]
pub(crate) struct DataDir(pub(crate) PathBuf);

impl DataDir {
    /// People and configuration.
    pub(crate) fn metastore(&self) -> PathBuf {
        self.0.join("tacho.sqlite")
    }

    /// The store files.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    /// The journal.
    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join("journal")
    }

    /// The index of what the store has, made from it.
    pub(crate) fn identity(&self) -> PathBuf {
        self.0.join("identity")
    }

    /// A restore that has not ended, or was cut off.
    pub(crate) fn unfinished_restore(&self) -> PathBuf {
        self.0.join("restoring")
    }

    /// The files of exports.
    pub(crate) fn exports(&self) -> PathBuf {
        self.0.join("exports")
    }

    /// How to reach the server that uses this directory, while one does.
    pub(crate) fn server_file(&self) -> PathBuf {
        self.0.join("server.json")
    }

    /// How to sign in to the demo organization.
    pub(crate) fn demo_file(&self) -> PathBuf {
        self.0.join("demo.json")
    }

    /// Makes it, readable by its owner alone: it holds everything that the organizations sent.
    pub(crate) fn create(&self) -> std::io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        if self.0.is_dir() {
            return Ok(());
        }
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)?;
        // Or a power cut could take it away with everything in it. A folder that may not be read cannot be synced.
        let absolute = std::path::absolute(&self.0)?;
        match absolute.parent().map(std::fs::File::open) {
            Some(Ok(parent)) => parent.sync_all(),
            _ => Ok(()),
        }
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let fresh = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(fresh, path)
}
