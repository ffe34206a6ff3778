"""A folder where batches wait until the server has them.

    <folder>/<server and key>/<time>-<chance>.batch   waiting, oldest first
                              rejected/…              refused for good: the batch, and beside it why
                              damaged/…               what was not what had been written

A batch is a line of JSON (format, Idempotency-Key, SHA-256 of the rest) and a record a line. A file appears whole or not at
all: written aside, synced, renamed, folder synced. Two processes may share a folder: what both of them send counts once.
`sdk/typescript` writes the same files.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_FORMAT = 1
_WAITING = ".batch"
_ASIDE = ".part"
# Half-written files of a killed process are removed when they are older than this.
_ASIDE_SECONDS_MAX = 3_600


@dataclass(frozen=True)
class Batch:
    """Records that are sent together, as JSON, one each."""

    #: The same for every attempt: gives ids to records without one, so that none counts twice.
    idempotency_key: str
    lines: list[str]


class SpoolFull(OSError):
    """As much waits in the spool as may."""


class StoredBatch:
    """A batch that lies on the disk."""

    def __init__(self, spool: FolderSpool, path: Path, size: int) -> None:
        self._spool = spool
        self._path = path
        self._size = size

    def load(self) -> Batch | Literal["gone", "damaged"]:
        """Reads it. Gone: another process has sent it. A damaged one is set aside."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return "gone"
        batch = _parse(content)
        if batch is None:
            self._move_to("damaged")
            return "damaged"
        return batch

    def remove(self) -> None:
        """Forgets it: the server has it."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return
        self._spool.shrink(self._size)

    def reject(self, reason: str) -> None:
        """Sets it aside: the server will never take it."""
        folder = self._move_to("rejected")
        _write_durably(folder, f"{self._path.name}.reason.txt", f"{reason}\n".encode())

    def _move_to(self, place: str) -> Path:
        folder = self._path.parent / place
        folder.mkdir(mode=0o700, exist_ok=True)
        self._path.rename(folder / self._path.name)
        self._spool.shrink(self._size)
        return folder


class FolderSpool:
    """A folder where records wait until the server has them."""

    def __init__(self, folder: str | os.PathLike[str], bytes_max: int = 64 * 1024 * 1024) -> None:
        self._root = Path(folder)
        self._folder = self._root
        self._bytes_max = bytes_max
        self._bytes = 0
        self._last = 0
        self._lock = threading.Lock()

    def open(self, owner: str) -> list[StoredBatch]:
        """Opens the part that belongs to this owner (a server and a key). What an earlier process left, oldest first."""
        # The key decides whose records they are: what waits under one never goes out under another.
        self._folder = self._root / hashlib.sha256(owner.encode()).hexdigest()[:32]
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        waiting = []
        for path in sorted(self._folder.iterdir()):
            try:
                status = path.stat()
                if path.name.endswith(_ASIDE) and time.time() - status.st_mtime > _ASIDE_SECONDS_MAX:
                    path.unlink()
            except FileNotFoundError:
                continue
            if path.name.endswith(_WAITING):
                self._bytes += status.st_size
                waiting.append(StoredBatch(self, path, status.st_size))
        return waiting

    def put(self, batch: Batch) -> StoredBatch:
        """Keeps a batch; it is on the disk afterwards.

        Raises OSError where that is not possible; SpoolFull if too much waits already.
        """
        body = "\n".join(batch.lines).encode()
        head = {
            "tacho_spool": _FORMAT,
            "idempotency_key": batch.idempotency_key,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        content = json.dumps(head).encode() + b"\n" + body
        with self._lock:
            if self._bytes + len(content) > self._bytes_max:
                raise SpoolFull(f"{self._bytes_max} bytes wait in it already.")
            self._bytes += len(content)
            # Microseconds since 1970, never the same twice, in digits that sort.
            self._last = max(time.time_ns() // 1000, self._last + 1)
            name = f"{self._last:017}-{secrets.token_hex(4)}{_WAITING}"
        try:
            _write_durably(self._folder, name, content)
        except OSError:
            self.shrink(len(content))
            raise
        return StoredBatch(self, self._folder / name, len(content))

    def shrink(self, size: int) -> None:
        """Counts bytes that no longer wait."""
        with self._lock:
            self._bytes -= size


def _parse(content: bytes) -> Batch | None:
    head_text, end, body = content.partition(b"\n")
    try:
        head = json.loads(head_text)
        if not end or head["tacho_spool"] != _FORMAT or head["sha256"] != hashlib.sha256(body).hexdigest():
            return None
        return Batch(str(head["idempotency_key"]), body.decode().split("\n"))
    except (ValueError, KeyError, TypeError):
        return None


def _write_durably(folder: Path, name: str, content: bytes) -> None:
    aside = folder / f"{name}{_ASIDE}"
    try:
        with open(aside, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(folder / name)
        # So that the name is on the disk as well. Windows knows no such thing.
        if os.name != "nt":
            entry = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(entry)
            finally:
                os.close(entry)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
