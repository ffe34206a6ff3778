import unittest
from datetime import datetime, timezone

from tacho.retry import meaning_of, retry_after_seconds, wait_seconds


class Waiting(unittest.TestCase):
    def test_it_doubles_up_to_a_bound_with_chance_for_half_of_it(self) -> None:
        self.assertEqual([wait_seconds(1, 50, failures, None, 1) for failures in (1, 2, 3, 4)], [1, 2, 4, 8])
        self.assertEqual(wait_seconds(1, 50, 3, None, 0), 2)
        self.assertEqual(wait_seconds(1, 50, 1_000_000, None, 1), 50)

    def test_it_is_never_shorter_than_the_server_asks_for(self) -> None:
        self.assertEqual(wait_seconds(1, 5, 1, 70, 0), 70)
        self.assertEqual(wait_seconds(1, 5, 1, 70, 1), 77)
        self.assertEqual(wait_seconds(1, 5, 8, 1, 1), 5)

    def test_both_forms_of_retry_after(self) -> None:
        now = datetime(2026, 11, 23, 8, tzinfo=timezone.utc).timestamp()
        self.assertEqual(retry_after_seconds("12", now), 12)
        self.assertEqual(retry_after_seconds("Mon, 23 Nov 2026 08:00:05 GMT", now), 5)
        self.assertEqual(retry_after_seconds("Mon, 23 Nov 2026 07:00:00 GMT", now), 0)
        self.assertIsNone(retry_after_seconds("soon", now))
        self.assertIsNone(retry_after_seconds(None, now))

    def test_only_the_records_own_faults_are_final(self) -> None:
        def by(*statuses: int | None) -> set[str]:
            return {meaning_of(status) for status in statuses}

        self.assertEqual(by(400, 413, 415, 422), {"final"})
        self.assertEqual(by(None, 408, 429, 500, 502, 503, 504, 507), {"later"})
        self.assertEqual(by(301, 401, 403, 404, 405), {"setup"})
