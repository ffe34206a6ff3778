"""Sends what automations did to Tacho, and asks for the numbers. Needs the standard library only."""

from tacho.client import Client
from tacho.errors import TachoError
from tacho.execution import Execution
from tacho.options import Options, Rejected
from tacho.spool import FolderSpool
from tacho.wire import Answer, BatchAnswer, Filter, Meta, Order, Query, Record, TimeRange, is_answer, rows_of

__all__ = [
    "Answer",
    "BatchAnswer",
    "Client",
    "Execution",
    "Filter",
    "FolderSpool",
    "Meta",
    "Options",
    "Order",
    "Query",
    "Record",
    "Rejected",
    "TachoError",
    "TimeRange",
    "is_answer",
    "rows_of",
]
