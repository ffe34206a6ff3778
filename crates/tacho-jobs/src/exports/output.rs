//! Where the bytes of an export go: a file, packed or not, within bounds.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use flate2::write::GzEncoder;

use super::{Compression, Running};

/// Bytes between two looks at the disk. So many are written to it at once at most, so that the journal need not wait long for
/// its turn.
const CHECK_EVERY_BYTES: u64 = 16 * 1024 * 1024;
const BUFFER_BYTES: usize = 256 * 1024;

/// Why no more is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("exports would take up more room than they may; remove some that are done, or export less")]
    TooManyBytes,
    #[error("the disk is nearly full")]
    DiskFull,
}

/// How much room there is.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub(super) directory: PathBuf,
    /// Bytes that the file may have, as of its beginning.
    pub(super) bytes_max: u64,
    /// Free bytes of the disk that must stay.
    pub(super) reserve_bytes: u64,
}

/// A file that counts what is written to it and looks for room.
struct Bounded {
    file: File,
    room: Room,
    running: Arc<Running>,
    written: u64,
    checked_at: u64,
}

impl Bounded {
    fn check(&mut self) -> io::Result<()> {
        self.checked_at = self.written;
        self.file.sync_data()?;
        match fs4::available_space(&self.room.directory)? < self.room.reserve_bytes {
            true => Err(io::Error::other(Refusal::DiskFull)),
            false => Ok(()),
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.written += written as u64;
        self.running.bytes.store(self.written, Ordering::Release);
        if self.written > self.room.bytes_max {
            return Err(io::Error::other(Refusal::TooManyBytes));
        }
        if self.written - self.checked_at >= CHECK_EVERY_BYTES {
            self.check()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The file of an export.
pub(super) enum Output {
    Plain(Box<OutputFile>),
    Gzip(Box<GzEncoder<OutputFile>>),
}

/// A file with a buffer before it.
pub(super) struct OutputFile(BufWriter<Bounded>);

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Output {
    pub(super) fn new(
        file: File,
        compression: Compression,
        room: Room,
        running: Arc<Running>,
    ) -> io::Result<Self> {
        let mut bounded = Bounded {
            file,
            room,
            running,
            written: 0,
            checked_at: 0,
        };
        bounded.check()?;
        let file = OutputFile(BufWriter::with_capacity(BUFFER_BYTES, bounded));
        Ok(match compression {
            Compression::None => Output::Plain(Box::new(file)),
            Compression::Gzip => Output::Gzip(Box::new(GzEncoder::new(file, flate2::Compression::fast()))),
        })
    }

    /// Has everything on the disk. Returns how many bytes there are.
    pub(super) fn finish(self) -> io::Result<u64> {
        let mut file = match self {
            Output::Plain(file) => *file,
            Output::Gzip(encoder) => encoder.finish()?,
        };
        file.0.flush()?;
        let bounded = file.0.get_mut();
        bounded.file.sync_all()?;
        Ok(bounded.written)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Plain(file) => file.write(bytes),
            Output::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Plain(file) => file.flush(),
            Output::Gzip(encoder) => encoder.flush(),
        }
    }
}
