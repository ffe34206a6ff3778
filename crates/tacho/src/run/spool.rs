//! Records that wait on disk until the server takes them.
//!
//! ```text
//! spool/<server>-<key>/<time>-<run>.ndjson   waiting, oldest first
//!                      rejected/…            refused for good: the records, and beside them why
//!                      lock                  held by whoever delivers
//! ```
//! A folder belongs to one server and one API key, since the key decides which organization gets the records: what waits
//! under one key never goes out under another, unless it waited without any. A file appears whole or not at all (written
//! aside, synced, renamed, folder synced). Two that deliver the same file do no harm, since ids make records idempotent.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Bytes that may wait, at most. Beyond it the oldest go.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
const WAITING: &str = "ndjson";
const ANY_KEY: &str = "any";

/// The records that wait for one server and one key.
#[derive(Clone, Debug)]
pub(crate) struct Spool {
    root: PathBuf,
    server: String,
    folder: PathBuf,
}

/// A file that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// Where it lies.
    pub(crate) path: PathBuf,
    bytes: u64,
}

impl Waiting {
    /// A file that was just written.
    pub(crate) fn at(path: PathBuf, bytes: u64) -> Self {
        Self { path, bytes }
    }
}

/// Held while delivering.
pub(crate) struct Lock {
    _file: File,
}

impl Spool {
    /// In that folder, or where such things lie: `$XDG_STATE_HOME/tacho/spool`, `~/.local/state/tacho/spool`, else a
    /// folder of the user's own among the temporary ones.
    pub(crate) fn new(root: Option<&Path>, url: &str, key: Option<&str>) -> Self {
        let root = root.map_or_else(usual_root, Path::to_path_buf);
        let server = digest(url.trim_end_matches('/'));
        let key = key.map_or_else(|| ANY_KEY.to_owned(), digest);
        let folder = root.join(format!("{server}-{key}"));
        Self { root, server, folder }
    }

    /// Keeps records. Returns their file and how many older files had to go for it.
    ///
    /// # Errors
    /// If they could not be written and synced.
    pub(crate) fn put(&self, name: &str, records: &[u8]) -> io::Result<(PathBuf, usize)> {
        make_folder(&self.folder)?;
        let mut removed = 0;
        let mut waiting = self.waiting_in(&self.folder);
        let mut bytes: u64 = waiting.iter().map(|file| file.bytes).sum::<u64>() + records.len() as u64;
        waiting.reverse();
        while bytes > BYTES_MAX
            && let Some(oldest) = waiting.pop()
        {
            fs::remove_file(&oldest.path)?;
            bytes -= oldest.bytes;
            removed += 1;
        }
        let path = self.folder.join(format!("{}.{WAITING}", file_name(name)));
        write_durably(&path, records)?;
        Ok((path, removed))
    }

    /// What waits under this key, and what waits without one; oldest first.
    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let mut files = self.waiting_in(&self.folder);
        let any = self.root.join(format!("{}-{ANY_KEY}", self.server));
        if any != self.folder {
            files.extend(self.waiting_in(&any));
        }
        files.sort_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
        files
    }

    /// What waits for this server under any key, this one's too.
    pub(crate) fn waiting_under_any_key(&self) -> Vec<Waiting> {
        let Ok(entries) = fs::read_dir(&self.root) else {
            return Vec::new();
        };
        let prefix = format!("{}-", self.server);
        let mut files: Vec<Waiting> = entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
            .flat_map(|entry| self.waiting_in(&entry.path()))
            .collect();
        files.sort_by(|a, b| a.path.file_name().cmp(&b.path.file_name()));
        files
    }

    fn waiting_in(&self, folder: &Path) -> Vec<Waiting> {
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut files: Vec<Waiting> = entries
            .flatten()
            .filter(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == WAITING)
            })
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                metadata.is_file().then(|| Waiting {
                    path: entry.path(),
                    bytes: metadata.len(),
                })
            })
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// Moves a file that the server refused for good aside, with the reason beside it.
    ///
    /// # Errors
    /// If that could not be written.
    pub(crate) fn reject(&self, path: &Path, reason: &str) -> io::Result<PathBuf> {
        let name = path.file_name().unwrap_or_default();
        let target = self.rejected_folder()?.join(name);
        write_durably(&target.with_extension("reason.txt"), reason.as_bytes())?;
        fs::rename(path, &target)?;
        Ok(target)
    }

    /// Keeps records that the server refused one by one, with the reasons beside them.
    ///
    /// # Errors
    /// If that could not be written.
    pub(crate) fn keep_rejected(&self, name: &str, records: &[u8], reason: &str) -> io::Result<PathBuf> {
        let target = self
            .rejected_folder()?
            .join(format!("{}.{WAITING}", file_name(name)));
        write_durably(&target.with_extension("reason.txt"), reason.as_bytes())?;
        write_durably(&target, records)?;
        Ok(target)
    }

    fn rejected_folder(&self) -> io::Result<PathBuf> {
        let folder = self.folder.join("rejected");
        make_folder(&folder)?;
        Ok(folder)
    }

    /// The right to deliver what waits, unless another process has it.
    pub(crate) fn lock(&self) -> Option<Lock> {
        make_folder(&self.folder).ok()?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.folder.join("lock"))
            .ok()?;
        file.try_lock().ok()?;
        Some(Lock { _file: file })
    }

    /// Whether a mark was set: something that need not be sent again.
    pub(crate) fn has_mark(&self, mark: &str) -> bool {
        self.mark_path(mark).exists()
    }

    /// Sets a mark. Losing it only means sending again.
    pub(crate) fn set_mark(&self, mark: &str) {
        let path = self.mark_path(mark);
        if let Some(folder) = path.parent()
            && make_folder(folder).is_ok()
        {
            let _ = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .mode(0o600)
                .open(path);
        }
    }

    fn mark_path(&self, mark: &str) -> PathBuf {
        self.folder.join("known").join(digest(mark))
    }
}

