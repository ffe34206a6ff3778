//! The time, passed in so that tests can hold it still.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use tacho_core::Timestamp;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's time.
    pub fn system() -> Self {
        Self::new(|| Timestamp::from(SystemTime::now()))
    }

    /// Whatever the function says.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
