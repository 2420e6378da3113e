"""The trace file: JSON of a version, mergeable, with the hash of every source file it names.

docs/trace.md describes it; `migrator.trace` reads it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .evidence import Loads, Query
from .places import Place

VERSION = 1
_CHAINS = 5  # how many ways to an access are kept a path: the most frequent ones
_PLACE = ("path", "line", "end_line", "column", "end_column", "function")


def document(root: Path, queries: Iterable[Query]) -> dict[str, Any]:
    """The evidence as the file holds it: queries whose objects loaded something lazily."""
    entries = [entry for query in queries if (entry := _query(query))["lazy"]]
    return _finished(entries, _hashes(root, entries))


def merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Both together; where a file has changed in between, the evidence of `second` alone."""
    files = {**first["files"], **second["files"]}
    changed = {p for p, digest in first["files"].items() if files[p] != digest}
    queries: dict[tuple[Any, ...], dict[str, Any]] = {}
    kept = [q for q in first["queries"] if changed.isdisjoint(_paths(q))]
    for query in [*kept, *second["queries"]]:
        key = (*(query[name] for name in _PLACE), query["entity"])
        known = queries.get(key)
        queries[key] = query if known is None else _sum(known, query)
    return _finished(list(queries.values()), files)


def write(file: Path, content: dict[str, Any], *, append: bool = False) -> None:
    """Write the file, whole or not at all; raises ValueError where `append` meets another format."""
    if append and file.exists():
        content = merged(read(file), content)
    partial = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, file)


def read(file: Path) -> dict[str, Any]:
    """What `write` wrote; raises ValueError for anything else."""
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise ValueError(f"{file} is no trace of version {VERSION}")
    return content


def collect(folder: Path) -> dict[str, Any]:
    """The evidence of several processes: all trace files of a folder."""
    total: dict[str, Any] = {"version": VERSION, "files": {}, "queries": []}
    for part in sorted(folder.glob("*.json")):
        total = merged(total, read(part))
    return total


def _query(query: Query) -> dict[str, Any]:
    with_loads = [path for path, loads in query.paths.items() if loads.loads]
    needed = {path[:n] for path in with_loads for n in range(1, len(path) + 1)}
    paths = [_lazy(p, query.paths[p]) for p in needed if p in query.paths]
    return {
        **query.place._asdict(),
        "entity": query.entity,
        **_counts(query),
        "lazy": sorted(paths, key=lambda entry: entry["along"]),
    }


def _lazy(path: tuple[str, ...], loads: Loads) -> dict[str, Any]:
    return {
        "along": list(path),
        "kind": loads.kind,
        "loads": loads.loads,
        "most": loads.most,
        "in_runs": loads.runs,
        "objects": loads.objects,
        "fruitful": loads.fruitful,
        "accesses": _most_frequent(
            {"count": count, "calls": [_call(place) for place in chain]}
            for chain, count in loads.accesses.items()
        ),
    }


def _counts(query: Query) -> dict[str, int]:
    return {"runs": query.runs, "fruitful": query.fruitful, "objects": query.objects}


def _call(place: Place) -> dict[str, Any]:
    return {"path": place.path, "line": place.line, "function": place.function}


def _most_frequent(accesses: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    def order(access: dict[str, Any]) -> Any:
        return -access["count"], [tuple(call.values()) for call in access["calls"]]

    return sorted(accesses, key=order)[:_CHAINS]


def _sum(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    total = {**other, **{k: one[k] + other[k] for k in ("runs", "fruitful", "objects")}}
    lazy: dict[tuple[str, ...], dict[str, Any]] = {}
    for entry in (*one["lazy"], *other["lazy"]):
        path = tuple(entry["along"])
        known = lazy.get(path)
        lazy[path] = entry if known is None else _sum_lazy(known, entry)
    total["lazy"] = [lazy[path] for path in sorted(lazy)]
    return total


def _sum_lazy(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    accesses: dict[str, dict[str, Any]] = {}
    for access in (*one["accesses"], *other["accesses"]):
        key = json.dumps(access["calls"])
        count = access["count"] + (accesses[key]["count"] if key in accesses else 0)
        accesses[key] = {**access, "count": count}
    return {
        **other,
        **{k: one[k] + other[k] for k in ("loads", "in_runs", "objects", "fruitful")},
        "kind": one["kind"] or other["kind"],
        "most": max(one["most"], other["most"]),
        "accesses": _most_frequent(accesses.values()),
    }


def _paths(query: dict[str, Any]) -> set[str]:
    calls = (c for entry in query["lazy"] for a in entry["accesses"] for c in a["calls"])
    return {query["path"], *(call["path"] for call in calls)}


def _hashes(root: Path, queries: Iterable[dict[str, Any]]) -> dict[str, str]:
    names = {path for query in queries for path in _paths(query)}
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in names}


def _finished(queries: list[dict[str, Any]], files: dict[str, str]) -> dict[str, Any]:
    def order(query: dict[str, Any]) -> Any:
        return [query[name] for name in (*_PLACE, "entity")]

    used = {path for query in queries for path in _paths(query)}
    return {
        "version": VERSION,
        "files": {name: files[name] for name in sorted(used)},
        "queries": sorted(queries, key=order),
    }
