//! A run: entries sorted by fingerprint in a file, never changed once written.
//!
//! ```text
//! magic [8] · covered LSN u64 · entries u64 · filter bytes u64 · replaced runs u64 · CRC u32 of all before the blocks
//! numbers of the replaced runs u64… · filter · directory: { first fingerprint u64 · CRC of the block u32 } per block
//! blocks of 256 entries: { fingerprint u64 · place u64 }
//! ```
//! Filter and directory are kept in memory (12 bits an entry); a look-up that passes the filter reads one block. A run's
//! name is its number; it says which runs it was merged from, so that those which a crash left behind are known.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use tacho_store::Lsn;

use super::Place;
use super::bloom::Bloom;

const MAGIC: &[u8; 8] = b"TACHOI02";
const HEAD_BYTES: usize = 44;
const CRC_AT: usize = 40;
const BLOCK_ENTRIES: usize = 256;
const ENTRY_BYTES: usize = 16;
const DIRECTORY_BYTES: usize = 12;

/// An open run.
#[derive(Debug)]
pub(super) struct Run {
    path: PathBuf,
    file: File,
    number: u64,
    /// The runs that it was merged from.
    replaced: Vec<u64>,
    covered_lsn: Lsn,
    count: u64,
    filter: Bloom,
    /// The first fingerprint of each block, and the block's checksum.
    directory: Vec<(u64, u32)>,
    blocks_at: u64,
}

fn head_bytes(covered_lsn: Lsn, count: u64, filter_bytes: u64, replaced: u64) -> [u8; HEAD_BYTES] {
    let mut bytes = [0u8; HEAD_BYTES];
    bytes[0..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&covered_lsn.to_le_bytes());
    bytes[16..24].copy_from_slice(&count.to_le_bytes());
    bytes[24..32].copy_from_slice(&filter_bytes.to_le_bytes());
    bytes[32..40].copy_from_slice(&replaced.to_le_bytes());
    bytes
}

fn number(bytes: &[u8], at: usize) -> u64 {
    let mut part = [0u8; 8];
    part.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(part)
}

fn damaged(path: &Path) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{} is damaged", path.display()),
    )
}

impl Run {
    /// Writes sorted entries. `count` must be how many there are. `replaced` are the numbers of the runs that they were
    /// merged from.
    pub(super) fn write(
        directory: &Path,
        run_number: u64,
        replaced: Vec<u64>,
        covered_lsn: Lsn,
        count: u64,
        entries: impl Iterator<Item = io::Result<(u64, u64)>>,
    ) -> io::Result<Run> {
        let folder = directory;
        let path = &folder.join(format!("{run_number:020}.run"));
        // The blocks come last in the file but are known first, so they go through a file of their own.
        let blocks_path = path.with_extension("blocks.tmp");
        let mut blocks = BufWriter::new(File::create(&blocks_path)?);
        let mut filter = Bloom::with_capacity(count);
        let mut directory = Vec::new();
        let mut block = Vec::with_capacity(BLOCK_ENTRIES * ENTRY_BYTES);
        let mut finish_block = |block: &mut Vec<u8>| -> io::Result<()> {
            if !block.is_empty() {
                directory.push((number(block, 0), crc32fast::hash(block)));
                blocks.write_all(block)?;
                block.clear();
            }
            Ok(())
        };
        for entry in entries {
            let (fingerprint, place) = entry?;
            filter.insert(fingerprint);
            block.extend_from_slice(&fingerprint.to_le_bytes());
            block.extend_from_slice(&place.to_le_bytes());
            if block.len() == BLOCK_ENTRIES * ENTRY_BYTES {
                finish_block(&mut block)?;
            }
        }
        finish_block(&mut block)?;
        blocks.flush()?;

        let filter_bytes = filter.to_bytes();
        let mut front = head_bytes(
            covered_lsn,
            count,
            filter_bytes.len() as u64,
            replaced.len() as u64,
        )
        .to_vec();
        front.extend(replaced.iter().flat_map(|number| number.to_le_bytes()));
        front.extend_from_slice(&filter_bytes);
        for (first, crc) in &directory {
            front.extend_from_slice(&first.to_le_bytes());
            front.extend_from_slice(&crc.to_le_bytes());
        }
        let crc = crc32fast::hash(&front).to_le_bytes();
        front[CRC_AT..HEAD_BYTES].copy_from_slice(&crc);
        let temporary = path.with_extension("tmp");
        let mut file = BufWriter::new(File::create(&temporary)?);
        file.write_all(&front)?;
        io::copy(&mut File::open(&blocks_path)?, &mut file)?;
        file.flush()?;
        file.get_ref().sync_all()?;
        fs::rename(&temporary, path)?;
        fs::remove_file(&blocks_path)?;
        // Before what it replaces is removed.
        File::open(folder)?.sync_all()?;
        Ok(Run {
            path: path.to_owned(),
            file: File::open(path)?,
            number: run_number,
            replaced,
            covered_lsn,
            count,
            filter,
            directory,
            blocks_at: front.len() as u64,
        })
    }

