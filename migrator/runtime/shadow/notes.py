"""What a report says of the whole run: two sides that are alike, and yet nothing is proved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from .cases import Cases
from .coverage import NO_ENDPOINT
from .flows import steps_of
from .model import Difference
from .report import CaseResult

_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: What Werkzeug makes a file's ETag of: its time, its length and a checksum of its path.
_FILE_ETAG = re.compile(r'(?:W/)?"[\d.]+-\d+-\d+"')


def notes_of(results: list[CaseResult], cases: Cases, *, rows: bool) -> Iterator[str]:
    """Every note on all `results`; `rows` says whether what they write was compared."""
    yield from _broken_alike(results)
    yield from _turned_away(results, cases)
    if rows:
        yield from _written_nothing(results)
    yield from _other_etags(results)


def _broken_alike(results: list[CaseResult]) -> Iterator[str]:
    """Two applications without their tables are alike too."""
    broken = [
        r
        for r in results
        if all(o.response and o.response.status >= 500 for o in (r.legacy, r.target))
    ]
    if broken:
        failures = sorted({f.name for r in broken for f in r.legacy.failures})
        reasons = ", ".join(failures) or "no reason logged"
        yield f"{len(broken)} of {len(results)} requests gave a 5xx on both sides ({reasons})."


def _turned_away(results: list[CaseResult], cases: Cases) -> Iterator[str]:
    """An actor whom nobody lets in sees the same on both sides."""
    meant = {
        (flow.name, number)
        for flow in cases.flows
        for number, step in enumerate(steps_of(flow, cases.actors.get(flow.actor or "")), 1)
        if step.expect is not None
    }
    for actor in cases.actors.values():
        first = len(actor.steps) if actor.fresh else 0
        own = [r for r in results if r.actor == actor.name and r.step > first]
        answers = {_refusal(r) for r in own}
        announced = all((r.flow, r.step) in meant for r in own)
        # Requests that are all led to one page: the one to log in.
        led = answers - {"401", "403"}
        asked = {r.request.path for r in own if _refusal(r) in led}
        if announced or None in answers or len(led) > 1 or (led and len(asked) < 2):
            continue
        yield (
            f"{actor.name} got nothing but {', '.join(sorted(filter(None, answers)))} (requests: "
            f"{len(own)}): nothing is proved of what {actor.name} may see. Has the login worked? "
            "Where it is meant, the cases say so by `expect`."
        )


def _refusal(result: CaseResult) -> str | None:
    """401, 403, or where a GET is led to; None for any other answer."""
    response = result.legacy.response
    if response is None:
        return None
    if response.status in (401, 403):
        return str(response.status)
    if response.status not in (302, 303) or result.request.method != "GET":
        return None
    return f"redirects to {urlsplit(response.header('location') or '').path or '/'}"


def _written_nothing(results: list[CaseResult]) -> Iterator[str]:
    """A login that expired, a refused token: two sides that don't get as far as to write are alike too."""
    asked = [
        r
        for r in results
        if r.endpoint and r.endpoint not in NO_ENDPOINT and r.request.method in _WRITING
    ]
    writing = {r.endpoint for r in asked if r.legacy.writes or r.target.writes}
    names = dict.fromkeys(r.endpoint for r in asked if r.endpoint not in writing)
    if names:
        yield (
            f"no POST, PUT, PATCH or DELETE wrote a row by {', '.join(names)}: nothing is proved of "
            "what they write."
        )


def _other_etags(results: list[CaseResult]) -> Iterator[str]:
    """Of a file that is the same in both packages, and lies in two folders."""
    found = [r for r in results if any(map(_is_files_etag, r.comparison.differences))]
    if found:
        yield (
            f"the ETag of a file differs in {len(found)} of {len(results)} answers. It is made of the file's "
            "time and path: docs/shadow.md has the rule that accepts it (static-etags)."
        )


def _is_files_etag(difference: Difference) -> bool:
    where = (difference.channel, difference.path, difference.kind)
    values = (difference.legacy, difference.target)
    return where == ("header", "etag", "value") and all(map(_FILE_ETAG.fullmatch, values))
