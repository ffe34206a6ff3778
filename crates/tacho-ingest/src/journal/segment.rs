//! The two kinds of segment file, read frame by frame.
//!
//! An active segment is a head and frames. A sealed segment is a head and blocks: compressed runs of frames, each with its
//! own length and checksum, so that damage costs one block.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use tacho_store::Lsn;

use super::frame::{Frame, FrameKind, HEAD_BYTES, Head};

/// The head of an active segment: magic, the position at which it begins, the last one before it, CRC of both, 0 u32.
pub const ACTIVE_HEAD_BYTES: usize = 32;
const ACTIVE_MAGIC: &[u8; 8] = b"TACHOJ01";
/// What a sealed segment begins with.
pub const SEALED_MAGIC: &[u8; 8] = b"TACHOS01";
/// Uncompressed bytes after which a block of a sealed segment ends.
pub const BLOCK_BYTES: usize = 1024 * 1024;
/// Bytes that a block may have uncompressed: a full one and one frame.
const BLOCK_BYTES_MAX: usize = super::frame::BODY_BYTES_MAX + BLOCK_BYTES;
/// Length, checksum and uncompressed length of a block, then the checksum of these three.
pub const BLOCK_HEAD_BYTES: usize = 16;

/// The head of an active segment. `previous` is the last position before it, 0 if there is none.
pub fn active_head(first: Lsn, previous: Lsn) -> [u8; ACTIVE_HEAD_BYTES] {
    let mut bytes = [0u8; ACTIVE_HEAD_BYTES];
    bytes[0..8].copy_from_slice(ACTIVE_MAGIC);
    bytes[8..16].copy_from_slice(&first.to_le_bytes());
    bytes[16..24].copy_from_slice(&previous.to_le_bytes());
    let crc = crc32fast::hash(&bytes[8..24]);
    bytes[24..28].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// The last position before the segment, from its head. `None` if the head is damaged.
fn previous_of(head: &[u8; ACTIVE_HEAD_BYTES]) -> Option<Lsn> {
    let number = |at: usize| {
        let mut part = [0u8; 8];
        part.copy_from_slice(&head[at..at + 8]);
        u64::from_le_bytes(part)
    };
    (active_head(number(8), number(16)) == *head).then(|| number(16))
}

/// The head of a block of a sealed segment.
pub fn block_head(compressed: &[u8], plain_length: usize) -> [u8; BLOCK_HEAD_BYTES] {
    let mut bytes = [0u8; BLOCK_HEAD_BYTES];
    bytes[0..4].copy_from_slice(&(compressed.len() as u32).to_le_bytes());
    bytes[4..8].copy_from_slice(&crc32fast::hash(compressed).to_le_bytes());
    bytes[8..12].copy_from_slice(&(plain_length as u32).to_le_bytes());
    let crc = crc32fast::hash(&bytes[..12]);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// What reading a segment meets.
#[derive(Debug, PartialEq, Eq)]
pub enum Item {
    /// A whole frame that begins at that offset of the file (of the uncompressed block, if sealed).
    Frame(Frame, u64),
    /// A part that is not whole but could be stepped over.
    Skipped {
        /// Where it begins.
        offset: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// From here on nothing can be read.
    Broken {
        /// Where.
        offset: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// The regular end, at that offset.
    End(u64),
}

/// As many bytes as there are, up to the length of `bytes`.
fn read_full(source: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match source.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads frames from anything that gives their bytes.
struct FrameSource<R> {
    source: R,
    offset: u64,
    last_lsn: Lsn,
}

impl<R: Read> FrameSource<R> {
    fn next(&mut self) -> io::Result<Item> {
        let offset = self.offset;
        let mut head_bytes = [0u8; HEAD_BYTES];
        match read_full(&mut self.source, &mut head_bytes)? {
            0 => return Ok(Item::End(offset)),
            HEAD_BYTES => {}
            _ => {
                return Ok(Item::Broken {
                    offset,
                    reason: "a frame's head ends early",
                });
            }
        }
        let Some(head) = Head::decode(&head_bytes) else {
            return Ok(Item::Broken {
                offset,
                reason: "a frame's head is damaged",
            });
        };
        if head.first_lsn <= self.last_lsn {
            return Ok(Item::Broken {
                offset,
                reason: "a frame's position runs backwards",
            });
        }
        // Read through `take`, so that a length from a damaged head cannot reserve memory that the file does not fill.
        let mut body = Vec::new();
        (&mut self.source)
            .take(u64::from(head.body_length))
            .read_to_end(&mut body)?;
        if body.len() != head.body_length as usize {
            return Ok(Item::Broken {
                offset,
                reason: "a frame's body ends early",
            });
        }
        self.offset += (HEAD_BYTES + body.len()) as u64;
        self.last_lsn = head.last_lsn();
        if crc32fast::hash(&body) != head.body_crc {
            return Ok(Item::Skipped {
                offset,
                reason: "a frame's body is damaged",
            });
        }
        if head.kind != FrameKind::Records as u8 {
            return Ok(Item::Skipped {
                offset,
                reason: "a frame is of a kind that this version does not know",
            });
        }
        let frame = Frame {
            organization: head.organization,
            first_lsn: head.first_lsn,
            count: head.count,
            received_at: head.received_at,
            kind: FrameKind::Records,
            body,
        };
        Ok(Item::Frame(frame, offset))
    }
}

/// Where the bytes of a segment come from: a file, or several that are one.
pub type Source = Box<dyn Read + Send>;

/// Reads an active segment.
pub struct ActiveReader {
    frames: Option<FrameSource<BufReader<Source>>>,
    previous: Option<Lsn>,
    is_done: bool,
}

impl ActiveReader {
    /// Opens the file. A head that is not whole shows as [`Item::Broken`] at the first [`ActiveReader::next_item`].
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::new(Box::new(File::open(path)?))
    }

    /// [`ActiveReader::open`] of bytes from elsewhere.
    pub fn new(source: Source) -> io::Result<Self> {
        let mut source = BufReader::with_capacity(256 * 1024, source);
        let mut head = [0u8; ACTIVE_HEAD_BYTES];
        let filled = read_full(&mut source, &mut head)?;
        let previous = if filled == ACTIVE_HEAD_BYTES {
            previous_of(&head)
        } else {
            None
        };
        let frames = previous.map(|_| FrameSource {
            source,
            offset: ACTIVE_HEAD_BYTES as u64,
            last_lsn: 0,
        });
        Ok(Self {
            frames,
            previous,
            is_done: false,
        })
    }

    /// The last position before the segment. `None` if its head is damaged.
    pub fn previous(&self) -> Option<Lsn> {
        self.previous
    }

    /// The last position met so far, in damaged frames too; 0 before the first.
    pub fn last_lsn(&self) -> Lsn {
        self.frames.as_ref().map_or(0, |frames| frames.last_lsn)
    }

    /// Where the next frame begins.
    pub fn offset(&self) -> u64 {
        self.frames.as_ref().map_or(0, |frames| frames.offset)
    }

    /// What comes next; `None` after the end or after what cannot be read past.
    pub fn next_item(&mut self) -> io::Result<Option<Item>> {
        if self.is_done {
            return Ok(None);
        }
        let item = match &mut self.frames {
            Some(frames) => frames.next()?,
            None => Item::Broken {
                offset: 0,
                reason: "the segment's head is damaged",
            },
        };
        self.is_done = matches!(item, Item::Broken { .. } | Item::End(_));
        Ok(Some(item))
    }
}

/// Reads a sealed segment.
pub struct SealedReader {
    source: Option<BufReader<Source>>,
    offset: u64,
    last_lsn: Lsn,
    block: Option<FrameSource<io::Cursor<Vec<u8>>>>,
    is_done: bool,
}

impl SealedReader {
    /// Opens the file. A head that is not whole shows as [`Item::Broken`] at the first [`SealedReader::next_item`].
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::new(Box::new(File::open(path)?))
    }

    /// [`SealedReader::open`] of bytes from elsewhere.
    pub fn new(source: Source) -> io::Result<Self> {
        let mut source = BufReader::with_capacity(256 * 1024, source);
        let mut magic = [0u8; SEALED_MAGIC.len()];
        let is_whole = read_full(&mut source, &mut magic)? == magic.len() && magic == *SEALED_MAGIC;
        Ok(Self {
            source: is_whole.then_some(source),
            offset: magic.len() as u64,
            last_lsn: 0,
            block: None,
            is_done: false,
        })
    }

    /// The last position met so far; 0 before the first.
    pub fn last_lsn(&self) -> Lsn {
        self.block.as_ref().map_or(self.last_lsn, |block| block.last_lsn)
    }

    /// What comes next; `None` after the end or after what cannot be read past.
    pub fn next_item(&mut self) -> io::Result<Option<Item>> {
        loop {
            if self.is_done {
                return Ok(None);
            }
            if let Some(block) = &mut self.block {
                match block.next()? {
                    Item::End(_) => {
                        self.last_lsn = block.last_lsn;
                        self.block = None;
                    }
                    Item::Broken { reason, .. } => {
                        self.last_lsn = block.last_lsn;
                        self.block = None;
                        return Ok(Some(Item::Skipped {
                            offset: self.offset,
                            reason,
                        }));
                    }
                    item => return Ok(Some(item)),
                }
                continue;
            }
            let item = self.next_block()?;
            self.is_done = matches!(item, Some(Item::Broken { .. } | Item::End(_)));
            if item.is_some() {
                return Ok(item);
            }
        }
    }

    /// Opens the next block; an item if there is none or it is damaged.
    fn next_block(&mut self) -> io::Result<Option<Item>> {
        let offset = self.offset;
        let Some(source) = &mut self.source else {
            return Ok(Some(Item::Broken {
                offset: 0,
                reason: "the segment's head is damaged",
            }));
        };
        let mut head = [0u8; BLOCK_HEAD_BYTES];
        match read_full(source, &mut head)? {
            0 => return Ok(Some(Item::End(offset))),
            BLOCK_HEAD_BYTES => {}
            _ => {
                return Ok(Some(Item::Broken {
                    offset,
                    reason: "a block's head ends early",
                }));
            }
        }
        let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (length, crc, plain_length) = (number(0), number(4), number(8) as usize);
        if crc32fast::hash(&head[..12]) != number(12) || plain_length > BLOCK_BYTES_MAX {
            // Where the next block begins is not known then.
            return Ok(Some(Item::Broken {
                offset,
                reason: "a block's head is damaged",
            }));
        }
        let mut compressed = Vec::new();
        source.take(u64::from(length)).read_to_end(&mut compressed)?;
        if compressed.len() != length as usize {
            return Ok(Some(Item::Broken {
                offset,
                reason: "a block ends early",
            }));
        }
        self.offset += (BLOCK_HEAD_BYTES + compressed.len()) as u64;
        if crc32fast::hash(&compressed) != crc {
            return Ok(Some(Item::Skipped {
                offset,
                reason: "a block is damaged",
            }));
        }
        match zstd::bulk::decompress(&compressed, plain_length) {
            Ok(plain) => {
                self.block = Some(FrameSource {
                    source: io::Cursor::new(plain),
                    offset: 0,
                    last_lsn: self.last_lsn,
                });
                Ok(None)
            }
            Err(_) => Ok(Some(Item::Skipped {
                offset,
                reason: "a block does not decompress",
            })),
        }
    }
}