    /// Opens a run. `None` if it is not whole.
    pub(super) fn open(path: &Path) -> io::Result<Option<Run>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut head = [0u8; HEAD_BYTES];
        if length < HEAD_BYTES as u64 {
            return Ok(None);
        }
        file.read_exact(&mut head)?;
        let Some(run_number) = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok()) else {
            return Ok(None);
        };
        let (covered_lsn, count) = (number(&head, 8), number(&head, 16));
        let (filter_bytes, replaced_count) = (number(&head, 24), number(&head, 32));
        let blocks = count.div_ceil(BLOCK_ENTRIES as u64);
        let expected = count
            .checked_mul(ENTRY_BYTES as u64)
            .and_then(|bytes| bytes.checked_add(blocks.checked_mul(DIRECTORY_BYTES as u64)?))
            .and_then(|bytes| bytes.checked_add(replaced_count.checked_mul(8)?))
            .and_then(|bytes| bytes.checked_add(filter_bytes)?.checked_add(HEAD_BYTES as u64));
        if !head.starts_with(MAGIC) || expected != Some(length) {
            return Ok(None);
        }
        let mut rest =
            vec![0u8; (replaced_count * 8 + filter_bytes + blocks * DIRECTORY_BYTES as u64) as usize];
        file.read_exact(&mut rest)?;
        let mut checked = crc32fast::Hasher::new();
        checked.update(&head[..CRC_AT]);
        checked.update(&[0; 4]);
        checked.update(&rest);
        if checked.finalize().to_le_bytes() != head[CRC_AT..] {
            return Ok(None);
        }
        let (replaced, rest_bytes) = rest.split_at(replaced_count as usize * 8);
        let replaced = replaced
            .as_chunks::<8>()
            .0
            .iter()
            .map(|number| u64::from_le_bytes(*number))
            .collect();
        let (filter, directory) = rest_bytes.split_at(filter_bytes as usize);
        let Some(filter) = Bloom::from_bytes(filter) else {
            return Ok(None);
        };
        let directory = directory
            .as_chunks::<DIRECTORY_BYTES>()
            .0
            .iter()
            .map(|entry| {
                (
                    number(entry, 0),
                    u32::from_le_bytes([entry[8], entry[9], entry[10], entry[11]]),
                )
            })
            .collect();
        let blocks_at = (HEAD_BYTES + rest.len()) as u64;
        Ok(Some(Run {
            path: path.to_owned(),
            file,
            number: run_number,
            replaced,
            covered_lsn,
            count,
            filter,
            directory,
            blocks_at,
        }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn replaced(&self) -> &[u64] {
        &self.replaced
    }

    pub(super) fn covered_lsn(&self) -> Lsn {
        self.covered_lsn
    }

    /// How many entries it has.
    pub(super) fn len(&self) -> u64 {
        self.count
    }

    /// Appends the places of a fingerprint.
    pub(super) fn look_up(&self, fingerprint: u64, places: &mut Vec<Place>) -> io::Result<()> {
        if !self.filter.may_contain(fingerprint) {
            return Ok(());
        }
        let after = self.directory.partition_point(|(first, _)| *first < fingerprint);
        for index in after.saturating_sub(1)..self.directory.len() {
            let (first, crc) = self.directory[index];
            if first > fingerprint {
                break;
            }
            let entries = (self.count - (index * BLOCK_ENTRIES) as u64).min(BLOCK_ENTRIES as u64) as usize;
            let mut block = vec![0u8; entries * ENTRY_BYTES];
            self.file.read_exact_at(
                &mut block,
                self.blocks_at + (index * BLOCK_ENTRIES * ENTRY_BYTES) as u64,
            )?;
            if crc32fast::hash(&block) != crc {
                return Err(damaged(&self.path));
            }
            for entry in block.as_chunks::<ENTRY_BYTES>().0 {
                if number(entry, 0) == fingerprint {
                    places.push(Place(number(entry, 8)));
                }
            }
        }
        Ok(())
    }
}

/// All entries of a run file, in order.
pub(super) fn entries(path: &Path) -> io::Result<impl Iterator<Item = io::Result<(u64, u64)>> + use<>> {
    let run = Run::open(path)?.ok_or_else(|| damaged(path))?;
    let (path, blocks_at, directory) = (run.path, run.blocks_at, run.directory);
    let mut source = BufReader::with_capacity(1024 * 1024, run.file);
    io::Seek::seek(&mut source, io::SeekFrom::Start(blocks_at))?;
    let mut left = run.count;
    let mut index = 0;
    let mut block: std::vec::IntoIter<(u64, u64)> = Vec::new().into_iter();
    Ok(std::iter::from_fn(move || {
        if let Some(entry) = block.next() {
            return Some(Ok(entry));
        }
        if left == 0 {
            return None;
        }
        let count = left.min(BLOCK_ENTRIES as u64) as usize;
        let mut bytes = vec![0u8; count * ENTRY_BYTES];
        if let Err(error) = source.read_exact(&mut bytes) {
            left = 0;
            return Some(Err(error));
        }
        if directory
            .get(index)
            .is_none_or(|(_, crc)| crc32fast::hash(&bytes) != *crc)
        {
            left = 0;
            return Some(Err(damaged(&path)));
        }
        left -= count as u64;
        index += 1;
        let entries: Vec<(u64, u64)> = bytes
            .as_chunks::<ENTRY_BYTES>()
            .0
            .iter()
            .map(|entry| (number(entry, 0), number(entry, 8)))
            .collect();
        block = entries.into_iter();
        block.next().map(Ok)
    }))
}

/// Several sorted sources as one.
pub(super) fn merge<S: Iterator<Item = io::Result<(u64, u64)>>>(
    mut sources: Vec<S>,
) -> impl Iterator<Item = io::Result<(u64, u64)>> {
    let mut heads: Vec<Option<io::Result<(u64, u64)>>> = sources.iter_mut().map(Iterator::next).collect();
    std::iter::from_fn(move || {
        // At most a handful of sources: a scan is quicker than a heap.
        let least = heads
            .iter()
            .enumerate()
            .filter_map(|(at, head)| {
                head.as_ref()
                    .map(|head| (at, head.as_ref().map_or((0, 0), |entry| *entry)))
            })
            .min_by_key(|(_, entry)| *entry)
            .map(|(at, _)| at)?;
        let next = sources[least].next();
        std::mem::replace(&mut heads[least], next)
    })
}
