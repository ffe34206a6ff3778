"""A real server for all tests, on a free port with a folder of its own. TACHO_BIN names the binary."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tacho import Client

_START_SECONDS_MAX = 60


@dataclass(frozen=True)
class Server:
    """Where it is, and a key that may send and read."""

    url: str
    key: str


@functools.cache
def server() -> Server:
    """Starts it, once."""
    binary = os.environ.get("TACHO_BIN")
    if binary is None:
        raise unittest.SkipTest("Set TACHO_BIN to the tacho binary, or run `make test-sdk`.")
    tacho = str(Path(binary).resolve())
    folder = tempfile.mkdtemp(prefix="tacho-sdk-")
    # The settings of whoever runs the tests are not the server's.
    env = {name: value for name, value in os.environ.items() if not name.startswith("TACHO_")}
    # Tests ask faster than people.
    env |= {"TACHO_DATA_DIR": folder, "TACHO_LOG__LEVEL": "warn", "TACHO_QUERY__REQUESTS_PER_MINUTE": "0"}

    def run(*args: str) -> str:
        return subprocess.run([tacho, *args], env=env, check=True, capture_output=True, text=True).stdout.strip()

    run("org", "create", "Acme")
    key = run("key", "create", "--org", "Acme", "--scope", "ingest", "--scope", "read")
    process = subprocess.Popen(
        [tacho, "serve", "--listen", "127.0.0.1:0"], env=env, stdout=subprocess.DEVNULL
    )

    def stop() -> None:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)

    def is_ready() -> str:
        url: str = json.loads(Path(folder, "server.json").read_text())["url"]
        urllib.request.urlopen(f"{url}/readyz").close()
        return url

    return Server(eventually(is_ready, _START_SECONDS_MAX), key)


def eventually(check: Callable[[], Any], seconds: float = 15) -> Any:
    """What it gives as soon as it raises nothing."""
    until = time.monotonic() + seconds
    while True:
        try:
            return check()
        except (AssertionError, OSError, ValueError, KeyError):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def fresh_workflow() -> str:
    """A workflow id of its own for each test."""
    return f"w-{uuid.uuid4()}"


def runs(workflow: str, count: int, **fields: Any) -> list[dict[str, Any]]:
    """Runs that are over."""
    started_at = datetime.now(timezone.utc) - timedelta(minutes=1)
    return [
        {
            "type": "execution",
            "id": f"{workflow}/{index}",
            "workflow_id": workflow,
            "status": "success",
            "started_at": started_at,
            "duration_ms": 1000 + index,
            **fields,
        }
        for index in range(count)
    ]


def nameless(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same without ids, so that only the Idempotency-Key can tell that two are the same."""
    return [{name: value for name, value in record.items() if name != "id"} for record in records]


def statuses(workflow: str) -> dict[str, int]:
    """How many runs of the workflow the server has, by status."""
    answer = Client(server().url, server().key).query(
        {
            "source": "executions",
            "measures": ["count"],
            "dimensions": ["status"],
            "time": {"last": "24h"},
            "filters": [{"field": "workflow", "op": "eq", "value": workflow}],
        },
        fresh=True,
    )
    return {str(status): int(str(count)) for status, count in answer["rows"]}
