//! The server under test: a process of its own on a free port, with a data directory of its own.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::http::{Connection, head};

const START_TIMEOUT: Duration = Duration::from_secs(60);
/// What file systems count in.
const BLOCK_BYTES: u64 = 512;
const POLL: Duration = Duration::from_millis(5);
/// The name of the organization that there is.
pub const ORGANIZATION: &str = "Bench";

/// A data directory with an organization and a key, and how to start a server over it.
#[derive(Debug)]
pub struct Installation {
    binary: PathBuf,
    /// The data directory.
    pub data_dir: PathBuf,
    /// Where servers of it listen.
    pub address: SocketAddr,
    /// A key for everything.
    pub key: String,
}

/// A port that was free a moment ago.
///
/// # Errors
/// If there is none.
pub fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}

fn key_path(data_dir: &Path) -> PathBuf {
    data_dir.with_extension("key")
}

impl Installation {
    /// Makes organization and key in a fresh data directory.
    ///
    /// # Errors
    /// If the binary does not do so.
    pub fn create(binary: &Path, data_dir: PathBuf) -> anyhow::Result<Self> {
        let mut made = Self {
            binary: binary.to_owned(),
            data_dir,
            address: free_address()?,
            key: String::new(),
        };
        made.command(&["org", "create", ORGANIZATION])?;
        made.key = made.command(&[
            "key",
            "create",
            "--org",
            ORGANIZATION,
            "--scope",
            "ingest,read,admin",
        ])?;
        Ok(made)
    }

    /// The one that was made in the data directory before, if one was.
    ///
    /// # Errors
    /// If what it left cannot be read.
    pub fn reopen(binary: &Path, data_dir: &Path) -> anyhow::Result<Option<Self>> {
        let key_path = key_path(data_dir);
        if !key_path.is_file() {
            return Ok(None);
        }
        Ok(Some(Self {
            binary: binary.to_owned(),
            data_dir: data_dir.to_owned(),
            address: free_address()?,
            key: fs::read_to_string(key_path)?,
        }))
    }

    /// Lets it be [reopened](Installation::reopen) after the end of this process.
    ///
    /// # Errors
    /// If the key cannot be written beside the data directory.
    pub fn keep(&self) -> anyhow::Result<()> {
        Ok(fs::write(key_path(&self.data_dir), &self.key)?)
    }

    /// The same over a copy of the data directory, so that this one stays as it is. No server may be running.
    ///
    /// # Errors
    /// If it cannot be copied.
    pub fn copied(&self, data_dir: PathBuf) -> anyhow::Result<Self> {
        let copying = Command::new("cp")
            .arg("-a")
            .arg(&self.data_dir)
            .arg(&data_dir)
            .status()?;
        anyhow::ensure!(copying.success(), "could not copy {}", self.data_dir.display());
        Ok(Self {
            binary: self.binary.clone(),
            data_dir,
            address: free_address()?,
            key: self.key.clone(),
        })
    }

    /// Makes another organization in the same data directory, with a key of its own.
    ///
    /// # Errors
    /// If the binary does not do so.
    pub fn another_organization(&self, name: &str) -> anyhow::Result<Self> {
        self.command(&["org", "create", name])?;
        let mut made = self.with_binary(&self.binary);
        made.key = self.command(&["key", "create", "--org", name, "--scope", "ingest,read,admin"])?;
        Ok(made)
    }

    /// The same data directory with another binary.
    #[must_use]
    pub fn with_binary(&self, binary: &Path) -> Self {
        Self {
            binary: binary.to_owned(),
            data_dir: self.data_dir.clone(),
            address: self.address,
            key: self.key.clone(),
        }
    }

