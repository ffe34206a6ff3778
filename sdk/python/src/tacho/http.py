"""One request to the server, and what its answer says."""

from __future__ import annotations

import gzip
import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tacho.errors import TachoError
from tacho.retry import retry_after_seconds

# Bodies below this are sent as they are.
_GZIP_BYTES_MIN = 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would lead a request and its key elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True)
class Connection:
    """Where the server is and how it is spoken to."""

    url: str
    api_key: str
    timeout: float

    def ask(
        self,
        path: str,
        body: bytes | None = None,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        compress: bool = False,
    ) -> Any:
        """The JSON of a good answer.

        Raises TachoError for every other.
        """
        request = urllib.request.Request(self.url + path, headers=headers or {})
        request.add_header("Accept", "application/json")
        request.add_header("Authorization", f"Bearer {self.api_key}")
        if body is not None:
            request.add_header("Content-Type", content_type)
            if compress and len(body) >= _GZIP_BYTES_MIN:
                body = gzip.compress(body, compresslevel=6, mtime=0)
                request.add_header("Content-Encoding", "gzip")
            request.data = body
        try:
            with _OPENER.open(request, timeout=self.timeout) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise _problem_of(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise TachoError("network", f"The server can't be reached: {error}") from error
        try:
            return json.loads(text)
        except ValueError:
            message = "What answers at this address is not Tacho. Check the url."
            raise TachoError("not_tacho", message, status=404) from None


def _problem_of(error: urllib.error.HTTPError) -> TachoError:
    try:
        problem = json.loads(error.read())
    except (OSError, ValueError, http.client.HTTPException):
        problem = None
    words: dict[str, Any] = problem if isinstance(problem, dict) else {}

    def word(name: str) -> str | None:
        value = words.get(name)
        return value if isinstance(value, str) else None

    return TachoError(
        word("code") or "http",
        word("detail") or f"The server answered HTTP {error.code}.",
        status=error.code,
        pointer=word("pointer"),
        request_id=word("request_id") or error.headers.get("x-request-id"),
        retry_after=retry_after_seconds(error.headers.get("retry-after"), time.time()),
    )
