//! What a backup consists of.

use std::path::{Component, Path};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tacho_core::OrganizationId;

/// The version of manifests and objects that this Tacho writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// A run of bytes, an object of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Piece {
    /// Their SHA-256 in hexadecimal, which is the object's name.
    pub(crate) sha256: String,
    /// How many.
    pub(crate) bytes: u64,
}

/// A file of the data directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    /// Its path there, with `/`.
    pub(crate) path: String,
    /// When it was changed last, in nanoseconds since 1970. None of files that grow or were copied in another way.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) modified_ns: Option<u64>,
    /// One after the other they are the file.
    pub(crate) pieces: Vec<Piece>,
}

impl FileEntry {
    /// Bytes of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.bytes).sum()
    }
}

/// An organization, and up to where its records are in the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrganizationEntry {
    pub(crate) id: OrganizationId,
    pub(crate) name: String,
    /// The position of its last record; 0 if it has none.
    pub(crate) position: u64,
}

/// A backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    /// The version of Tacho that made it.
    pub(crate) tacho: String,
    pub(crate) made_at: jiff::Timestamp,
    /// Every record up to this position of the journal is in it.
    pub(crate) position: u64,
    /// No position above it had been given; what is restored goes on behind it.
    pub(crate) given: u64,
    pub(crate) organizations: Vec<OrganizationEntry>,
    /// Whether the store is in it.
    pub(crate) has_store: bool,
    pub(crate) files: Vec<FileEntry>,
}

/// A manifest as it lies in its file.
#[derive(Serialize, Deserialize)]
struct Envelope {
    /// Of the manifest's text.
    sha256: String,
    manifest: Box<RawValue>,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
    tacho: String,
}

impl Manifest {
    /// One without files yet, of this version and that moment.
    pub(crate) fn begun_at(made_at: jiff::Timestamp) -> Self {
        Self {
            format: FORMAT,
            tacho: env!("CARGO_PKG_VERSION").into(),
            made_at,
            position: 0,
            given: 0,
            organizations: Vec::new(),
            has_store: false,
            files: Vec::new(),
        }
    }

    pub(super) fn encode(&self) -> anyhow::Result<Vec<u8>> {
        let manifest = RawValue::from_string(serde_json::to_string_pretty(self)?)?;
        let sha256 = hex(&Sha256::digest(manifest.get()));
        Ok(serde_json::to_vec(&Envelope { sha256, manifest })?)
    }

    /// Reads one. What it says is what was written, and no path in it leads out of a data directory.
    pub(super) fn decode(text: &[u8]) -> anyhow::Result<Self> {
        let changed = "the manifest was changed or cut off after it was written";
        let Envelope { sha256, manifest } = serde_json::from_slice(text).context(changed)?;
        if sha256 != hex(&Sha256::digest(manifest.get())) {
            bail!(changed);
        }
        let Format { format, tacho } = serde_json::from_str(manifest.get()).context(changed)?;
        if format > FORMAT {
            bail!(
                "it was made by Tacho {tacho}, whose backups this version cannot read; use that version or a later one"
            );
        }
        let manifest: Self = serde_json::from_str(manifest.get()).context("the manifest cannot be read")?;
        for file in &manifest.files {
            let is_inside = |part| matches!(part, Component::Normal(_));
            let names_objects = |piece: &Piece| {
                piece.sha256.len() == 64 && piece.sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
            };
            if !Path::new(&file.path).components().all(is_inside) || !file.pieces.iter().all(names_objects) {
                bail!(
                    "the manifest names what is no file of a data directory: {}",
                    file.path
                );
            }
        }
        Ok(manifest)
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let pieces = vec![Piece {
            sha256: "0".repeat(64),
            bytes: 7,
        }];
        let file = FileEntry {
            path: "journal/active/1.log".into(),
            modified_ns: None,
            pieces,
        };
        Manifest {
            files: vec![file],
            ..Manifest::begun_at(jiff::Timestamp::UNIX_EPOCH)
        }
    }

    #[test]
    fn what_was_written_is_read_and_any_change_is_noticed() {
        let text = manifest().encode().unwrap();
        assert_eq!(Manifest::decode(&text).unwrap(), manifest());
        for at in 0..text.len() {
            let mut changed = text.clone();
            changed[at] ^= 1;
            assert!(Manifest::decode(&changed).is_err(), "at {at}");
            assert!(Manifest::decode(&text[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_newer_format_is_told_with_the_version_that_reads_it() {
        let newer = Manifest {
            format: FORMAT + 1,
            tacho: "9.1.0".into(),
            ..manifest()
        };
        let told = Manifest::decode(&newer.encode().unwrap())
            .unwrap_err()
            .to_string();
        assert!(told.contains("Tacho 9.1.0"), "{told}");
    }

    #[test]
    fn no_path_leads_out_of_the_data_directory() {
        for path in ["../passwd", "/etc/passwd", "journal/../../x"] {
            let mut manifest = manifest();
            manifest.files[0].path = path.into();
            assert!(Manifest::decode(&manifest.encode().unwrap()).is_err(), "{path}");
        }
    }
}
