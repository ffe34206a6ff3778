//! How a number has changed, and what to think of it.

/// A change by less than this fraction is none.
const STABLE_MAX: f64 = 0.01;

/// Which way a number has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It is greater.
    Up,
    /// It is less.
    Down,
    /// It is about the same: within one percent.
    Stable,
    /// One of the two is not known, or there was nothing before.
    Unknown,
}

/// How far a number is from what it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// As a fraction of what it was (0.25 is a quarter more); `None` if that was 0 or either is not known.
    pub relative: Option<f64>,
    /// Which way it has gone.
    pub direction: Direction,
}

/// The change from `before` to `now`.
pub fn change(now: Option<f64>, before: Option<f64>) -> Change {
    let (Some(now), Some(before)) = (now, before) else {
        return Change {
            relative: None,
            direction: Direction::Unknown,
        };
    };
    let relative = (before != 0.0).then(|| (now - before) / before.abs());
    let direction = match relative {
        Some(relative) if relative.abs() < STABLE_MAX => Direction::Stable,
        None if now == before => Direction::Stable,
        _ if now > before => Direction::Up,
        _ => Direction::Down,
    };
    Change { relative, direction }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_a_size_and_a_direction() {
        let of = |now, before| {
            let change = change(now, before);
            (change.relative, change.direction)
        };
        assert_eq!(of(Some(125.0), Some(100.0)), (Some(0.25), Direction::Up));
        assert_eq!(of(Some(50.0), Some(100.0)), (Some(-0.5), Direction::Down));
        assert_eq!(of(Some(100.5), Some(100.0)), (Some(0.005), Direction::Stable));
        assert_eq!(of(Some(3.0), Some(0.0)), (None, Direction::Up));
        assert_eq!(of(Some(0.0), Some(0.0)), (None, Direction::Stable));
        assert_eq!(of(None, Some(1.0)), (None, Direction::Unknown));
    }
}
