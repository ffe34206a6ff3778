//! How much the engine does at once.

use std::time::Duration;

use tacho_query::plan::EXACT_ROWS_MAX;

/// How much the engine does at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// Batches that are read at once. Each takes a thread and a connection of the store.
    pub readers: usize,
    /// Batches that may wait for a reader. More are refused.
    pub waiting_max: usize,
    /// How long one may wait before it is refused.
    pub wait_max: Duration,
    /// How long the statements of one batch may run.
    pub timeout: Duration,
    /// Whether answers come from rollups where they can. Without, all come from the rows themselves, and are the same.
    pub uses_rollups: bool,
    /// Rows up to which answers come from the rows themselves; of more, quantiles may come from rollups and be off by a
    /// hundredth.
    pub exact_rows_max: u64,
    /// Bytes, about, of answers that are kept; 0 keeps none. Answers are kept only by an engine that is
    /// [`following`](QueryEngine::following).
    pub cache_bytes_max: u64,
    /// How long an answer is kept at most; zero keeps none.
    pub cache_life: Duration,
    /// Values (rows times columns) that the answers to one batch may have together.
    pub answer_cells_max: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            readers: 4,
            waiting_max: 256,
            wait_max: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            uses_rollups: true,
            exact_rows_max: EXACT_ROWS_MAX,
            cache_bytes_max: 64 * 1024 * 1024,
            cache_life: Duration::from_secs(300),
            answer_cells_max: 2_000_000,
        }
    }
}
