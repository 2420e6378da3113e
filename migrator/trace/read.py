"""Reads a trace file; what is no trace is told apart from what is one of another version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from migrator.errors import TraceError
from migrator.trace.evidence import Access, Attribute, Call, LazyLoads, Trace, TracedQuery

VERSION = 1


def read_trace(file: Path) -> Trace:
    """The evidence in `file`; raises TraceError where it can't be read."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TraceError(
            f"There is no trace {str(file)!r}.",
            "Lazy loads are recorded while the legacy application's tests run.",
            "Record one: migrator trace run -- pytest.",
        ) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise _unreadable(file, f"{error}.") from None
    if not isinstance(content, dict) or "version" not in content:
        raise _unreadable(file, "It has no version.")
    if content["version"] != VERSION:
        raise TraceError(
            f"{str(file)!r} is a trace of version {content['version']!r}.",
            f"This migrator reads version {VERSION}.",
            "Record it again with this migrator.",
        )
    try:
        return Trace(dict(content["files"]), tuple(map(_query, content["queries"])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(file, f"{type(error).__name__}: {error}.") from None


def _unreadable(file: Path, why: str) -> TraceError:
    return TraceError(
        f"{str(file)!r} is no trace.", why, "Record it again: migrator trace run -- pytest."
    )


def _query(entry: dict[str, Any]) -> TracedQuery:
    return TracedQuery(**{**entry, "lazy": tuple(map(_lazy, entry["lazy"]))})


def _lazy(entry: dict[str, Any]) -> LazyLoads:
    along = tuple(Attribute(*name.rsplit(".", 1)) for name in entry["along"])
    accesses = tuple(map(_access, entry["accesses"]))
    return LazyLoads(**{**entry, "along": along, "accesses": accesses})


def _access(entry: dict[str, Any]) -> Access:
    return Access(entry["count"], tuple(Call(**call) for call in entry["calls"]))
