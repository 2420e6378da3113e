"""Rows written, compared: the net effect first, then the operations that led to it.

Insert and update of one row collapse to what another transaction would see afterwards. Where the
net effects agree but the operations don't (an extra UPDATE that changes nothing), that is a
difference too, of kind `operations`; only their order is left as a note.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from . import strictjson
from .model import Difference, RowChange


def net(writes: Iterable[RowChange]) -> dict[tuple[str, str], list[RowChange]]:
    """What was written in the end, by table and key; a row that came and went is left out.

    Rows of a table without a primary key can share a key, so each key holds a list.
    """
    found: dict[tuple[str, str], list[RowChange]] = {}
    for change in writes:
        rows = found.setdefault((change.table, change.key), [])
        merged = _merge(rows[-1], change) if rows else None
        if merged is None:
            rows.append(change)
        else:
            rows[-1:] = merged
    return {
        place: kept
        for place, rows in found.items()
        if (kept := [row for row in rows if not _changes_nothing(row)])
    }


def _merge(earlier: RowChange, later: RowChange) -> list[RowChange] | None:
    """Two changes of one row as one (or none); None where they can't be put together."""
    step = (earlier.operation, later.operation)
    if step == ("insert", "update"):
        return [_made(earlier, "insert", None, later.after)]
    if step == ("insert", "delete"):
        return []
    if step == ("update", "update"):
        return [_made(earlier, "update", earlier.before, later.after)]
    if step == ("update", "delete"):
        return [_made(earlier, "delete", earlier.before, None)]
    if step == ("delete", "insert"):
        return [_made(earlier, "update", earlier.before, later.after)]
    return None


def _made(like: RowChange, operation: str, before: object, after: object) -> RowChange:
    return RowChange(
        like.table,
        operation,
        like.key,
        before if isinstance(before, dict) else None,
        after if isinstance(after, dict) else None,
    )


def _changes_nothing(row: RowChange) -> bool:
    return row.operation == "update" and strictjson.same(row.before, row.after)


def compare_writes(
    legacy: Sequence[RowChange], target: Sequence[RowChange], notes: list[str]
) -> list[Difference]:
    """Every difference between what two sides wrote to the database."""
    ours, theirs = net(legacy), net(target)
    found: list[Difference] = []
    for table, key in dict.fromkeys([*ours, *theirs]):
        found.extend(_row(table, key, ours.get((table, key), []), theirs.get((table, key), [])))
    if found:
        return found
    before, after = _operations(legacy), _operations(target)
    if Counter(before) != Counter(after):
        return list(_extra_operations(Counter(before), Counter(after)))
    if before != after:
        notes.append("the same rows were written in another order")
    return []


def _row(
    table: str, key: str, ours: list[RowChange], theirs: list[RowChange]
) -> Iterable[Difference]:
    path = f"{table}[{key}]" if key else table
    if len(ours) != len(theirs):
        kind = "missing" if not theirs else "extra" if not ours else "count"
        values = (ours[0].after if ours else None, theirs[0].after if theirs else None)
        yield Difference("rows", path, kind, _show(ours), _show(theirs), values=values)
        return
    for one, other in zip(ours, theirs, strict=True):
        if one.operation != other.operation:
            yield Difference("rows", path, "operation", _show([one]), _show([other]))
            continue
        yield from strictjson.compare(one.before, other.before, f"{path} before", "rows")
        yield from strictjson.compare(one.after, other.after, path, "rows")


def _show(rows: list[RowChange]) -> str:
    return " | ".join(
        f"{row.operation} {strictjson.show(row.after if row.after is not None else row.before, 160)}"
        for row in rows
    )


def _operations(writes: Sequence[RowChange]) -> list[tuple[str, str, str, str]]:
    return [
        (w.table, w.operation, w.key, strictjson.canonical([w.before, w.after])) for w in writes
    ]


def _extra_operations(
    before: Counter[tuple[str, str, str, str]], after: Counter[tuple[str, str, str, str]]
) -> Iterable[Difference]:
    places = dict.fromkeys((t, o, k) for t, o, k, _ in [*before, *after])
    for table, operation, key in places:
        ours = _count(before, table, operation, key)
        theirs = _count(after, table, operation, key)
        path = f"{table}[{key}]" if key else table
        if ours != theirs:
            detail = "the rows are the same in the end"
            yield Difference(
                "rows", path, "operations", f"{ours}× {operation}", f"{theirs}× {operation}", detail
            )
    if all(_count(before, *place) == _count(after, *place) for place in places):
        yield Difference(
            "rows", "", "operations", detail="other values on the way to the same rows"
        )


def _count(counts: Counter[tuple[str, str, str, str]], table: str, operation: str, key: str) -> int:
    return sum(n for (t, o, k, _), n in counts.items() if (t, o, k) == (table, operation, key))
