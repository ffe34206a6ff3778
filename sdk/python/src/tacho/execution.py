"""One run, from its start to its end."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from types import TracebackType
from typing import Any

_ERROR_TYPE_CHARS_MAX = 200
_ERROR_MESSAGE_CHARS_MAX = 4_000


class Execution:
    """Reports the life of a run. Each report says everything that is known so far, under one id, so that any of them may be
    lost or come twice. As a context manager it ends well, or fails with the exception that leaves its block."""

    def __init__(self, send: Callable[[dict[str, Any]], object], workflow_id: str, fields: dict[str, Any]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._has_ended = False
        self._known: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "started_at": _now(),
            **fields,
            "type": "execution",
            "workflow_id": workflow_id,
            "status": "running",
        }
        #: The run's id.
        self.id: str = self._known["id"]
        self._tell({})

    def progress(self, steps_completed: int, steps_total: int | None = None, **fields: Any) -> None:
        """How far it is."""
        total = {} if steps_total is None else {"steps_total": steps_total}
        self._tell({"steps_completed": steps_completed, **total, **fields})

    def succeed(self, **fields: Any) -> None:
        """It has ended well."""
        self._end({"status": "success", **fields})

    def fail(self, error: BaseException | str, **fields: Any) -> None:
        """It has failed, timed out (TimeoutError) or was withdrawn (KeyboardInterrupt, CancelledError)."""
        name = type(error).__name__ if isinstance(error, BaseException) else "Error"
        status = "failed"
        if isinstance(error, TimeoutError):
            status = "timeout"
        elif name in ("KeyboardInterrupt", "CancelledError"):
            status = "cancelled"
        told = {
            "status": status,
            "error_type": name[:_ERROR_TYPE_CHARS_MAX],
            "error_message": str(error)[:_ERROR_MESSAGE_CHARS_MAX],
        }
        self._end({**told, **fields})

    def _end(self, fields: dict[str, Any]) -> None:
        self._tell({"completed_at": _now(), **fields}, is_end=True)

    def _tell(self, fields: dict[str, Any], is_end: bool = False) -> None:
        with self._lock:
            if self._has_ended:
                return
            self._has_ended = is_end
            self._known = {**self._known, **fields, "updated_at": _now()}
            self._send(self._known)

    def __enter__(self) -> Execution:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
            self.succeed()
        else:
            self.fail(error)


def _now() -> datetime:
    return datetime.now(timezone.utc)