    /// Runs a command of the binary on the data directory. Returns what it prints.
    ///
    /// # Errors
    /// If it fails.
    pub fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        self.command_with_input(arguments, "")
    }

    /// The same with something to read.
    ///
    /// # Errors
    /// If it fails.
    pub fn command_with_input(&self, arguments: &[&str], input: &str) -> anyhow::Result<String> {
        let mut child = Command::new(&self.binary)
            .args(arguments)
            .arg("--data-dir")
            .arg(&self.data_dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {}", self.binary.display()))?;
        if let Some(mut stdin) = child.stdin.take() {
            // Who does not read it may end before.
            let _ = stdin.write_all(input.as_bytes());
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!(
                "tacho {}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Starts a server without waiting for it.
    ///
    /// # Errors
    /// If the binary cannot be started.
    pub fn start(&self) -> anyhow::Result<Server<'_>> {
        self.start_with(&[])
    }

    /// The same with variables of its environment.
    ///
    /// # Errors
    /// If the binary cannot be started.
    pub fn start_with(&self, variables: &[(&str, &str)]) -> anyhow::Result<Server<'_>> {
        let log_path = self.log_path();
        let log = File::options().create(true).append(true).open(&log_path)?;
        let child = Command::new(&self.binary)
            .args(["serve", "--listen", &self.address.to_string(), "--data-dir"])
            .arg(&self.data_dir)
            // A load is more than a person asks.
            .env("TACHO_QUERY__REQUESTS_PER_MINUTE", "0")
            .env("TACHO_QUERY__REQUESTS_AT_ONCE_MAX", "0")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("could not start {}", self.binary.display()))?;
        Ok(Server {
            installation: self,
            child,
        })
    }

    fn log_path(&self) -> PathBuf {
        self.data_dir.with_extension("log")
    }

    /// What the servers wrote to their standard error.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Asks with GET.
    ///
    /// # Errors
    /// If there is no answer, or it is no success.
    pub fn get(&self, path: &str) -> anyhow::Result<Value> {
        Connection::open(self.address)?
            .exchange(&head("GET", path, &self.key, "", 0), &[])?
            .json()
    }

    /// How the server is.
    ///
    /// # Errors
    /// If it does not say.
    pub fn system(&self) -> anyhow::Result<Value> {
        self.get("/api/v1/system")
    }

    /// Bytes of the disk that a folder of the data directory takes up; files may come and go meanwhile.
    pub fn disk_bytes(&self, folder: &str) -> u64 {
        fn of(path: &Path) -> u64 {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            entries
                .map(|entry| match entry.metadata() {
                    Ok(found) if found.is_dir() => of(&entry.path()),
                    Ok(found) => found.blocks() * BLOCK_BYTES,
                    Err(_) => 0,
                })
                .sum()
        }
        of(&self.data_dir.join(folder))
    }

    /// Waits until everything durable is in the store of the only organization. Returns how long that took.
    ///
    /// # Errors
    /// If it takes longer than that.
    pub fn wait_until_projected(&self, timeout: Duration) -> anyhow::Result<Duration> {
        self.wait_for_store(timeout, |system| {
            let durable = system["journal"]["last_lsn"].as_u64();
            system["store"]["lag_records"] == 0 && system["store"]["applied_lsn"].as_u64() >= durable
        })
    }

    /// The same of one organization among several, of which none had anything to catch up when the server began to serve.
    ///
    /// # Errors
    /// If it takes longer than that.
    pub fn wait_until_own_projected(&self, timeout: Duration) -> anyhow::Result<Duration> {
        self.wait_for_store(timeout, |system| system["store"]["lag_records"] == 0)
    }

    fn wait_for_store(&self, timeout: Duration, is_up: impl Fn(&Value) -> bool) -> anyhow::Result<Duration> {
        let started = Instant::now();
        loop {
            let system = self.system()?;
            if is_up(&system) {
                return Ok(started.elapsed());
            }
            if started.elapsed() > timeout {
                bail!(
                    "the store is not up with the journal after {timeout:?}: {}",
                    system["store"]
                );
            }
            // Looking is not free: the answer counts rows.
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    /// How many executions there are by `POST /api/v1/query`.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn count_executions(&self) -> anyhow::Result<u64> {
        let time = r#"{"from":"2000-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}"#;
        let body = format!(r#"{{"source":"executions","measures":["count"],"time":{time}}}"#);
        let answer = Connection::open(self.address)?
            .exchange(&query_head(&self.key, body.len()), body.as_bytes())?
            .json()?;
        answer["totals"][0]
            .as_u64()
            .with_context(|| format!("no count in {answer}"))
    }
}

/// The head of a question that is not answered from the cache.
pub fn query_head(key: &str, body_bytes: usize) -> Vec<u8> {
    head(
        "POST",
        "/api/v1/query",
        key,
        "content-type: application/json\r\ncache-control: no-cache\r\n",
        body_bytes,
    )
}

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub struct Server<'a> {
    installation: &'a Installation,
    child: Child,
}

impl Server<'_> {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it serves. Returns how long that took.
    ///
    /// # Errors
    /// If it ends instead, or takes too long.
    pub fn wait_until_ready(&mut self) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let health = head("GET", "/healthz", &self.installation.key, "", 0);
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.installation.log());
            }
            let answer =
                Connection::open(self.installation.address).and_then(|mut kept| kept.exchange(&health, &[]));
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(started.elapsed());
            }
            if started.elapsed() > START_TIMEOUT {
                bail!(
                    "the server does not serve after {START_TIMEOUT:?}:\n{}",
                    self.installation.log()
                );
            }
            std::thread::sleep(POLL);
        }
    }

    /// Whether it has ended by itself.
    ///
    /// # Errors
    /// If nobody knows.
    pub fn has_ended(&mut self) -> std::io::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Kills it with SIGKILL.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub fn kill(mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Has it stop by itself (SIGTERM).
    ///
    /// # Errors
    /// If it does not.
    pub fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        let started = Instant::now();
        while self.child.try_wait()?.is_none() {
            anyhow::ensure!(started.elapsed() < START_TIMEOUT, "the server does not stop");
            std::thread::sleep(POLL);
        }
        Ok(())
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        // Ended already, mostly.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
