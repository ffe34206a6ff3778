//! How runs fail: error types and messages. Messages of one cause share their shape and differ in numbers, addresses and
//! ids, as real ones do.

use crate::dice::Dice;

/// Why a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A site answers with an error.
    Http,
    /// A site asks for patience.
    RateLimit,
    /// A page no longer looks as expected.
    Selector,
    /// A password is too old.
    Login,
    /// Data that cannot be right.
    Validation,
    /// A scan that nobody can read.
    Document,
    /// Too much memory.
    Memory,
    /// Two transactions at once.
    Deadlock,
    /// The language model is busy.
    Model,
    /// A mistake in a script.
    Script,
    /// A site is down (only in an incident).
    SiteDown,
}

impl Cause {
    /// Whether it happens while talking to a site.
    pub(crate) fn is_at_site(self) -> bool {
        matches!(
            self,
            Cause::Http | Cause::RateLimit | Cause::Selector | Cause::Login | Cause::SiteDown
        )
    }

    /// The error type and message of one failure.
    pub(crate) fn describe(self, site: &str, dice: &mut Dice) -> (&'static str, String) {
        let number = 10_000 + dice.below(90_000);
        match self {
            Cause::Http => (
                "http_500",
                format!(
                    "HTTP 500 from https://{site}/api/v2/documents/{number}: Internal Server Error (request {:012x})",
                    dice.bits() >> 16
                ),
            ),
            Cause::RateLimit => (
                "rate_limited",
                format!(
                    "HTTP 429 from https://{site}/v1/contacts?page={}: retry after {} s",
                    1 + dice.below(80),
                    5 + dice.below(55)
                ),
            ),
            Cause::Selector => (
                "element_not_found",
                format!(
                    "No element matches \"#row-{number} > td.amount\" on https://{site}/orders/{} after {} ms",
                    1_000_000 + dice.below(9_000_000),
                    30_000 + dice.below(120)
                ),
            ),
            Cause::Login => (
                "login_failed",
                format!(
                    "Sign-in to {site} was refused for account robot-{:02}: the password has expired",
                    1 + dice.below(12)
                ),
            ),
            Cause::Validation => {
                let cents = 1_000 + dice.below(900_000);
                let other = cents + 1 + dice.below(5_000);
                (
                    "validation_error",
                    format!(
                        "Invoice INV-{number}: the total {}.{:02} differs from the sum of its lines {}.{:02}",
                        cents / 100,
                        cents % 100,
                        other / 100,
                        other % 100
                    ),
                )
            }
            Cause::Document => (
                "unreadable_document",
                format!(
                    "Page {} of scan-{:08x}.pdf: text confidence 0.{:02} is below 0.80",
                    1 + dice.below(9),
                    dice.bits() >> 32,
                    20 + dice.below(60)
                ),
            ),
            Cause::Memory => (
                "out_of_memory",
                format!(
                    "Process {number} used {} MiB of 2048 MiB and was ended",
                    2049 + dice.below(90)
                ),
            ),
            Cause::Deadlock => (
                "deadlock",
                format!(
                    "Transaction {number} was chosen as deadlock victim (table ledger_entries, row {})",
                    dice.below(4_000_000)
                ),
            ),
            Cause::Model => (
                "model_overloaded",
                format!(
                    "The language model answered 529 overloaded (request req_{:016x})",
                    dice.bits()
                ),
            ),
            Cause::Script => (
                "exit_code_1",
                format!(
                    "Traceback (most recent call last):\n  File \"load.py\", line {}, in main\nKeyError: 'amount_{}'",
                    10 + dice.below(400),
                    2000 + dice.below(30)
                ),
            ),
            Cause::SiteDown if dice.chance(0.7) => (
                "http_503",
                format!(
                    "HTTP 503 from https://{site}/api/v2/documents/{number}: Service Unavailable (request {:012x})",
                    dice.bits() >> 16
                ),
            ),
            Cause::SiteDown => (
                "connection_timeout",
                format!(
                    "Connecting to {site}:443 took longer than {} ms",
                    30_000 + dice.below(40)
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tacho_core::fault::Fault;

    use super::*;

    /// Whoever looks at the demo sees a fault a cause, and not a thousand messages.
    #[test]
    fn messages_of_a_cause_differ_and_are_one_fault() {
        let causes = [
            Cause::Http,
            Cause::RateLimit,
            Cause::Selector,
            Cause::Login,
            Cause::Validation,
            Cause::Document,
            Cause::Memory,
            Cause::Deadlock,
            Cause::Model,
            Cause::Script,
        ];
        let mut dice = Dice::of(&[7]);
        let mut all = HashSet::new();
        for cause in causes {
            let (mut messages, mut faults) = (HashSet::new(), HashSet::new());
            for _ in 0..2_000 {
                let (error_type, message) = cause.describe("crm.example.com", &mut dice);
                faults.insert(Fault::of(Some(error_type), Some(&message)).unwrap().fingerprint);
                messages.insert(message);
            }
            assert!(messages.len() > 10, "{cause:?}");
            assert_eq!(faults.len(), 1, "{cause:?}: {:?}", messages.iter().next());
            all.extend(faults);
        }
        assert_eq!(all.len(), causes.len());
    }
}
