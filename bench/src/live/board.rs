//! What clients were told: every frame once, with the moments at which it reached them.
//!
//! All who watch a topic get the same bytes, so only the first to get a frame reads it; for the others it is compared.

use std::collections::VecDeque;

use anyhow::{Context, ensure};
use serde_json::Value;
use tacho_core::Timestamp;

use super::runs::number_of;

/// Frames whose bytes are kept for comparison. Who is further behind gets a snapshot.
const COMPARED: usize = 100;

/// Which frame a client has: epoch and number.
pub(super) type Position = (u64, u64);

/// A frame that somebody got.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) position: Position,
    pub(super) is_snapshot: bool,
    pub(super) said: Said,
    /// When it reached each client, in microseconds since 1970.
    pub(super) arrivals: Vec<i64>,
}

/// What a frame says.
#[derive(Debug)]
pub(super) enum Said {
    /// Of executions.
    Executions {
        running: u64,
        /// Which it shows to have begun, and which to have ended.
        begun: Vec<u64>,
        ended: Vec<u64>,
    },
    /// Of counts.
    Metrics {
        /// The server's time, in microseconds since 1970.
        at: i64,
        running: u64,
        /// Of the last hour.
        starts: u64,
        finishes: u64,
    },
}

/// Everything that was told.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) frames: Vec<Frame>,
    /// The last frames' bytes, the newest first.
    recent: VecDeque<(usize, Vec<u8>)>,
    /// Frames that clients did not get, since a newer one was there.
    pub(super) skipped: u64,
}

impl Board {
    /// A client that had `has` got a frame. Returns which one it has now.
    pub(super) fn got(
        &mut self,
        has: Option<Position>,
        bytes: &[u8],
        arrived: i64,
    ) -> anyhow::Result<Position> {
        let known = self.recent.iter().find(|(_, known)| known == bytes);
        let at = match known {
            Some((at, _)) => *at,
            None => self.put(bytes)?,
        };
        let frame = &mut self.frames[at];
        let (epoch, seq) = frame.position;
        match (&frame.said, has.filter(|_| !frame.is_snapshot)) {
            (_, None) => ensure!(frame.is_snapshot, "the first frame is no snapshot"),
            (Said::Executions { .. }, Some(has)) => {
                ensure!(
                    (epoch, seq) == (has.0, has.1 + 1),
                    "{:?} after {has:?}",
                    (epoch, seq)
                );
            }
            (Said::Metrics { .. }, Some(has)) => {
                ensure!(epoch == has.0 && seq > has.1, "{:?} after {has:?}", (epoch, seq));
                self.skipped += seq - has.1 - 1;
            }
        }
        frame.arrivals.push(arrived);
        Ok(frame.position)
    }

    /// Reads a frame that nobody got before.
    fn put(&mut self, bytes: &[u8]) -> anyhow::Result<usize> {
        let json: Value = serde_json::from_slice(bytes)?;
        let frame = read(&json).with_context(|| format!("not as documented: {json}"))?;
        let is_known = |known: &Frame| known.position == frame.position && !known.is_snapshot;
        let mut known = self.recent.iter().map(|(at, _)| &self.frames[*at]);
        // Snapshots are made for those who come, and may be made twice with one number.
        ensure!(
            frame.is_snapshot || !known.any(is_known),
            "two clients got different frames {:?}",
            frame.position
        );
        self.frames.push(frame);
        self.recent.truncate(COMPARED - 1);
        self.recent.push_front((self.frames.len() - 1, bytes.to_vec()));
        Ok(self.frames.len() - 1)
    }
}

fn read(json: &Value) -> Option<Frame> {
    let said = match json["type"].as_str()? {
        "executions" => {
            let (mut begun, mut ended) = (Vec::new(), Vec::new());
            for execution in json["executions"].as_array()? {
                begun.extend(number_of(execution["id"].as_str()?));
            }
            for execution in json["ended"].as_array()? {
                ended.extend(number_of(execution["id"].as_str()?));
            }
            for event in json["events"].as_array()? {
                let is_end = event["kind"].as_str()? == "succeeded";
                let told = if is_end { &mut ended } else { &mut begun };
                told.extend(number_of(event["execution_id"].as_str()?));
            }
            Said::Executions {
                running: json["running"].as_u64()?,
                begun,
                ended,
            }
        }
        "metrics_update" => {
            let at: Timestamp = json["at"].as_str()?.parse().ok()?;
            let data = &json["data"];
            Said::Metrics {
                at: at.as_micros(),
                running: data["running"].as_u64()?,
                starts: data["last_hour"]["starts"].as_u64()?,
                finishes: data["last_hour"]["finishes"].as_u64()?,
            }
        }
        _ => return None,
    };
    Some(Frame {
        position: (json["epoch"].as_u64()?, json["seq"].as_u64()?),
        is_snapshot: json["is_snapshot"].as_bool()?,
        said,
        arrivals: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executions(seq: u64, is_snapshot: bool, running: u64) -> Vec<u8> {
        let frame = serde_json::json!({"type": "executions", "epoch": 7, "seq": seq, "is_snapshot": is_snapshot,
            "running": running, "executions": [{"id": "run-3"}], "ended": [{"id": "run-1"}],
            "events": [{"kind": "succeeded", "execution_id": "run-2"}, {"kind": "started", "execution_id": "run-3"}]});
        frame.to_string().into_bytes()
    }

    #[test]
    fn gaps_and_differences_are_found() {
        let mut board = Board::default();
        assert!(board.got(None, &executions(1, false, 1), 0).is_err());
        let has = Some(board.got(None, &executions(1, true, 1), 5).unwrap());
        assert_eq!(board.got(has, &executions(2, false, 1), 6).unwrap(), (7, 2));
        assert!(board.got(has, &executions(3, false, 1), 6).is_err());
        assert!(board.got(has, &executions(2, false, 9), 6).is_err());
        board.got(has, &executions(2, false, 1), 8).unwrap();
        let frame = board
            .frames
            .iter()
            .find(|frame| frame.position == (7, 2))
            .unwrap();
        assert_eq!(frame.arrivals, [6, 8]);
        let Said::Executions { begun, ended, .. } = &frame.said else {
            panic!("a frame of executions")
        };
        assert_eq!((&begun[..], &ended[..]), (&[3, 3][..], &[1, 2][..]));
    }
}
