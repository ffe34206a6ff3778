//! Fail points: named places at which a test makes Tacho die, fail or wait (`prove/`, docs/RELIABILITY.md).
//!
//! They are compiled into every binary, so that what is proven is what is shipped. Unless the process has armed some, which
//! only `TACHO_FAIL_POINT` does, reaching one costs a relaxed load.
//!
//! ```text
//! TACHO_FAIL_POINT = <point>:<times>:<action>[,…]
//! times            = 3 (the third time) | 3-7 | 3- (from then on)
//! action           = kill | kill_after=<ms> | error | full | sleep=<ms>
//! ```

mod plan;
mod point;

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::plan::Plan;
pub use crate::point::Point;

static IS_ARMED: AtomicBool = AtomicBool::new(false);
static PLAN: OnceLock<Plan> = OnceLock::new();

/// Arms points for the life of this process.
///
/// # Errors
/// If the text cannot be read, or some are armed already.
pub fn arm(text: &str) -> Result<(), String> {
    let plan = Plan::parse(text)?;
    PLAN.set(plan)
        .map_err(|_| "fail points are armed already".to_owned())?;
    IS_ARMED.store(true, Ordering::Release);
    Ok(())
}

/// Says that the process is at a point. Returns at once unless it is armed.
///
/// # Errors
/// The one that the point is armed with.
#[inline]
pub fn reach(point: Point) -> io::Result<()> {
    match IS_ARMED.load(Ordering::Relaxed) {
        false => Ok(()),
        true => PLAN.get().map_or(Ok(()), |plan| plan.reach(point)),
    }
}
