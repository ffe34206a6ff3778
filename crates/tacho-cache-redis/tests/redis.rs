//! A real Redis that is stopped, frozen and started again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tacho_cache_redis::{ANSWER_MAX, RedisCache};
use tacho_store::engine::SharedCache as _;

/// A Redis of the test's own.
struct Redis {
    port: u16,
    folder: tempfile::TempDir,
    process: Child,
}

impl Redis {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let folder = tempfile::tempdir().unwrap();
        let process = Self::spawn(port, folder.path());
        Self {
            port,
            folder,
            process,
        }
    }

    fn spawn(port: u16, folder: &std::path::Path) -> Child {
        Command::new("redis-server")
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
            ])
            .arg(folder)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server must be installed: scripts/install-redis")
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), signal).unwrap();
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn restart(&mut self) {
        self.process = Self::spawn(self.port, self.folder.path());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until the cache is connected or is not.
async fn until(cache: &RedisCache, is_connected: bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while cache.status().is_connected != is_connected {
        assert!(Instant::now() < deadline, "{:?}", cache.status());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Puts a value and waits until it is there.
async fn put(cache: &RedisCache, key: &str, life: Duration) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while cache.get(key).await.is_none() {
        assert!(Instant::now() < deadline);
        cache.put(key.to_owned(), b"value".to_vec(), life);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

const LONG: Duration = Duration::from_secs(300);

#[tokio::test]
async fn values_are_found_until_their_life_is_over_and_only_by_who_put_them() {
    let redis = Redis::start();
    let cache = RedisCache::connect(&redis.url()).unwrap();
    until(&cache, true).await;
    put(&cache, "long", LONG).await;
    put(&cache, "short", Duration::from_millis(200)).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    while cache.get("short").await.is_some() {
        assert!(Instant::now() < deadline);
    }
    assert_eq!(cache.get("long").await.as_deref(), Some(&b"value"[..]));
    let another = RedisCache::connect(&redis.url()).unwrap();
    until(&another, true).await;
    assert_eq!(another.get("long").await, None);
    assert!(cache.check().await.is_ok());
}

/// The margin over the limit is what a busy machine may need to wake the test up.
const MARGIN: Duration = Duration::from_millis(500);

#[tokio::test]
async fn a_redis_that_is_stopped_is_not_waited_for_and_comes_back() {
    let mut redis = Redis::start();
    let cache = RedisCache::connect(&redis.url()).unwrap();
    until(&cache, true).await;
    put(&cache, "a", LONG).await;
    redis.stop();
    let began = Instant::now();
    assert_eq!(cache.get("a").await, None);
    assert!(began.elapsed() < ANSWER_MAX + MARGIN);
    until(&cache, false).await;
    assert!(cache.check().await.is_err() && cache.status().error.is_some());
    let attempts = cache.status().reconnect_attempts;
    redis.restart();
    until(&cache, true).await;
    assert!(cache.status().reconnect_attempts > attempts && cache.status().error.is_none());
    put(&cache, "a", LONG).await;
}

#[tokio::test]
async fn a_frozen_redis_is_waited_for_once_and_comes_back() {
    let redis = Redis::start();
    let cache = RedisCache::connect(&redis.url()).unwrap();
    until(&cache, true).await;
    put(&cache, "a", LONG).await;
    redis.signal(Signal::SIGSTOP);
    let began = Instant::now();
    assert_eq!(cache.get("a").await, None);
    assert!(began.elapsed() < ANSWER_MAX + MARGIN);
    // From here on nobody waits: a thousand questions take less than twenty waits would.
    let began = Instant::now();
    for _ in 0..1_000 {
        assert_eq!(cache.get("a").await, None);
    }
    assert!(began.elapsed() < ANSWER_MAX * 20);
    assert!(!cache.status().is_connected);
    redis.signal(Signal::SIGCONT);
    until(&cache, true).await;
    put(&cache, "a", LONG).await;
}

#[tokio::test]
async fn a_redis_that_is_not_there_yet_is_found_when_it_comes() {
    let mut redis = Redis::start();
    redis.stop();
    let cache = RedisCache::connect(&redis.url()).unwrap();
    assert_eq!(cache.get("a").await, None);
    redis.restart();
    until(&cache, true).await;
    put(&cache, "a", LONG).await;
    assert!(RedisCache::connect("nonsense").is_err());
}
