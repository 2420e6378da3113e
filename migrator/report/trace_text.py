"""A trace in the terminal: the hot spots, most statements first, and where each is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from migrator.frozen import frozen
from migrator.report.tables import new_table, print_table
from migrator.trace.evidence import LazyLoads, Trace, TracedQuery


@frozen
class HotSpot:
    """What one query leaves to be loaded later, along one path."""

    query: TracedQuery
    lazy: LazyLoads

    @property
    def repeats(self) -> bool:
        """N+1: several statements for the objects of one run."""
        return self.lazy.most > 1


def hot_spots(trace: Trace) -> list[HotSpot]:
    """Everything that was loaded lazily: the most statements first."""
    found = [HotSpot(q, lazy) for q in trace.queries for lazy in q.lazy if lazy.loads]
    return sorted(found, key=lambda s: (-s.lazy.loads, s.query.place, str(s.lazy.along)))


def print_trace(trace: Trace, console: Console, *, top: int) -> None:
    """The first `top` hot spots and a closing line."""
    spots = hot_spots(trace)
    table = new_table()
    for name in ("loads", "most", "runs"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("query", "loads lazily", "asked for at"):
        table.add_column(name, no_wrap=True)
    for spot in spots[:top]:
        table.add_row(*map(Text, _cells(spot)))
    if spots:
        print_table(table, console)
        console.print()
    total = sum(s.lazy.loads for s in spots)
    repeated = sum(s.lazy.loads for s in spots if s.repeats)
    rest = f" ({len(spots) - top} not shown)" if len(spots) > top else ""
    console.print(
        f"{total} lazy loads at {len(spots)} places{rest}; {repeated} of them are N+1.",
        highlight=False,
    )


def _cells(spot: HotSpot) -> Iterator[str]:
    lazy = spot.lazy
    yield str(lazy.loads)
    yield str(lazy.most)
    yield str(lazy.in_runs)
    yield f"{spot.query.place} {spot.query.function}"
    yield f"{' → '.join(map(str, lazy.along))} ({lazy.kind})"
    calls = lazy.accesses[0].calls if lazy.accesses else ()
    yield f"{calls[0].path}:{calls[0].line} {calls[0].function}" if calls else ""
