from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

from tacho import Client, FolderSpool, Options, Rejected, TachoError, is_answer, rows_of
from tests.server import eventually, fresh_workflow, nameless, runs, server, statuses
from tests.way import Way


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.way = Way(server().url)
        self.addCleanup(self.way.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.workflow = fresh_workflow()
        self.errors: list[tuple[str, int]] = []
        self.rejected: list[Rejected] = []

    def client(self, spool: FolderSpool | None = None, key: str | None = None, **options: Any) -> Client:
        settings = Options(
            **{
                "batch_wait": 0.02,
                "retry_first": 0.01,
                "retry_most": 0.1,
                "on_error": lambda error, lost: self.errors.append((error.code, lost)),
                "on_rejected": self.rejected.append,
                **options,
            }
        )
        client = Client(self.way.url, key or server().key, spool=spool, options=settings)
        self.addCleanup(client.close, 0)
        return client

    def spool(self, **more: int) -> FolderSpool:
        return FolderSpool(self.folder, **more)

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def keys(self) -> set[str]:
        return {seen.headers["idempotency-key"] for seen in self.way.seen}

    def lines(self) -> list[list[bytes]]:
        def plain(body: bytes) -> bytes:
            return gzip.decompress(body) if body[:1] == b"\x1f" else body

        return [plain(seen.body).split(b"\n") for seen in self.way.seen]

    def expect(self, **counts: int) -> None:
        eventually(lambda: self.assertEqual(statuses(self.workflow), counts))


class Sending(Case):
    def test_records_are_sent_together_and_the_result_is_there_when_the_server_has_them(self) -> None:
        client = self.client()
        for sent in [client.send(run) for run in runs(self.workflow, 25)]:
            sent.result(10)
        self.assertEqual(len(self.way.seen), 1)
        self.expect(success=25)

    def test_a_batch_has_its_bounds(self) -> None:
        client = self.client(batch_records_max=10, batch_bytes_max=2_000)
        client.send(runs(self.workflow, 25)).result(10)
        self.assertEqual(sum(map(len, self.lines())), 25)
        for batch in self.lines():
            self.assertLessEqual(len(batch), 10)
            self.assertLessEqual(len(b"\n".join(batch)), 2_000)
        self.expect(success=25)

    def test_what_is_large_is_compressed(self) -> None:
        client = self.client()
        client.send(runs(self.workflow, 200)).result(10)
        client.send(runs(self.workflow, 1)).result(10)
        self.assertEqual([seen.headers.get("content-encoding") for seen in self.way.seen], ["gzip", None])
        self.assertEqual([len(batch) for batch in self.lines()], [200, 1])

    def test_each_refused_record_is_told_of_and_the_others_are_kept(self) -> None:
        bad = {**runs(self.workflow, 1)[0], "id": "bad", "status": "flying"}
        self.client().send([*runs(self.workflow, 2), bad]).result(10)
        self.assertEqual([(one.record["id"], one.pointer) for one in self.rejected], [("bad", "/status")])
        self.expect(success=2)

    def test_what_is_not_json_is_refused_at_once(self) -> None:
        client = self.client()
        for wrong in (object(), float("nan"), __import__("datetime").datetime(2026, 1, 1)):
            with self.assertRaises((TypeError, ValueError)):
                client.send({"type": "metric", "value": wrong})
        self.assertTrue(client.flush(1))

    def test_flush_sends_what_waits_for_others(self) -> None:
        client = self.client(batch_wait=3_600)
        client.send(runs(self.workflow, 3))
        self.assertTrue(client.flush(10))
        self.expect(success=3)


class BadWay(Case):
    def test_the_same_batch_is_sent_again_and_nothing_counts_twice(self) -> None:
        self.way.fates.extend(["drop", (503, {}, b""), (429, {"Retry-After": "0"}, b""), "lose", "lose", "pass"])
        client = self.client()
        client.send(nameless(runs(self.workflow, 5))).result(10)
        self.assertEqual((len(self.way.seen), len(self.keys())), (6, 1))
        self.assertEqual(len({seen.body for seen in self.way.seen}), 1)
        self.assertEqual([code for code, _ in self.errors], ["network", "http", "http", "network", "network"])
        self.expect(success=5)
        client.send(nameless(runs(self.workflow, 1))).result(10)
        self.assertEqual(len(self.keys()), 2)
        self.expect(success=6)

    def test_the_server_says_how_long_to_wait(self) -> None:
        self.way.fates.append((429, {"Retry-After": "1"}, b""))
        self.client().send(runs(self.workflow, 1)).result(10)
        first, second = self.way.seen
        self.assertGreaterEqual(second.at - first.at, 0.99)

    def test_what_is_not_answered_in_time_is_sent_again(self) -> None:
        self.way.fates.append("hang")
        self.client(timeout=0.5).send(runs(self.workflow, 1)).result(10)
        self.assertEqual(len(self.way.seen), 2)
        self.expect(success=1)

    def test_a_batch_that_is_refused_for_good_does_not_stop_the_next(self) -> None:
        self.way.fates.append((413, {}, b'{"code":"too_large","detail":"Send less."}'))
        client = self.client()
        with self.assertRaisesRegex(TachoError, "Send less."):
            client.send(runs(self.workflow, 3)).result(10)
        client.send(runs(self.workflow, 2)).result(10)
        self.assertEqual(self.errors, [("too_large", 3)])
        self.expect(success=2)

    def test_a_wrong_key_is_told_of_at_once(self) -> None:
        with self.assertRaises(TachoError) as caught:
            self.client(key="tacho_none").send(runs(self.workflow, 1)).result(10)
        self.assertEqual((caught.exception.status, caught.exception.code), (401, "unauthenticated"))
        self.assertEqual(len(self.way.seen), 1)

    def test_what_is_in_memory_only_is_given_up_after_a_while(self) -> None:
        self.way.otherwise = "drop"
        with self.assertRaises(TachoError):
            self.client(give_up_after=0.3).send(runs(self.workflow, 1)).result(10)
        self.assertGreater(len(self.way.seen), 2)

    def test_the_queue_has_a_bound_and_takes_again_when_there_is_room(self) -> None:
        self.way.otherwise = "drop"
        client = self.client(queue_records_max=10, batch_records_max=5)
        first = client.send(runs(self.workflow, 10))
        with self.assertRaises(TachoError) as caught:
            client.send(runs(self.workflow, 1))
        self.assertEqual(caught.exception.code, "queue_full")
        self.way.otherwise = "pass"
        first.result(10)
        client.send(runs(self.workflow, 11)[10]).result(10)
        self.expect(success=11)

    def test_closing_says_what_is_lost(self) -> None:
        self.way.otherwise = "drop"
        client = self.client()
        sent = client.send(runs(self.workflow, 4))
        self.assertFalse(client.close(0.1))
        self.assertIsInstance(sent.exception(1), TachoError)
        self.assertEqual(self.errors[-1], ("closed", 4))
        with self.assertRaises(TachoError):
            client.send(runs(self.workflow, 1))


class Spooling(Case):
    def test_a_killed_processs_records_are_sent_by_the_next_and_count_once(self) -> None:
        # The server may get them, but no answer gets back before the process dies.
        self.way.otherwise = "hang"
        records = json.loads(json.dumps(nameless(runs(self.workflow, 7)), default=str))
        settings = {"url": self.way.url, "key": server().key, "folder": str(self.folder), "records": records}
        killed = Path(__file__).with_name("killed.py")
        with subprocess.Popen([sys.executable, killed, json.dumps(settings)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            self.assertEqual(child.stdout.readline(), b"safe\n")
            eventually(lambda: self.assertEqual(len(self.way.seen), 1))
            child.kill()
        self.assertEqual(len(self.files()), 1)
        self.way.otherwise = "lose"
        self.client(self.spool())
        eventually(lambda: self.assertGreater(len(self.way.seen), 2))
        self.way.otherwise = "pass"
        eventually(lambda: self.assertEqual(self.files(), []))
        self.assertEqual(len(self.keys()), 1)
        self.expect(success=7)

    def test_the_result_is_there_when_the_records_are_on_the_disk(self) -> None:
        self.way.otherwise = "drop"
        self.client(self.spool()).send(runs(self.workflow, 2)).result(10)
        (path,) = self.files()
        self.assertRegex(path.name, r"^\d{17}-[0-9a-f]{8}\.batch$")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(len(path.read_text().split("\n")), 3)

    def test_what_a_wrong_key_cant_send_is_kept_until_it_is_put_right(self) -> None:
        self.way.otherwise = (403, {}, b'{"code":"forbidden","detail":"No."}')
        self.client(self.spool()).send(runs(self.workflow, 2)).result(10)
        eventually(lambda: self.assertIn(("forbidden", 0), self.errors))
        self.assertEqual(len(self.files()), 1)
        self.way.otherwise = "pass"
        self.expect(success=2)

    def test_what_waits_under_one_key_is_not_sent_under_another(self) -> None:
        self.way.otherwise = "drop"
        first = self.client(self.spool())
        first.send(runs(self.workflow, 2)).result(10)
        first.close(0)
        self.way.otherwise = "pass"
        self.assertTrue(self.client(self.spool(), key="tacho_another").flush(5))
        self.assertEqual(len(self.files()), 1)

    def test_what_the_server_will_never_take_is_set_aside_with_the_reason(self) -> None:
        self.way.fates.append((422, {}, b'{"code":"malformed_body","detail":"Send JSON."}'))
        client = self.client(self.spool())
        client.send(runs(self.workflow, 3)).result(10)
        self.assertTrue(client.flush(10))
        self.assertEqual(self.errors, [("malformed_body", 3)])
        batch, reason = self.files()
        self.assertEqual((batch.parent.name, reason.read_text()), ("rejected", "Send JSON.\n"))

    def test_a_damaged_file_is_set_aside_and_the_next_is_sent(self) -> None:
        self.way.otherwise = "drop"
        first = self.client(self.spool(), batch_records_max=1)
        first.send(runs(self.workflow, 3)).result(10)
        first.close(0)
        damaged = self.files()[0]
        damaged.write_bytes(damaged.read_bytes()[:-9])
        self.way.otherwise = "pass"
        self.errors.clear()
        self.assertTrue(self.client(self.spool()).flush(10))
        self.assertEqual(self.errors, [("spool", 0)])
        self.assertEqual([path.parent.name for path in self.files()], ["damaged"])
        self.expect(success=2)

    def test_what_is_over_its_bound_waits_in_memory(self) -> None:
        self.way.otherwise = "drop"
        client = self.client(self.spool(bytes_max=800), batch_records_max=2)
        first, second = client.send(runs(self.workflow, 2)), client.send(runs(self.workflow, 4)[2:])
        first.result(10)
        eventually(lambda: self.assertIn(("spool", 0), self.errors))
        self.assertEqual(len(self.files()), 1)
        self.way.otherwise = "pass"
        second.result(10)
        self.expect(success=4)

    def test_the_files_are_those_of_the_other_client(self) -> None:
        folder = self.folder / "2744ccd10c7533bd736ad890f9dd5cab"
        folder.mkdir()
        digest = "a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e"
        head = f'{{"tacho_spool":1,"idempotency_key":"k","sha256":"{digest}"}}'
        (folder / "00000000000000001-00000000.batch").write_text(f"{head}\nHello World")
        (stored,) = self.spool().open("me")
        batch = stored.load()
        assert not isinstance(batch, str)
        self.assertEqual((batch.idempotency_key, batch.lines), ("k", ["Hello World"]))


class Runs(Case):
    def test_a_run_is_told_from_its_start_to_its_end(self) -> None:
        client = self.client()
        with client.execution(self.workflow, trigger_type="manual") as run:
            run.progress(3, 10)
            client.flush(10)
            self.expect(running=1)
        client.flush(10)
        self.expect(success=1)

    def test_a_run_fails_with_the_exception_that_leaves_it(self) -> None:
        client = self.client()
        with self.assertRaises(ZeroDivisionError), client.execution(self.workflow):
            _ = 1 / 0
        client.flush(10)
        self.expect(failed=1)
        answer = client.query(
            {
                "source": "executions",
                "measures": ["count"],
                "dimensions": ["error_type"],
                "time": {"last": "24h"},
                "filters": [{"field": "error_message", "op": "contains", "value": "division by zero"}],
            },
            fresh=True,
        )
        self.assertIn("ZeroDivisionError", [row["error_type"] for row in rows_of(answer)])

    def test_a_timeout_is_one(self) -> None:
        client = self.client()
        with self.assertRaises(TimeoutError), client.execution(self.workflow):
            raise TimeoutError("page")
        client.flush(10)
        self.expect(timeout=1)

    def test_what_waits_goes_out_when_python_ends(self) -> None:
        code = (
            "import sys, tacho\n"
            "client = tacho.Client(sys.argv[1], sys.argv[2], options=tacho.Options(batch_wait=60))\n"
            "client.execution(sys.argv[3]).succeed()\n"
        )
        subprocess.run([sys.executable, "-c", code, self.way.url, server().key, self.workflow], check=True)
        self.expect(success=1)


class Asking(Case):
    def test_a_question_is_answered(self) -> None:
        client = self.client()
        client.send([*runs(self.workflow, 3), *runs(self.workflow, 5, status="failed")[3:]]).result(10)
        self.expect(success=3, failed=2)
        answer = client.query(
            {
                "source": "executions",
                "measures": ["count", "success_rate"],
                "time": {"period": "day"},
                "filters": [{"field": "workflow", "op": "eq", "value": self.workflow}],
            },
            fresh=True,
        )
        self.assertEqual(rows_of(answer), [{"count": 5, "success_rate": 60}])
        self.assertTrue(answer["meta"]["exact"])

    def test_one_that_breaks_a_rule_is_refused_with_the_place_at_fault(self) -> None:
        with self.assertRaises(TachoError) as caught:
            self.client().query({"source": "executions", "measures": ["height"], "time": {"period": "week"}})
        self.assertEqual((caught.exception.status, caught.exception.pointer), (422, "/measures/0"))
        self.assertIsNotNone(caught.exception.request_id)

    def test_several_are_answered_each_on_its_own(self) -> None:
        batch = self.client().query_batch(
            [
                {"source": "executions", "measures": ["count"], "time": {"last": "24h"}},
                {"source": "executions", "measures": ["height"], "time": {"last": "24h"}},
            ]
        )
        self.assertEqual([is_answer(one) for one in batch["answers"]], [True, False])

    def test_it_is_asked_again_where_the_server_is_busy_but_not_for_ever(self) -> None:
        self.way.fates.extend([(503, {"Retry-After": "0"}, b""), "drop"])
        client = self.client()
        client.query({"source": "executions", "measures": ["count"], "time": {"last": "24h"}})
        self.way.fates.append((429, {"Retry-After": "3600"}, b""))
        began = time.monotonic()
        with self.assertRaises(TachoError) as caught:
            client.query({"source": "executions", "measures": ["count"], "time": {"last": "24h"}})
        self.assertEqual((caught.exception.status, caught.exception.retry_after), (429, 3600))
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(len(self.way.seen), 4)

    def test_the_model_is_served(self) -> None:
        names = [source["name"] for source in Client(server().url, server().key).model()["sources"]]
        self.assertIn("executions", names)
