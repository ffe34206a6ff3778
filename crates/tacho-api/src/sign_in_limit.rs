//! Limits guesses of passwords: per address, per e-mail, and (lower) per both together, so that a stranger who guesses
//! can hardly lock the owner of the e-mail out. Counts every attempt before its password is checked, so that attempts at
//! the same moment count too; a success forgets the e-mail's.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tacho_core::Timestamp;

/// The time over which attempts are counted, in microseconds.
const WINDOW_MICROS: i64 = 15 * 60 * 1_000_000;
const PER_BOTH_MAX: u32 = 10;
const PER_ADDRESS_MAX: u32 = 50;
const PER_EMAIL_MAX: u32 = 100;
/// Counters kept; when there are more, those of ended windows go, then the oldest half.
const COUNTERS_MAX: usize = 20_000;
/// Characters of an e-mail that tell counters apart; longer ones share.
const EMAIL_CHARS: usize = 254;

/// Attempts of the last quarter of an hour.
#[derive(Debug, Default)]
pub(crate) struct SignInLimit {
    counters: HashMap<Key, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Both(String, IpAddr),
    Address(IpAddr),
    Email(String),
}

#[derive(Clone, Copy, Debug)]
struct Counter {
    since: Timestamp,
    attempts: u32,
}

impl SignInLimit {
    /// Counts an attempt. Refuses it with the time to wait if there were too many.
    pub(crate) fn attempt(&mut self, email: &str, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        self.make_room(now);
        let email = email_key(email);
        let limits = [
            (Key::Both(email.clone(), address), PER_BOTH_MAX),
            (Key::Address(address), PER_ADDRESS_MAX),
            (Key::Email(email), PER_EMAIL_MAX),
        ];
        // An attempt that one limit refuses must not use up the others.
        for (key, attempts_max) in &limits {
            if let Some(counter) = self.counters.get(key)
                && counter.is_current(now)
                && counter.attempts >= *attempts_max
            {
                let left = WINDOW_MICROS - now.micros_since(counter.since);
                return Err(Duration::from_micros(left.max(1).unsigned_abs()));
            }
        }
        for (key, _) in limits {
            let counter = self.counters.entry(key).or_insert(Counter {
                since: now,
                attempts: 0,
            });
            if !counter.is_current(now) {
                *counter = Counter {
                    since: now,
                    attempts: 0,
                };
            }
            counter.attempts += 1;
        }
        Ok(())
    }

    /// The attempt was right: what was counted for its e-mail is forgotten.
    pub(crate) fn succeeded(&mut self, email: &str, address: IpAddr) {
        let email = email_key(email);
        self.counters.remove(&Key::Both(email.clone(), address));
        self.counters.remove(&Key::Email(email));
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.counters.len() < COUNTERS_MAX {
            return;
        }
        self.counters.retain(|_, counter| counter.is_current(now));
        if self.counters.len() >= COUNTERS_MAX {
            let mut starts: Vec<_> = self.counters.values().map(|counter| counter.since).collect();
            starts.sort_unstable();
            let middle = starts[starts.len() / 2];
            self.counters.retain(|_, counter| counter.since > middle);
        }
    }
}

impl Counter {
    fn is_current(&self, now: Timestamp) -> bool {
        (0..WINDOW_MICROS).contains(&now.micros_since(self.since))
    }
}

fn email_key(email: &str) -> String {
    email.trim().to_lowercase().chars().take(EMAIL_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + seconds * 1000)
    }

    #[test]
    fn a_stranger_who_guesses_does_not_lock_the_owner_out() {
        let mut limit = SignInLimit::default();
        for _ in 0..PER_BOTH_MAX {
            limit.attempt("ada@example.com", HERE, at(0)).unwrap();
        }
        let wait = limit.attempt("ADA@example.com ", HERE, at(60)).unwrap_err();
        assert_eq!(wait, Duration::from_secs(14 * 60));
        limit.attempt("ada@example.com", THERE, at(60)).unwrap();
        limit.attempt("ada@example.com", HERE, at(15 * 60)).unwrap();
    }

    #[test]
    fn one_address_can_not_try_many_emails() {
        let mut limit = SignInLimit::default();
        for number in 0..PER_ADDRESS_MAX {
            limit
                .attempt(&format!("{number}@example.com"), HERE, at(0))
                .unwrap();
        }
        assert!(limit.attempt("new@example.com", HERE, at(1)).is_err());
    }

    #[test]
    fn a_success_starts_anew() {
        let mut limit = SignInLimit::default();
        for _ in 0..PER_BOTH_MAX {
            limit.attempt("ada@example.com", HERE, at(0)).unwrap();
        }
        limit.succeeded("ada@example.com", HERE);
        limit.attempt("ada@example.com", HERE, at(1)).unwrap();
    }

    #[test]
    fn the_counters_are_bounded() {
        let mut limit = SignInLimit::default();
        for number in 0..COUNTERS_MAX as i64 {
            let address = IpAddr::from(u128::try_from(number).unwrap().to_be_bytes());
            let _ = limit.attempt(&format!("{number}@example.com"), address, at(number / 100));
        }
        assert!(limit.counters.len() <= COUNTERS_MAX + 3);
    }
}
