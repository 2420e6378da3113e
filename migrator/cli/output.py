"""Standard output as UTF-8, and reports to files that can be written."""

from __future__ import annotations

import sys
from pathlib import Path

from migrator.errors import OutputError, UsageError


def write_out(text: str) -> None:
    """Write text as UTF-8 whatever the locale says: names and reasons hold any character."""
    write_bytes(text.encode("utf-8", "backslashreplace"))


def write_bytes(data: bytes) -> None:
    """Write what is encoded already."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(data.decode("utf-8", "backslashreplace"))
    else:
        sys.stdout.flush()
        binary.write(data)
    sys.stdout.flush()


def check_report(path: Path | None) -> None:
    """Raise UsageError where a report can't be: a run of minutes must not end with that."""
    if path is not None and (path.is_dir() or not path.resolve().parent.is_dir()):
        raise UsageError(
            f"The report can't be written to {str(path)!r}.",
            "It is a folder, or its folder doesn't exist.",
            "Give the path of a file in a folder that exists.",
        )


def write_report(path: Path, text: str) -> None:
    """Write a report as UTF-8; raises OutputError where the system refuses."""
    try:
        path.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise OutputError(
            f"The report can't be written to {str(path)!r}.",
            f"The system says: {error.strerror or error}.",
            "Make room or change the permissions, or name another file.",
        ) from None
