"""What a report says of one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know or to do: `severity` is error (to be done by hand) or info."""

    path: str
    line: int
    column: int
    code: str
    message: str
    symbol: str = ""
    hint: str = ""
    severity: str = "error"
