//! The seven procedures of PRD-010, in its own words and shapes (camelCase, "task" for a workflow).
//!
//! Each procedure has a file: its input, its result, the questions that it asks the query engine, and the pure function
//! that makes the one of the other. They are reached over REST (`routes/analytics.rs`) and over tRPC's wire
//! (`routes/trpc.rs`). What the document leaves open is settled in ADR 0013.

mod cache_stats;
mod cost_analysis;
mod date;
mod duration;
mod execution_stats;
mod input;
mod performance_trends;
mod procedure;
mod rates;
mod task;
mod task_id;
mod task_metrics;
mod usage_stats;
mod web_socket_stats;

pub(crate) use crate::asking::Context;
pub(crate) use cache_stats::{CacheStats, CacheStatsResult};
pub(crate) use cost_analysis::{CostAnalysis, CostAnalysisInput, CostAnalysisResult};
pub(crate) use execution_stats::{ExecutionStats, ExecutionStatsInput, ExecutionStatsResult};
pub(crate) use input::{Fields, Issue};
pub(crate) use performance_trends::{
    PerformanceTrends, PerformanceTrendsInput, PerformanceTrendsResult, TrendMetric,
};
pub(crate) use procedure::{Call, Procedure};
pub(crate) use task_id::TaskId;
pub(crate) use task_metrics::{TaskMetrics, TaskMetricsInput, TaskMetricsResult};
pub(crate) use usage_stats::{GroupBy, UsageStats, UsageStatsInput, UsageStatsResult};
pub(crate) use web_socket_stats::{WebSocketStats, WebSocketStatsResult};
