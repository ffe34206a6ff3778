//! Reading an organization's records back, in the order of their positions.

use std::io;
use std::path::{Path, PathBuf};

use tacho_core::OrganizationId;
use tacho_store::Lsn;

use super::JournalError;
use super::frame::Frame;
use super::layout::{list_active, list_sealed};
use super::segment::{ActiveReader, Item, SealedReader};

/// A part of the journal that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// Where in it.
    pub offset: u64,
    /// What is wrong.
    pub reason: &'static str,
}

/// Reads the journal while it is being written.
#[derive(Clone, Debug)]
pub struct JournalReader {
    root: PathBuf,
}

/// What a visitor of frames wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next frame.
    Continue,
    /// No more.
    Stop,
}

enum Segment {
    Sealed(SealedReader),
    Active(ActiveReader),
}

impl Segment {
    fn last_lsn(&self) -> Lsn {
        match self {
            Segment::Sealed(reader) => reader.last_lsn(),
            Segment::Active(reader) => reader.last_lsn(),
        }
    }

    fn next_item(&mut self) -> io::Result<Option<Item>> {
        match self {
            Segment::Sealed(reader) => reader.next_item(),
            Segment::Active(reader) => reader.next_item(),
        }
    }
}

impl JournalReader {
    /// A reader of the journal in that folder.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Visits the organization's frames with positions in `(after, up_to]`, in order, each once. `up_to` is the last
    /// position known to be durable: what lies behind it may still be torn. Returns what could not be read.
    ///
    /// # Errors
    /// If a file cannot be read at all, or the visitor fails.
    pub fn visit<E: From<JournalError>>(
        &self,
        organization: OrganizationId,
        after: Lsn,
        up_to: Lsn,
        mut visitor: impl FnMut(Frame) -> Result<Next, E>,
    ) -> Result<Vec<Damage>, E> {
        let mut last = after;
        let mut damages: Vec<Damage> = Vec::new();
        // A segment can be sealed and removed between listing and opening; then the lists are taken anew.
        'listing: loop {
            // Active ones are listed first: one that is sealed in between then shows in both lists, never in none.
            let active = list_active(&self.root).map_err(JournalError::io(&self.root))?;
            let sealed = list_sealed(&self.root, organization).map_err(JournalError::io(&self.root))?;
            let read_from = last;
            let sealed = sealed
                .into_iter()
                .filter(|segment| segment.last > read_from && segment.first <= up_to);
            let nexts = active.iter().skip(1).map(|(first, _)| *first).chain([Lsn::MAX]);
            let active: Vec<PathBuf> = active
                .iter()
                .zip(nexts)
                .filter(|((first, _), next)| *next > read_from.saturating_add(1) && *first <= up_to)
                .map(|((_, path), _)| path.clone())
                .collect();
            let sealed = sealed.map(|segment| (segment.path, Some(segment.last)));
            for (path, sealed_last) in sealed.chain(active.into_iter().map(|path| (path, None))) {
                let opened = if sealed_last.is_some() {
                    SealedReader::open(&path).map(Segment::Sealed)
                } else {
                    ActiveReader::open(&path).map(Segment::Active)
                };
                let mut segment = match opened {
                    Ok(segment) => segment,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue 'listing,
                    Err(error) => return Err(JournalError::io(path)(error).into()),
                };
                let mut is_damaged = false;
                // What follows the last durable frame is none of ours, and may be half written.
                while segment.last_lsn() < up_to
                    && let Some(item) = segment.next_item().map_err(JournalError::io(&path))?
                {
                    let (offset, reason) = match item {
                        Item::Frame(frame, _) if frame.last_lsn() > up_to => break,
                        Item::Frame(frame, _)
                            if frame.organization == organization && frame.last_lsn() > last =>
                        {
                            last = frame.last_lsn();
                            if visitor(frame)? == Next::Stop {
                                return Ok(damages);
                            }
                            continue;
                        }
                        Item::Skipped { offset, reason } | Item::Broken { offset, reason } => {
                            (offset, reason)
                        }
                        // A file's name says where it ends.
                        Item::End(offset)
                            if !is_damaged && sealed_last.is_some_and(|last| segment.last_lsn() < last) =>
                        {
                            (offset, "a sealed segment ends early")
                        }
                        Item::Frame(..) | Item::End(_) => continue,
                    };
                    is_damaged = true;
                    let damage = Damage {
                        path: path.clone(),
                        offset,
                        reason,
                    };
                    if !damages.contains(&damage) {
                        damages.push(damage);
                    }
                }
            }
            return Ok(damages);
        }
    }
}
