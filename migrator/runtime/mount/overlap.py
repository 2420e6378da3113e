"""Whether two URL rules can match one path, judged from their text; unsure means yes.

Most migrated routes have no rival on the legacy side. The dispatcher need not ask the URL map about
those, which is most of what it costs.
"""

from __future__ import annotations

import re

_ANY, _REST = "<>", "<...>"
#: Converters that stay within one segment.
_ONE_SEGMENT = re.compile(r"<(?:(?:default|string|int|float|uuid):)?[a-zA-Z_]\w*>")


def may_overlap(first: str, second: str) -> bool:
    """Whether some path could match both rules, slashes at the end aside."""
    here, there = _segments(first), _segments(second)
    for one, other in zip(here, there, strict=False):
        if one == _REST or other == _REST:
            return True
        if one != _ANY and other != _ANY and one != other:
            return False
    longer = max(here, there, key=len)
    return len(here) == len(there) or longer[min(len(here), len(there))] == _REST


def _segments(rule: str) -> list[str]:
    """The rule's segments: text, `_ANY` for one that has parameters, `_REST` for an open end."""
    found: list[str] = []
    for part in _ONE_SEGMENT.sub(_ANY, rule).strip("/").split("/"):
        if "<" in part.replace(_ANY, ""):
            found.append(_REST)
            break
        found.append(_ANY if _ANY in part else part)
    return found
