"""Whether two URL rules can match one path, judged from their text; unsure means yes.

Most migrated routes have no rival on the legacy side. The dispatcher need not ask the URL map about
those, which is most of what it costs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug.routing import Rule

_ANY, _INT, _REST = "<>", "<int>", "<...>"
_HOLE = re.compile(r"<[^<>]+>")
#: Converters that stay within one segment.
_ONE_SEGMENT = re.compile(r"<(?:(?:default|string|float|uuid|(int)):)?[a-zA-Z_]\w*>")


def no_rival(
    mine: str, methods: Collection[str] | None, twins: Iterable[Rule], others: Iterable[Rule]
) -> bool:
    """Whether none of `others` can take a request from the rule `mine`, which replaces `twins`.

    OPTIONS aside, which almost every rule has.
    """
    endpoints, ids = set(), set()
    for rule in twins:
        endpoints.add(rule.endpoint)
        ids.add(id(rule))
    for rule in others:
        if rule.endpoint in endpoints and (rule.defaults or rule.alias or rule.redirect_to):
            return False  # it may redirect to another rule of the endpoint
        if id(rule) in ids or not may_overlap(rule.rule, mine):
            continue
        if methods is None or rule.methods is None or (set(methods) & rule.methods) - {"OPTIONS"}:
            return False
    return True


def nameless(rule: str) -> str:
    """`rule` with the converters of its parameters but not their names."""

    def converter(match: re.Match[str]) -> str:
        kind, colon, _ = match[0][1:-1].rpartition(":")
        return "<default>" if not colon or kind == "string" else f"<{kind}>"

    return _HOLE.sub(converter, rule)


def may_overlap(first: str, second: str) -> bool:
    """Whether some path could match both rules, slashes at the end aside."""
    here, there = _segments(first), _segments(second)
    for one, other in zip(here, there, strict=False):
        if _REST in (one, other):
            return True
        if not _may_equal(one, other):
            return False
    longer = max(here, there, key=len)
    return len(here) == len(there) or longer[min(len(here), len(there))] == _REST


def _may_equal(one: str, other: str) -> bool:
    if one == other or _ANY in (one, other):
        return True
    text = other if one == _INT else one if other == _INT else None
    return text is not None and text.lstrip("-").isdigit()


def _segments(rule: str) -> list[str]:
    """The rule's segments: text, `_INT`, `_ANY` for other parameters, `_REST` for an open end."""
    found: list[str] = []
    marked = _ONE_SEGMENT.sub(lambda match: _INT if match[1] else _ANY, rule)
    for part in marked.strip("/").split("/"):
        literal = part.replace(_ANY, "").replace(_INT, "")
        if "<" in literal:
            found.append(_REST)
            break
        found.append(part if part in (literal, _INT) else _ANY)
    return found
