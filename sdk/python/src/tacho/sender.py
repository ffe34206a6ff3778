"""Gathers records into batches, keeps them until the server has them, and sends them in order.

Two threads: one ends batches and puts them into the spool, which never waits for the server; one sends.
"""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from tacho.errors import TachoError
from tacho.http import Connection
from tacho.options import Options, Rejected
from tacho.retry import meaning_of, wait_seconds
from tacho.spool import Batch, FolderSpool, StoredBatch
from tacho.wire import to_json


class _Call:
    """One call of `send`, whose records may be in several batches."""

    def __init__(self) -> None:
        self.future: Future[None] = Future()
        self._lock = threading.Lock()
        self._waiting: set[int] = set()
        self._is_whole = False

    def is_in(self, filling: _Filling) -> None:
        with self._lock:
            self._waiting.add(id(filling))

    def is_whole(self) -> None:
        with self._lock:
            self._is_whole = True
            self._settle()

    def is_safe(self, filling: _Filling) -> None:
        with self._lock:
            self._waiting.discard(id(filling))
            self._settle()

    def is_lost(self, error: TachoError) -> None:
        with self._lock:
            if not self.future.done():
                self.future.set_exception(error)

    def _settle(self) -> None:
        if self._is_whole and not self._waiting and not self.future.done():
            self.future.set_result(None)


@dataclass(eq=False)
class _Filling:
    """A batch that is being filled, or waits in memory."""

    due: float
    batch: Batch = field(default_factory=lambda: Batch(str(uuid.uuid4()), []))
    size: int = 0
    calls: list[_Call] = field(default_factory=list)


@dataclass(eq=False)
class _Waiting:
    """A batch whose turn comes: one in memory, or one on the disk."""

    filling: _Filling | None
    stored: StoredBatch | None
    since: float = field(default_factory=time.monotonic)


