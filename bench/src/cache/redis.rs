//! A Redis that can be frozen and lost.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::server::free_address;

const BINARY: &str = "redis-server";
const START_TIMEOUT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(10);

/// A process of `redis-server` that keeps nothing on the disk. Dropping it kills it.
#[derive(Debug)]
pub struct Redis {
    directory: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
}

/// Whether there is one on the path.
pub fn is_installed() -> bool {
    let version = Command::new(BINARY)
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

impl Redis {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(directory: &Path) -> anyhow::Result<Self> {
        let mut redis = Self {
            directory: directory.to_owned(),
            address: free_address()?,
            child: None,
        };
        redis.start_again()?;
        Ok(redis)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts it where it was, with nothing in it.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        let child = Command::new(BINARY)
            .args(["--bind", "127.0.0.1", "--port", &self.address.port().to_string()])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("could not start redis-server")?;
        self.child = Some(child);
        let started = Instant::now();
        while self.ping().is_err() {
            ensure!(
                started.elapsed() < START_TIMEOUT,
                "Redis does not answer after {START_TIMEOUT:?}"
            );
            thread::sleep(POLL);
        }
        Ok(())
    }

    fn ping(&self) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 7];
        stream.read_exact(&mut answer)?;
        ensure!(&answer == b"+PONG\r\n", "no Redis");
        Ok(())
    }

    /// Lets it stand still: connections stay open, and nothing is answered.
    ///
    /// # Errors
    /// If it does not.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// If it does not.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.signal("-CONT")
    }

    /// Ends it, with all that it keeps.
    ///
    /// # Errors
    /// If it cannot be ended.
    pub fn lose(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    fn signal(&self, name: &str) -> anyhow::Result<()> {
        let child = self.child.as_ref().context("Redis does not run")?;
        let sending = Command::new("kill")
            .args([name, &child.id().to_string()])
            .status()?;
        ensure!(sending.success(), "kill {name} failed");
        Ok(())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Lost already, mostly.
        let _ = self.lose();
    }
}
