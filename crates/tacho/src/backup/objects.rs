//! The bytes of backups, each run of them once, under the name of its checksum.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use super::manifest::{FileEntry, Piece, hex};
use super::{create_file, create_folder, failed, sync_folder};

const BUFFER_BYTES: usize = 256 * 1024;

/// The folder of the objects.
#[derive(Clone, Debug)]
pub(super) struct Objects(PathBuf);

/// Passes bytes on and works out their checksum.
struct Hashing<W> {
    inner: W,
    digest: Sha256,
    bytes: u64,
}

impl<W> Hashing<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            digest: Sha256::new(),
            bytes: 0,
        }
    }

    fn piece(self) -> Piece {
        Piece {
            sha256: hex(&self.digest.finalize()),
            bytes: self.bytes,
        }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Passes up to `bytes` bytes on. What they are.
fn pass(source: &mut impl Read, bytes: u64, to: impl Write) -> io::Result<Piece> {
    let mut to = Hashing::new(to);
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut limited = source.take(bytes);
    loop {
        match limited.read(&mut buffer) {
            Ok(0) => return Ok(to.piece()),
            Ok(count) => to.write_all(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// What a part of a file is.
pub(super) fn hash(file: &mut File, offset: u64, bytes: u64) -> io::Result<Piece> {
    file.seek(SeekFrom::Start(offset))?;
    pass(file, bytes, io::sink())
}

impl Objects {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Removes what a command that was cut off had begun to put here.
    pub(super) fn remove_unfinished(&self) -> anyhow::Result<()> {
        match fs::remove_file(self.unfinished()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&self.0)(error)),
            _ => Ok(()),
        }
    }

    fn unfinished(&self) -> PathBuf {
        self.0.join("unfinished")
    }

    /// Where an object lies.
    pub(super) fn path(&self, piece: &Piece) -> PathBuf {
        self.0.join(&piece.sha256[..2]).join(&piece.sha256)
    }

    /// Whether it is there. It gets its name only when it is whole.
    pub(super) fn has(&self, piece: &Piece) -> bool {
        fs::metadata(self.path(piece)).is_ok_and(|found| found.len() == piece.bytes)
    }

    /// Puts a part of a file here, which must not change meanwhile. Durable only after [`Objects::sync`].
    pub(super) fn put(&self, file: &mut File, offset: u64, piece: &Piece) -> anyhow::Result<()> {
        let path = self.path(piece);
        let unfinished = self.unfinished();
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let mut copy = create_file(&unfinished)?;
        file.seek(SeekFrom::Start(offset)).map_err(failed(&path))?;
        let copied = pass(file, piece.bytes, &mut copy).map_err(failed(&path))?;
        if copied != *piece {
            bail!("a file changed while it was copied; run the command again");
        }
        copy.sync_all().map_err(failed(&path))?;
        fs::rename(&unfinished, &path).map_err(failed(&path))
    }

    /// Makes what was put or removed here durable.
    pub(super) fn sync(&self) -> anyhow::Result<()> {
        for folder in self.shelves()? {
            sync_folder(&folder)?;
        }
        sync_folder(&self.0)
    }

    /// Whether an object holds what its name says.
    pub(super) fn check(&self, piece: &Piece) -> anyhow::Result<()> {
        let path = self.path(piece);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => bail!("{} is missing", path.display()),
            Err(error) => return Err(failed(&path)(error)),
        };
        if hash(&mut file, 0, u64::MAX).map_err(failed(&path))? != *piece {
            bail!("{} is not what was written", path.display());
        }
        Ok(())
    }

    /// Writes a file as it was, and syncs it.
    pub(super) fn write_out(&self, entry: &FileEntry, to: &Path) -> anyhow::Result<()> {
        let mut file = create_file(to)?;
        for piece in &entry.pieces {
            let path = self.path(piece);
            let mut object = File::open(&path).map_err(failed(&path))?;
            let copied = pass(&mut object, u64::MAX, &mut file).map_err(failed(to))?;
            if copied != *piece {
                bail!("{} is not what was written", path.display());
            }
        }
        file.sync_all().map_err(failed(to))
    }

    /// A file as it was.
    pub(super) fn read(&self, entry: &FileEntry) -> anyhow::Result<Box<dyn Read + Send>> {
        let mut whole: Box<dyn Read + Send> = Box::new(io::empty());
        for piece in &entry.pieces {
            let path = self.path(piece);
            let object = File::open(&path).with_context(|| path.display().to_string())?;
            whole = Box::new(whole.chain(object));
        }
        Ok(whole)
    }

    /// All objects.
    pub(super) fn list(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for folder in self.shelves()? {
            found.extend(entries(&folder)?);
        }
        Ok(found)
    }

    fn shelves(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut folders = entries(&self.0)?;
        folders.retain(|path| path.is_dir());
        Ok(folders)
    }
}

/// What lies in a folder.
fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).and_then(|entries| {
        entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<_>>>()
    });
    listed.map_err(failed(folder))
}
