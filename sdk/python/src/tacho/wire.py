"""Records, questions and answers, as they are on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict, Union

#: A record: `type`, `id` and the fields of that type. Instants may be datetimes that know their zone.
Record = Mapping[str, Any]
#: What stands in a cell.
Cell = Union[str, int, float, bool, None]

Period = Literal["day", "week", "month", "quarter", "year", "all"]
Granularity = Literal[
    "minute", "five_minutes", "quarter_hour", "hour", "day", "week", "month", "quarter", "year"
]


class TimeRange(TypedDict, total=False):
    """One of `period`, `from` (with or without `to`; in `TimeRange(**{"from": …})`), or `last`, such as `24h`."""

    period: Period
    last: str
    to: str


#: A condition on rows: `field`, `op` and `value` or `values`; or one of `and`, `or`, `not`.
Filter = Mapping[str, Any]


class _OrderBy(TypedDict):
    by: str


class Order(_OrderBy, total=False):
    """Which groups come first."""

    direction: Literal["asc", "desc"]


class _Asked(TypedDict):
    source: str
    measures: Sequence[str]
    time: Union[TimeRange, Mapping[str, str]]


class Query(_Asked, total=False):
    """A question."""

    dimensions: Sequence[str]
    granularity: Granularity
    timezone: str
    filters: Sequence[Filter]
    compare: Any
    baseline: Any
    having: Sequence[Mapping[str, Any]]
    order: Sequence[Order]
    limit: int
    offset: int
    other: bool
    explain: bool


class Column(TypedDict):
    """What stands in one cell of each row."""

    name: str
    label: str
    type: str
    role: Literal["time", "dimension", "measure"]
    unit: str | None
    definition: str | None


Meta = TypedDict(
    "Meta",
    {
        "as_of": str,
        "as_of_lsn": int,
        "served_by": str,
        "exact": bool,
        "relative_error": Union[float, None],
        "from_cache": bool,
        "elapsed_ms": float,
        "rows_read": Union[int, None],
        "has_more": bool,
        "gaps": "list[dict[str, str]]",
        "unattributed": int,
        "conflicts": int,
        "from": str,
        "to": str,
        "timezone": str,
        "granularity": Union[str, None],
        "requested_granularity": Union[str, None],
        "notes": "list[str]",
    },
)


class Answer(TypedDict):
    """The answer to a question: a table, its totals, and how it came about."""

    columns: list[Column]
    rows: list[list[Cell]]
    other: list[list[Cell]] | None
    totals: list[Cell]
    comparison: dict[str, Any] | None
    differences: dict[str, Any] | None
    meta: Meta
    explain: dict[str, Any] | None


class Problem(TypedDict):
    """Why a question of a batch was not answered."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str


class BatchAnswer(TypedDict):
    """An answer or a problem for each question, all as of one moment."""

    answers: list[Union[Answer, Problem]]
    as_of: str
    as_of_lsn: int


def is_answer(one: Answer | Problem) -> bool:
    """Whether a question of a batch was answered."""
    return "columns" in one


def rows_of(answer: Answer) -> list[dict[str, Cell]]:
    """The rows of an answer by the names of their columns."""
    names = [column["name"] for column in answer["columns"]]
    return [dict(zip(names, row, strict=True)) for row in answer["rows"]]


def to_json(value: object) -> str:
    """A record or a question as JSON.

    Raises TypeError or ValueError for what JSON does not know.
    """
    return json.dumps(value, default=_instant, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("Give the datetime a zone, such as datetime.now(timezone.utc).")
        return value.isoformat()
    raise TypeError(f"JSON has no {type(value).__name__}.")
