"""How the client works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tacho.errors import TachoError


@dataclass(frozen=True)
class Rejected:
    """A record that the server refused. It keeps it as a dead letter."""

    #: The record, as it was sent.
    record: Any
    #: Why: a stable word.
    code: str
    #: Why and what to do.
    message: str
    #: JSON pointer to the field at fault.
    pointer: str | None


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Options:
    """How records are gathered and sent. Times are in seconds."""

    #: Records of a batch, at most.
    batch_records_max: int = 1_000
    #: Bytes of a batch, at most.
    batch_bytes_max: int = 1024 * 1024
    #: How long a record waits for others at most.
    batch_wait: float = 0.5
    #: Records that may wait in memory; more is refused.
    queue_records_max: int = 50_000
    #: Bytes that may wait in memory; more is refused.
    queue_bytes_max: int = 32 * 1024 * 1024
    #: The wait before the second attempt; doubled for each that follows.
    retry_first: float = 0.2
    #: The wait between attempts, at most.
    retry_most: float = 30.0
    #: After which records are given up that are in memory only.
    give_up_after: float = 600.0
    #: After which a request is given up.
    timeout: float = 30.0
    #: Attempts to ask one question, where the server is busy.
    query_attempts: int = 3
    #: Called, on a thread of the client, for each record that the server refused.
    on_rejected: Callable[[Rejected], None] = _nothing
    #: Called, on a thread of the client, when an attempt fails; with how many records are lost by it, mostly 0.
    on_error: Callable[[TachoError, int], None] = _nothing
