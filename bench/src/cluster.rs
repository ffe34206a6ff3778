//! A PostgreSQL of our own: a process over a folder of its own, reached over a socket in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use postgres::{Client, NoTls};

const USER: &str = "postgres";
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Every commit is durable, and memory is enough that the write-ahead log does not force checkpoints all the time.
const SETTINGS: [&str; 5] = [
    "listen_addresses=",
    "fsync=on",
    "synchronous_commit=on",
    "shared_buffers=1GB",
    "max_wal_size=4GB",
];

/// A running PostgreSQL. Dropping it stops it.
pub struct Cluster {
    directory: PathBuf,
    programs: PathBuf,
    child: Child,
}

impl Cluster {
    /// Starts the one in that folder, which is made if it is not there. `settings` are of the form `name=value`.
    ///
    /// # Errors
    /// If PostgreSQL's programs are missing or fail.
    pub fn start(directory: &Path, settings: &[&str]) -> anyhow::Result<Self> {
        let programs = Path::new("/usr/lib/postgresql/15/bin");
        let programs = if programs.is_dir() {
            programs.to_owned()
        } else {
            PathBuf::new()
        };
        let data = directory.join("data");
        if !data.join("PG_VERSION").is_file() {
            fs::create_dir_all(directory)?;
            if is_root() {
                run(Command::new("chown").arg(USER).arg(directory))?;
            }
            run(command(&programs.join("initdb"))
                .args([
                    "--auth=trust",
                    "--no-locale",
                    "--encoding=UTF8",
                    "--username",
                    USER,
                    "-D",
                ])
                .arg(&data))?;
        }
        let mut start = command(&programs.join("postgres"));
        start.arg("-D").arg(&data);
        let socket = format!("unix_socket_directories={}", directory.display());
        for setting in SETTINGS.iter().chain(settings).chain([&socket.as_str()]) {
            start.args(["-c", setting]);
        }
        let child = start
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self {
            directory: directory.to_owned(),
            programs,
            child,
        })
    }

    /// Connects, as soon as it has started.
    ///
    /// # Errors
    /// If it does not start.
    pub fn connect(&self) -> anyhow::Result<Client> {
        let started = Instant::now();
        loop {
            let mut config = postgres::Config::new();
            config.host_path(&self.directory).user(USER).dbname("postgres");
            match config.connect(NoTls) {
                Ok(client) => return Ok(client),
                Err(error) if started.elapsed() > START_TIMEOUT => {
                    return Err(error).context("PostgreSQL does not start");
                }
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Its first process.
    ///
    /// # Errors
    /// If it has not started.
    pub fn pid(&self) -> anyhow::Result<u32> {
        let text = fs::read_to_string(self.directory.join("data/postmaster.pid"))?;
        Ok(text.lines().next().unwrap_or_default().parse()?)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.directory.join("data");
        // What is committed is in the log: the next start, if there is one, reads it from there.
        let stop = run(command(&self.programs.join("pg_ctl"))
            .args(["stop", "-m", "immediate", "-D"])
            .arg(data));
        if let Err(error) = stop {
            eprintln!("PostgreSQL does not stop: {error:#}");
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0)
}

/// A command that runs as somebody other than root, as PostgreSQL demands.
fn command(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", USER, "--"]).arg(program);
    command
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .with_context(|| format!("could not run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
