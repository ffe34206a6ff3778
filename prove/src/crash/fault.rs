//! The ways in which a server is killed.

use rand::Rng;
use rand::rngs::StdRng;
use tacho_fail::Point;

/// When the server is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// At a random moment while it serves.
    Serving,
    /// At a random moment while it starts.
    Starting,
    /// At a fail point.
    At(Point),
    /// While the store makes a checkpoint.
    Checkpoint,
}

impl Fault {
    /// All of them, in the order in which rounds take them.
    pub fn all() -> Vec<Self> {
        let points = Point::ALL.iter().map(|point| Self::At(*point));
        [Self::Serving, Self::Starting, Self::Checkpoint]
            .into_iter()
            .chain(points)
            .collect()
    }

    /// In words.
    pub fn label(self) -> String {
        match self {
            Self::Serving => "SIGKILL at a random moment".into(),
            Self::Starting => "SIGKILL while starting".into(),
            Self::Checkpoint => "SIGKILL during a checkpoint".into(),
            Self::At(point) => format!("SIGKILL at `{}`", point.name()),
        }
    }

    /// What the server's environment has to say for it.
    pub(super) fn armed(self, chance: &mut StdRng) -> Option<String> {
        match self {
            Self::Serving | Self::Starting => None,
            Self::At(point) => {
                let time = chance.random_range(1..=times(point));
                Some(format!("{}:{time}:kill", point.name()))
            }
            Self::Checkpoint => {
                let wait_ms = chance.random_range(0..12);
                Some(format!("{}:1:kill_after={wait_ms}", Point::StoreCommit.name()))
            }
        }
    }

    /// Bytes of the store's log after which there is a checkpoint.
    pub(super) fn checkpoint_bytes(self) -> &'static str {
        match self {
            Self::Checkpoint => "1",
            _ => "300000",
        }
    }
}

/// How often a point is passed for certain in a round.
fn times(point: Point) -> u32 {
    match point {
        Point::JournalWrite | Point::JournalSync | Point::JournalSynced => 6,
        Point::MetastoreWrite => 4,
        _ => 1,
    }
}
