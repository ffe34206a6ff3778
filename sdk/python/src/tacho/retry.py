"""When to send again what was not answered well. Pure."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Literal

Meaning = Literal["final", "later", "setup"]


def meaning_of(status: int | None) -> Meaning:
    """What an answer's status means for what was sent.

    `final`: the same content will never be taken. `later`: the server or the way to it has trouble, which passes.
    `setup`: address, key or permission is wrong, which somebody has to put right.
    """
    if status is None or status in (408, 425, 429) or status >= 500:
        return "later"
    if status in (400, 413, 415, 422):
        return "final"
    return "setup"


def wait_seconds(first: float, most: float, failures: int, retry_after: float | None, chance: float) -> float:
    """The wait after that many failures: doubled each time, and between half and all of that by chance, so that many
    clients do not come back at once. A longer wait that the server asks for is kept, with a tenth on top by chance."""
    full = min(most, first * 2.0 ** min(failures - 1, 30))
    own = full / 2 + full / 2 * chance
    return own if retry_after is None else max(own, retry_after * (1 + chance / 10))


def retry_after_seconds(header: str | None, now: float) -> float | None:
    """The value of a Retry-After header (seconds, or a date) from now. `now` is in seconds since 1970."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - now)
    except ValueError:
        return None