class Sender:
    """Takes records over and sees to it that the server gets them."""

    def __init__(self, connection: Connection, options: Options, spool: FolderSpool | None) -> None:
        self._connection = connection
        self._options = options
        self._spool = spool
        self._changed = threading.Condition()
        self._open: _Filling | None = None
        self._sealed: deque[_Filling] = deque()
        self._outbox: deque[_Waiting] = deque()
        self._storing = 0
        self._records = 0
        self._bytes = 0
        self._is_closed = False
        self._ended = threading.Event()
        if spool is not None:
            self._spool = self._opened(spool)
        for work in (self._gather, self._send):
            threading.Thread(target=work, name=f"tacho-{work.__name__.strip('_')}", daemon=True).start()

    def _opened(self, spool: FolderSpool) -> FolderSpool | None:
        try:
            left = spool.open(f"{self._connection.url}\n{self._connection.api_key}")
        except OSError as error:
            self._report(TachoError("spool", f"The spool can't be opened; records wait in memory only: {error}"), 0)
            return None
        self._outbox.extend(_Waiting(None, stored) for stored in left)
        return spool

    def add(self, records: Iterable[object]) -> Future[None]:
        """Takes records over. Done when all of them are safe: on this disk if there is a spool, else with the server.

        Raises TachoError (`queue_full`, `closed`) and takes none of them; TypeError or ValueError if they are not JSON.
        """
        lines = [to_json(record) for record in records]
        sizes = [len(line.encode()) + 1 for line in lines]
        call = _Call()
        with self._changed:
            if self._is_closed:
                raise TachoError("closed", "This client is closed.")
            is_full = self._records + len(lines) > self._options.queue_records_max
            if is_full or self._bytes + sum(sizes) > self._options.queue_bytes_max:
                raise TachoError("queue_full", "Too many records wait for the server. Send them again later.")
            self._records += len(lines)
            self._bytes += sum(sizes)
            for line, size in zip(lines, sizes, strict=True):
                self._put(line, size, call)
            call.is_whole()
            self._changed.notify_all()
        return call.future

    def _put(self, line: str, size: int, call: _Call) -> None:
        options = self._options
        if self._open is not None and self._open.size + size > options.batch_bytes_max:
            self._seal()
        if self._open is None:
            self._open = _Filling(due=time.monotonic() + options.batch_wait)
        filling = self._open
        filling.batch.lines.append(line)
        filling.size += size
        if not filling.calls or filling.calls[-1] is not call:
            filling.calls.append(call)
            call.is_in(filling)
        if len(filling.batch.lines) >= options.batch_records_max or filling.size >= options.batch_bytes_max:
            self._seal()

    def _seal(self) -> None:
        if self._open is not None:
            self._sealed.append(self._open)
            self._open = None

    def _gather(self) -> None:
        while True:
            with self._changed:
                while not self._sealed and not self._ended.is_set():
                    due = None if self._open is None else self._open.due - time.monotonic()
                    if due is not None and due <= 0:
                        self._seal()
                    else:
                        self._changed.wait(due)
                if not self._sealed:
                    return
                filling = self._sealed.popleft()
                self._storing += 1
            waiting = self._stored(filling)
            with self._changed:
                self._storing -= 1
                self._outbox.append(waiting)
                self._changed.notify_all()

    def _stored(self, filling: _Filling) -> _Waiting:
        if self._spool is None:
            return _Waiting(filling, None)
        try:
            stored = self._spool.put(filling.batch)
        except OSError as error:
            self._report(TachoError("spool", f"The spool takes nothing: {error} Records wait in memory."), 0)
            return _Waiting(filling, None)
        self._release(filling)
        for call in filling.calls:
            call.is_safe(filling)
        return _Waiting(None, stored)

    def _release(self, filling: _Filling) -> None:
        with self._changed:
            self._records -= len(filling.batch.lines)
            self._bytes -= filling.size

    def _send(self) -> None:
        while True:
            with self._changed:
                while not self._outbox and not self._ended.is_set():
                    self._changed.wait()
                if self._ended.is_set():
                    return
                waiting = self._outbox[0]
            if not self._deliver(waiting):
                return
            with self._changed:
                if self._outbox and self._outbox[0] is waiting:
                    self._outbox.popleft()
                self._changed.notify_all()

    def _deliver(self, waiting: _Waiting) -> bool:
        """Whether its turn is over: it was taken, refused or given up. It is not when this client closes meanwhile."""
        batch = self._load(waiting)
        if batch is None:
            return True
        failures = 0
        while True:
            failures += 1
            try:
                answer = self._attempt(batch)
            except TachoError as error:
                if self._ended.is_set():
                    return False
                if self._is_hopeless(waiting, error):
                    self._lose(waiting, len(batch.lines), error)
                    return True
                self._report(error, 0)
                options = self._options
                wait = options.retry_most
                if meaning_of(error.status) == "later":
                    chance = random.random()
                    wait = wait_seconds(options.retry_first, wait, failures, error.retry_after, chance)
                if self._ended.wait(wait):
                    return False
                continue
            self._tell_rejected(batch, answer)
            self._done(waiting)
            return True

    def _load(self, waiting: _Waiting) -> Batch | None:
        """What is to be sent. None if there is nothing, or it can't be read now; then the next start tries again."""
        if waiting.filling is not None:
            return waiting.filling.batch
        if waiting.stored is None:
            return None
        try:
            batch = waiting.stored.load()
        except OSError as error:
            self._report(TachoError("spool", f"A file of the spool can't be read: {error}"), 0)
            return None
        if batch == "damaged":
            self._report(TachoError("spool", "A file of the spool is damaged and was set aside."), 0)
        return batch if isinstance(batch, Batch) else None

    def _attempt(self, batch: Batch) -> Any:
        return self._connection.ask(
            "/api/v1/records",
            "\n".join(batch.lines).encode(),
            "application/x-ndjson",
            {"Idempotency-Key": batch.idempotency_key},
            compress=True,
        )

    def _is_hopeless(self, waiting: _Waiting, error: TachoError) -> bool:
        meaning = meaning_of(error.status)
        if meaning == "final":
            return True
        if waiting.stored is not None:
            return False
        return meaning == "setup" or time.monotonic() - waiting.since >= self._options.give_up_after

    def _tell_rejected(self, batch: Batch, answer: Any) -> None:
        for one in answer["rejected"]:
            record = json.loads(batch.lines[one["index"]])
            # A fault in the callback must not stop the records behind it.
            with contextlib.suppress(Exception):
                self._options.on_rejected(Rejected(record, one["code"], one["message"], one.get("pointer")))

    def _done(self, waiting: _Waiting) -> None:
        if waiting.filling is not None:
            self._release(waiting.filling)
            for call in waiting.filling.calls:
                call.is_safe(waiting.filling)
        if waiting.stored is not None:
            try:
                waiting.stored.remove()
            except OSError as error:
                self._report(TachoError("spool", f"A file can't be removed and will be sent again: {error}"), 0)

    def _lose(self, waiting: _Waiting, lost: int, error: TachoError) -> None:
        if waiting.filling is not None:
            self._release(waiting.filling)
            for call in waiting.filling.calls:
                call.is_lost(error)
        if waiting.stored is not None:
            with contextlib.suppress(OSError):
                waiting.stored.reject(error.message)
        self._report(error, lost)

    def _report(self, error: TachoError, lost: int) -> None:
        # As above.
        with contextlib.suppress(Exception):
            self._options.on_error(error, lost)

    def flush(self, timeout: float) -> bool:
        """Sends what waits and waits for that, at most this long. Whether nothing waits any more."""

        def is_empty() -> bool:
            return not self._sealed and not self._outbox and self._storing == 0

        with self._changed:
            self._seal()
            self._changed.notify_all()
            return self._changed.wait_for(is_empty, timeout)

    def close(self, timeout: float) -> bool:
        """Flushes and ends. What is in the spool stays there; what is in memory only is lost and reported."""
        with self._changed:
            if self._is_closed:
                return True
            self._is_closed = True
        is_empty = self.flush(timeout)
        with self._changed:
            self._ended.set()
            lost = [waiting for waiting in self._outbox if waiting.filling is not None]
            self._outbox.clear()
            self._changed.notify_all()
        error = TachoError("closed", "The client was closed before the server had these records.")
        for waiting in lost:
            if waiting.filling is not None:
                self._lose(waiting, len(waiting.filling.batch.lines), error)
        return is_empty
