//! Where the files of exports lie: a folder for each organization, a file for each export, with another ending until it is
//! whole.

use std::io;
use std::path::{Path, PathBuf};

use tacho_core::OrganizationId;
use tacho_metastore::ExportId;

use super::ExportsError;

/// The ending of a file that is being written.
const PART: &str = "part";

/// The folder.
#[derive(Clone, Debug)]
pub(super) struct Files {
    directory: PathBuf,
}

/// A file in the folder.
#[derive(Clone, Debug)]
pub(super) struct Found {
    path: PathBuf,
    /// Whose it is, if its name says so.
    pub(super) export: Option<ExportId>,
    bytes: u64,
}

impl Files {
    /// Makes the folder if it is not there, readable by its owner alone.
    pub(super) fn open(directory: PathBuf) -> io::Result<Self> {
        make_private(&directory)?;
        Ok(Self { directory })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn folder(&self, organization: OrganizationId) -> PathBuf {
        self.directory.join(organization.to_string())
    }

    pub(super) fn path(&self, organization: OrganizationId, id: ExportId, extension: &str) -> PathBuf {
        self.folder(organization).join(format!("{id}.{extension}"))
    }

    /// Where it is written; its folder is made.
    pub(super) fn part(&self, organization: OrganizationId, id: ExportId) -> io::Result<PathBuf> {
        make_private(&self.folder(organization))?;
        Ok(self.path(organization, id, PART))
    }

    /// All files.
    pub(super) async fn list(&self) -> Result<Vec<Found>, ExportsError> {
        let directory = self.directory.clone();
        blocking(move || list(&directory)).await
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> io::Result<u64> {
        Ok(list(&self.directory)?.iter().map(|file| file.bytes).sum())
    }

    pub(super) async fn remove_file(&self, file: &Found) -> Result<(), ExportsError> {
        let path = file.path.clone();
        blocking(move || gone(std::fs::remove_file(path))).await
    }

    /// Removes what there is of an export, whole or not.
    pub(super) async fn remove(
        &self,
        organization: OrganizationId,
        id: ExportId,
    ) -> Result<(), ExportsError> {
        let folder = self.folder(organization);
        blocking(move || {
            let of_export = |file: &Found| file.export == Some(id);
            for file in list_folder(&folder)?.into_iter().filter(of_export) {
                gone(std::fs::remove_file(file.path))?;
            }
            Ok(())
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ExportsError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|_| ExportsError::Lost)??)
}

/// It is as well if it was gone before.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(directory)
}

fn list(directory: &Path) -> io::Result<Vec<Found>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(list_folder(&entry.path())?);
        }
    }
    Ok(files)
}

fn list_folder(folder: &Path) -> io::Result<Vec<Found>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        // Gone since it was listed, perhaps.
        let Ok(metadata) = entry.metadata() else { continue };
        let name = entry.file_name();
        let stem = name.to_str().and_then(|name| name.split('.').next());
        files.push(Found {
            path: entry.path(),
            export: stem.and_then(|stem| stem.parse().ok()),
            bytes: metadata.len(),
        });
    }
    Ok(files)
}
