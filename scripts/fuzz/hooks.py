"""What Schemathesis can't know by itself."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    """A generated body of lines is a text already."""
    return (value if isinstance(value, str) else json.dumps(value)).encode(errors="replace")
