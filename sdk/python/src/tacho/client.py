"""The client: sends records, and asks for numbers."""

from __future__ import annotations

import atexit
import contextlib
import random
import time
import weakref
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, cast

from tacho.errors import TachoError
from tacho.execution import Execution
from tacho.http import Connection
from tacho.options import Options
from tacho.retry import meaning_of, wait_seconds
from tacho.sender import Sender
from tacho.spool import FolderSpool
from tacho.wire import Answer, BatchAnswer, Query, Record, to_json

# A question is not kept waiting longer than this by the server.
_QUERY_WAIT_MAX = 10.0


class Client:
    """Speaks to one server with one API key. May be used from several threads; closes itself when Python ends."""

    def __init__(
        self, url: str, api_key: str, *, spool: FolderSpool | None = None, options: Options | None = None
    ) -> None:
        self._options = options or Options()
        self._connection = Connection(url.rstrip("/"), api_key, self._options.timeout)
        self._sender = Sender(self._connection, self._options, spool)
        sender = weakref.ref(self._sender)
        atexit.register(lambda: _close(sender))

    def send(self, records: Record | Iterable[Record]) -> Future[None]:
        """Takes records over, to be sent soon, together with others. The result is there when they are safe: on this disk
        if there is a spool, else acknowledged by the server. It need not be waited for.

        Raises TachoError `queue_full` if too many wait; the result raises others if they were given up.
        """
        return self._sender.add([records] if isinstance(records, Mapping) else records)

    def flush(self, timeout: float = 60.0) -> bool:
        """Sends what waits and waits for that, at most so many seconds. Whether nothing waits any more."""
        return self._sender.flush(timeout)

    def close(self, timeout: float = 5.0) -> bool:
        """Flushes, at most so many seconds, and ends. What is not sent by then stays in the spool; without one it is lost,
        which `on_error` says. Whether everything was sent."""
        return self._sender.close(timeout)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def execution(self, workflow_id: str, **fields: Any) -> Execution:
        """Begins a run: `with client.execution("invoices") as run: run.progress(3, 10)`. It ends well, or fails with the
        exception that leaves the block. A full queue does not stop the work."""

        def send(record: dict[str, Any]) -> None:
            try:
                self.send(record)
            except TachoError as error:
                with contextlib.suppress(Exception):
                    self._options.on_error(error, 1)

        return Execution(send, workflow_id, fields)

    def query(self, question: Query, *, fresh: bool = False) -> Answer:
        """Asks one question. `fresh`: the answer is worked out now, rather than taken from those kept.

        Raises TachoError if it can't be answered; `pointer` names the part at fault.
        """
        return cast(Answer, self._ask(question, fresh))

    def query_batch(self, questions: Sequence[Query], *, fresh: bool = False) -> BatchAnswer:
        """Asks several questions (at most 50), answered as of one moment. Where one can't be answered, its problem stands."""
        return cast(BatchAnswer, self._ask({"queries": list(questions)}, fresh))

    def model(self) -> dict[str, Any]:
        """What can be asked."""
        return cast("dict[str, Any]", self._patiently("/api/v1/model", None, {}))

    def _ask(self, question: object, fresh: bool) -> Any:
        headers = {"Cache-Control": "no-cache"} if fresh else {}
        return self._patiently("/api/v1/query", to_json(question).encode(), headers)

    def _patiently(self, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        """Asking changes nothing, so that it can be tried again."""
        failures = 0
        while True:
            try:
                return self._connection.ask(path, body, headers=headers)
            except TachoError as error:
                failures += 1
                options = self._options
                chance = random.random()
                wait = wait_seconds(options.retry_first, options.retry_most, failures, error.retry_after, chance)
                is_over = failures >= options.query_attempts or wait > _QUERY_WAIT_MAX
                if meaning_of(error.status) != "later" or is_over:
                    raise
                time.sleep(wait)


def _close(sender: weakref.ref[Sender]) -> None:
    living = sender()
    if living is not None:
        living.close(5.0)
