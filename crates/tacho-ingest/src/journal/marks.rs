//! Marks: up to which position any were ever given, kept beside the segments.
//!
//! Positions are never given twice, also not when the end of the journal is lost to a damaged disk: the store may know
//! them, and would take what comes under them for something that it has. So a stretch of positions is reserved, durably,
//! before the first of it is given. After a crash the journal goes on behind the stretch; after a regular close, where the
//! last position given is marked itself, it goes on without a hole, and a journal that ends before it is known to be damaged.
//!
//! ```text
//! journal/positions    { position u64 · is exact u32 · CRC u32 of the twelve bytes before }…, little-endian
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tacho_fail::{Point, reach};
use tacho_store::Lsn;

use super::disk::DiskFile;
use super::reader::Damage;

/// Positions that are reserved at a time: what a crash may leave out.
const RESERVED_COUNT: u64 = 1 << 18;
const ENTRY_BYTES: usize = 16;

/// The marks' file.
pub fn marks_path(root: &Path) -> PathBuf {
    root.join("positions")
}

/// What the marks say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// No position above it was given.
    pub lsn: Lsn,
    /// Whether it was given itself.
    pub is_exact: bool,
}

impl Mark {
    fn encode(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0u8; ENTRY_BYTES];
        bytes[0..8].copy_from_slice(&self.lsn.to_le_bytes());
        bytes[8..12].copy_from_slice(&u32::from(self.is_exact).to_le_bytes());
        let crc = crc32fast::hash(&bytes[..12]);
        bytes[12..16].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8; ENTRY_BYTES]) -> Option<Mark> {
        let mut lsn = [0u8; 8];
        lsn.copy_from_slice(&bytes[0..8]);
        let mark = Mark {
            lsn: u64::from_le_bytes(lsn),
            is_exact: bytes[8] == 1,
        };
        (mark.encode() == *bytes).then_some(mark)
    }
}

/// Reads the marks. A file that is not there says nothing. Damage is added to `damages`.
///
/// # Errors
/// If the file cannot be read.
pub fn read(root: &Path, damages: &mut Vec<Damage>) -> io::Result<Mark> {
    let path = marks_path(root);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Mark::default()),
        Err(error) => return Err(error),
    };
    let (entries, rest) = bytes.as_chunks::<ENTRY_BYTES>();
    let mut mark = Mark::default();
    let mut damaged_at = (!rest.is_empty()).then(|| bytes.len() - rest.len());
    for (at, entry) in entries.iter().enumerate() {
        match Mark::decode(entry) {
            Some(entry) => mark = entry,
            None => {
                damaged_at = Some(at * ENTRY_BYTES);
                mark.is_exact = false;
            }
        }
    }
    if let Some(offset) = damaged_at {
        mark.is_exact = false;
        damages.push(Damage {
            path,
            offset: offset as u64,
            reason: "a mark of the positions given is not whole",
        });
    }
    Ok(mark)
}

/// Replaces the file by one that holds a single mark.
///
/// # Errors
/// If it cannot be written.
pub fn rewrite(root: &Path, mark: Mark) -> io::Result<()> {
    let path = marks_path(root);
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(&mark.encode())?;
    file.sync_all()?;
    fs::rename(&temporary, &path)?;
    File::open(root)?.sync_all()
}

/// The marks of a journal that is being written.
pub struct Marks {
    file: Box<dyn DiskFile>,
    length: u64,
    reserved: Lsn,
}

impl Marks {
    /// Goes on after what [`rewrite`] wrote.
    pub fn new(file: Box<dyn DiskFile>, reserved: Lsn) -> Self {
        Self {
            file,
            length: ENTRY_BYTES as u64,
            reserved,
        }
    }

    /// Makes sure that positions up to `last` are reserved durably.
    ///
    /// # Errors
    /// If they could not be; none of them may be given then.
    pub fn reserve(&mut self, last: Lsn) -> io::Result<()> {
        if last <= self.reserved {
            return Ok(());
        }
        let mark = Mark {
            lsn: last + RESERVED_COUNT,
            is_exact: false,
        };
        self.write(mark)?;
        self.reserved = mark.lsn;
        Ok(())
    }

    /// Says that `last` was the last one given.
    ///
    /// # Errors
    /// If it could not be written, in which case the next start leaves some positions out.
    pub fn close(mut self, last: Lsn) -> io::Result<()> {
        self.write(Mark {
            lsn: last,
            is_exact: true,
        })
    }

    fn write(&mut self, mark: Mark) -> io::Result<()> {
        let written = reach(Point::JournalReserve).and_then(|()| self.file.append(&mark.encode()));
        if let Err(error) = written {
            // Half a mark must not stay before the next one.
            self.file.truncate(self.length)?;
            return Err(error);
        }
        self.length += ENTRY_BYTES as u64;
        // Of another kind than a write without room: that may be tried again, and a sync never.
        self.file
            .sync()
            .map_err(|error| io::Error::other(format!("a sync failed: {error}")))
    }
}