/// Names of files sort by time and cannot leave their folder, whatever a run is called.
fn file_name(name: &str) -> String {
    let micros = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_micros());
    format!("{micros:017}-{}", digest(name))
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes())[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn usual_root() -> PathBuf {
    let state = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let home = || {
        let home = PathBuf::from(std::env::var_os("HOME")?);
        home.is_absolute().then(|| home.join(".local/state"))
    };
    match state.or_else(home) {
        Some(state) => state.join("tacho/spool"),
        None => std::env::temp_dir().join(format!("tacho-spool-{}", nix::unistd::getuid())),
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = path.with_extension(format!("{}.part", std::process::id()));
    let result = (|| {
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, path)?;
        path.parent()
            .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    })();
    if result.is_err() {
        let _ = fs::remove_file(&aside);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn names(files: &[Waiting]) -> Vec<Vec<u8>> {
        files.iter().map(|file| fs::read(&file.path).unwrap()).collect()
    }

    #[test]
    fn what_waits_under_one_key_is_not_seen_under_another() {
        let folder = tempfile::tempdir().unwrap();
        let spool = |key| Spool::new(Some(folder.path()), "http://one/", key);
        spool(Some("a")).put("1", b"first").unwrap();
        spool(None).put("2", b"second").unwrap();
        spool(Some("b")).put("3", b"third").unwrap();
        assert_eq!(
            names(&spool(Some("a")).waiting()),
            [b"first".to_vec(), b"second".to_vec()]
        );
        assert_eq!(
            names(&spool(Some("b")).waiting()),
            [b"second".to_vec(), b"third".to_vec()]
        );
        assert_eq!(spool(Some("a")).waiting_under_any_key().len(), 3);
        assert!(
            Spool::new(Some(folder.path()), "http://two", Some("a"))
                .waiting()
                .is_empty()
        );
    }

    #[test]
    fn files_are_private_and_the_oldest_go_when_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::new(Some(folder.path()), "http://one", Some("a"));
        let (path, removed) = spool.put("../../evil", b"x").unwrap();
        assert_eq!((removed, path.parent()), (0, Some(spool.folder.as_path())));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            fs::metadata(&spool.folder).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let large = vec![b'x'; BYTES_MAX as usize / 2];
        assert_eq!(spool.put("2", &large).unwrap().1, 0);
        assert_eq!(spool.put("3", &large).unwrap().1, 1);
        assert_eq!(spool.put("4", &large).unwrap().1, 1);
        assert!(!path.exists());
        assert_eq!(spool.waiting().len(), 2);
    }

    #[test]
    fn one_delivers_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::new(Some(folder.path()), "http://one", Some("a"));
        let lock = spool.lock();
        assert!(lock.is_some());
        assert!(spool.lock().is_none());
        drop(lock);
        assert!(spool.lock().is_some());
    }
}
