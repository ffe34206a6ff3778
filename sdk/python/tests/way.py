"""A way to the server that can be made bad."""

from __future__ import annotations

import http.server
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal, Union

#: What becomes of a request: its answer's status and headers, or a word. `lose`: the server gets it, its answer is lost.
Fate = Union[Literal["pass", "drop", "lose", "hang"], "tuple[int, dict[str, str], bytes]"]


@dataclass
class Seen:
    """A request that came by."""

    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Way:
    """A proxy before the server at `target`."""

    target: str
    fates: deque[Fate] = field(default_factory=deque)
    otherwise: Fate = "pass"
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        way = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                way.handle(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._over = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def handle(self, request: http.server.BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = request.rfile.read(int(headers.get("content-length", "0")))
        self.seen.append(Seen(headers, body, time.monotonic()))
        fate = self.fates.popleft() if self.fates else self.otherwise
        request.close_connection = True
        if fate == "hang":
            self._over.wait()
        if fate in ("hang", "drop"):
            return
        if isinstance(fate, tuple):
            status, answer_headers, answer = fate
        else:
            passed = {name: value for name, value in headers.items() if name not in ("host", "connection")}
            try:
                with urllib.request.urlopen(
                    urllib.request.Request(self.target + request.path, body, passed)
                ) as response:
                    status, answer_headers, answer = response.status, {}, response.read()
            except urllib.error.HTTPError as error:
                status, answer_headers, answer = error.code, {}, error.read()
            if fate == "lose":
                return
        request.send_response(status)
        for name, value in answer_headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    def close(self) -> None:
        """Ends it."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
