//! Answers kept in Redis.
//!
//! Redis may be slow, frozen, restarted or gone at any moment, and nobody may notice but by the System page. So a request
//! waits for it [`ANSWER_MAX`] at most and once: whoever finds it not answering lets the connection go, and from then on
//! nobody asks until a task in the background has it back, by an answer to `PING`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue, RedisError};
use tacho_store::engine::{BoxFuture, SharedCache, SharedCacheStatus};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

/// How long a request waits for Redis at most.
pub const ANSWER_MAX: Duration = Duration::from_millis(50);
/// How long making a connection may take, and the first answer over it.
const CONNECT_MAX: Duration = Duration::from_secs(1);
/// How often a connection is tried without need, so that a frozen Redis is found before a request does.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// The pauses between attempts to connect: from, to, doubling.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// Values that are being written at once. More are not kept.
const PUTS_MAX: usize = 64;

/// A Redis that keeps answers.
pub struct RedisCache(Arc<Inner>);

struct Inner {
    client: Client,
    /// What the keys of this process begin with.
    prefix: String,
    connection: Mutex<Option<MultiplexedConnection>>,
    /// Told when the connection has been let go.
    lost: Notify,
    reconnect_attempts: AtomicU64,
    error: Mutex<Option<String>>,
    puts: Arc<Semaphore>,
}

/// The address is none of a Redis.
#[derive(Debug, thiserror::Error)]
#[error("not the address of a Redis, such as redis://localhost:6379")]
pub struct BadAddress(#[source] RedisError);

impl RedisCache {
    /// A cache at an address such as `redis://:password@localhost:6379/0` (`rediss` for TLS). Connects in the background,
    /// now and whenever the connection is lost, for as long as the cache lives. To be called on a Tokio runtime.
    ///
    /// # Errors
    /// If the address is none.
    pub fn connect(url: &str) -> Result<Self, BadAddress> {
        let inner = Arc::new(Inner {
            client: Client::open(url).map_err(BadAddress)?,
            prefix: format!("tacho:{}:", uuid::Uuid::now_v7()),
            connection: Mutex::default(),
            lost: Notify::new(),
            reconnect_attempts: AtomicU64::new(0),
            error: Mutex::new(Some("not connected yet".to_owned())),
            puts: Arc::new(Semaphore::new(PUTS_MAX)),
        });
        tokio::spawn(keep_connected(Arc::downgrade(&inner)));
        Ok(Self(inner))
    }
}

impl SharedCache for RedisCache {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let mut command = redis::cmd("GET");
            command.arg(format!("{}{key}", self.0.prefix));
            self.0.ask(&command).await?
        })
    }

    fn put(&self, key: String, value: Vec<u8>, life: Duration) {
        let inner = Arc::clone(&self.0);
        let Ok(permit) = Arc::clone(&inner.puts).try_acquire_owned() else {
            return;
        };
        tokio::spawn(async move {
            let mut command = redis::cmd("SET");
            command
                .arg(format!("{}{key}", inner.prefix))
                .arg(value)
                .arg("PX")
                .arg(u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1));
            inner.ask::<()>(&command).await;
            drop(permit);
        });
    }

    fn status(&self) -> SharedCacheStatus {
        let is_connected = lock(&self.0.connection).is_some();
        SharedCacheStatus {
            is_connected,
            reconnect_attempts: self.0.reconnect_attempts.load(Ordering::Relaxed),
            error: lock(&self.0.error).clone().filter(|_| !is_connected),
        }
    }

    fn check(&self) -> BoxFuture<'_, Result<Duration, String>> {
        Box::pin(async {
            let began = Instant::now();
            match self.0.ask::<String>(&redis::cmd("PING")).await {
                Some(_) => Ok(began.elapsed()),
                None => Err(self
                    .status()
                    .error
                    .unwrap_or_else(|| "does not answer".to_owned())),
            }
        })
    }
}

impl Inner {
    /// The answer to a command; `None` without a connection, and if it does not come in time.
    async fn ask<T: FromRedisValue>(&self, command: &redis::Cmd) -> Option<T> {
        let mut connection = lock(&self.connection).clone()?;
        match timeout(ANSWER_MAX, command.query_async(&mut connection)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => {
                self.lose(error.to_string());
                None
            }
            Err(_) => {
                self.lose(format!("does not answer within {} ms", ANSWER_MAX.as_millis()));
                None
            }
        }
    }

    /// Lets the connection go, so that nobody else waits for it.
    fn lose(&self, error: String) {
        if lock(&self.connection).take().is_some() {
            tracing::warn!(
                error,
                "Redis is gone; answers are kept in the process alone until it is back"
            );
            *lock(&self.error) = Some(error);
            self.lost.notify_one();
        }
    }

    async fn try_connect(&self) -> Result<(), RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_MAX))
            .set_response_timeout(Some(CONNECT_MAX));
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        redis::cmd("PING").query_async::<()>(&mut connection).await?;
        *lock(&self.connection) = Some(connection);
        Ok(())
    }
}

/// Connects, and connects again whenever the connection is lost, until the cache is dropped.
async fn keep_connected(inner: std::sync::Weak<Inner>) {
    let (mut pause, mut is_first) = (PAUSE.0, true);
    while let Some(inner) = inner.upgrade() {
        if lock(&inner.connection).is_some() {
            let _ = timeout(CHECK_EVERY, inner.lost.notified()).await;
            inner.ask::<()>(&redis::cmd("PING")).await;
            continue;
        }
        let connecting = inner.try_connect().await;
        if !is_first {
            inner.reconnect_attempts.fetch_add(1, Ordering::Relaxed);
        }
        is_first = false;
        match connecting {
            Ok(()) => {
                tracing::info!("Redis keeps answers");
                pause = PAUSE.0;
            }
            Err(error) => {
                *lock(&inner.error) = Some(error.to_string());
                drop(inner);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE.1);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
