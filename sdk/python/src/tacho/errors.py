"""What goes wrong."""

from __future__ import annotations


class TachoError(Exception):
    """The one class of errors that this client raises.

    `code` is a stable word: the server's (`invalid_value`, `overloaded`, …), or `network`, `queue_full`, `closed`, `spool`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        pointer: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        #: The HTTP status; None if there was no answer.
        self.status = status
        #: JSON pointer to the field at fault.
        self.pointer = pointer
        #: The id under which the server logged the request.
        self.request_id = request_id
        #: How long the server asks to wait, in seconds.
        self.retry_after = retry_after
