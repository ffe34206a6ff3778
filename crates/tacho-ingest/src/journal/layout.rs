//! Where the journal's files lie and how they are named.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tacho_core::OrganizationId;
use tacho_store::Lsn;

/// The folder of the segments that are not sealed yet.
pub fn active_dir(root: &Path) -> PathBuf {
    root.join("active")
}

/// The folder of an organization's sealed segments.
pub fn sealed_dir(root: &Path, organization: OrganizationId) -> PathBuf {
    root.join("sealed").join(organization.to_string())
}

/// An active segment's file.
pub fn active_path(root: &Path, first: Lsn) -> PathBuf {
    active_dir(root).join(format!("{first:020}.log"))
}

/// A sealed segment's file.
pub fn sealed_path(root: &Path, organization: OrganizationId, first: Lsn, last: Lsn) -> PathBuf {
    sealed_dir(root, organization).join(format!("{first:020}-{last:020}.seg"))
}

/// A sealed segment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SealedSegment {
    /// The first position in it.
    pub first: Lsn,
    /// The last position in it.
    pub last: Lsn,
    /// Its file.
    pub path: PathBuf,
}

fn names(directory: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    entries
        .map(|entry| entry.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())))
        .collect()
}

/// The active segments with their first positions, in order.
pub fn list_active(root: &Path) -> io::Result<Vec<(Lsn, PathBuf)>> {
    let mut found: Vec<(Lsn, PathBuf)> = names(&active_dir(root))?
        .into_iter()
        .filter_map(|(name, path)| Some((name.strip_suffix(".log")?.parse().ok()?, path)))
        .collect();
    found.sort();
    Ok(found)
}

/// An organization's sealed segments, in order.
pub fn list_sealed(root: &Path, organization: OrganizationId) -> io::Result<Vec<SealedSegment>> {
    let mut found: Vec<SealedSegment> = names(&sealed_dir(root, organization))?
        .into_iter()
        .filter_map(|(name, path)| {
            let (first, last) = name.strip_suffix(".seg")?.split_once('-')?;
            Some(SealedSegment {
                first: first.parse().ok()?,
                last: last.parse().ok()?,
                path,
            })
        })
        .collect();
    found.sort();
    Ok(found)
}

/// The organizations that have sealed segments.
pub fn list_organizations(root: &Path) -> io::Result<Vec<OrganizationId>> {
    Ok(names(&root.join("sealed"))?
        .into_iter()
        .filter_map(|(name, _)| name.parse().ok())
        .collect())
}
