"""Named rules: the only way a difference is accepted, and never in silence.

A rule has an owner, a reason and, where it is meant to go away, a date. It is offered differences
that were found already; it never hides anything from the compare. One that excused nothing is
reported, one that has expired is an error.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase

from . import strictjson
from .model import Difference, Response

#: What a rule may say of the two values, by `accept:`.
ACCEPTS = (
    "any",
    "same-instant",
    "same-number",
    "same-text",
    "unordered",
    "values",
    "missing",
    "extra",
)
CHANNELS = ("status", "header", "cookie", "json", "body", "rows", "exception", "response")


@dataclass(frozen=True, slots=True)
class RuleContext:
    """Where a difference was found."""

    endpoint: str = ""
    method: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One accepted difference between the frameworks.

    `channel` and `path` say where (path is a glob: `content-type`, `$.items[*].price`,
    `audit_log[*].created_at`); `accept` says what may differ there. `accept: values` needs
    `legacy` and `target`, regular expressions that the two shown values must match in full.
    `accept: any` on the body may have a `pattern`: what matches it on both sides is blanked
    and the rest must be equal.
    """

    name: str
    owner: str
    reason: str
    channel: str
    path: str = "*"
    accept: str = "any"
    expires: date | None = None
    endpoint: str = "*"
    method: str = "*"
    case: str = "*"
    legacy: str = ""
    target: str = ""
    pattern: str = ""
    line: int = 0

    def expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.expires is not None and today > self.expires

    def applies(self, context: RuleContext) -> bool:
        """Whether the rule is meant for this case."""
        return (
            fnmatchcase(context.endpoint, self.endpoint)
            and fnmatchcase(context.method, self.method)
            and fnmatchcase(context.case, self.case)
        )

    def covers(self, difference: Difference) -> bool:
        """Whether the rule accepts this difference."""
        if difference.channel != self.channel or not _glob(self.path, difference.path):
            return False
        if self.accept in ("missing", "extra"):
            return difference.kind == self.accept
        if self.accept == "values":
            return (
                re.fullmatch(self.legacy, difference.legacy) is not None
                and re.fullmatch(self.target, difference.target) is not None
            )
        if self.accept == "unordered":
            return difference.kind == "order" or _same_header_words(difference)
        if self.accept == "any":
            return not self.pattern
        left, right = difference.values or (difference.legacy, difference.target)
        if difference.kind not in ("value", "type"):
            return False
        return _SAME[self.accept](left, right)


def _glob(pattern: str, path: str) -> bool:
    """`*` is anything; `[*]` is one index or key, so that brackets need no escape."""
    expression = re.escape(pattern).replace(r"\[\*\]", r"\[[^\]]*\]").replace(r"\*", ".*")
    return re.fullmatch(expression, path, re.DOTALL) is not None


def _same_header_words(difference: Difference) -> bool:
    if difference.channel != "header" or difference.kind != "value":
        return False
    ours, theirs = (
        Counter(word.strip().lower() for word in text.split(","))
        for text in (difference.legacy, difference.target)
    )
    return ours == theirs


def _same_instant(left: object, right: object) -> bool:
    ours, theirs = _instant(left), _instant(right)
    return ours is not None and ours == theirs


def _instant(value: object) -> datetime | None:
    """The moment a text names; one without a zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value)
        except (ValueError, TypeError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _same_number(left: object, right: object) -> bool:
    ours, theirs = _number(left), _number(right)
    return ours is not None and ours == theirs


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _same_text(left: object, right: object) -> bool:
    """The same words: case and white space are free."""
    return (
        isinstance(left, str)
        and isinstance(right, str)
        and left.casefold().split() == right.casefold().split()
    )


_SAME = {"same-instant": _same_instant, "same-number": _same_number, "same-text": _same_text}


def excuse(
    differences: Sequence[Difference],
    rules: Sequence[Rule],
    context: RuleContext,
    left: Response | None,
    right: Response | None,
) -> tuple[list[Difference], list[Difference]]:
    """The differences that no rule accepts, and those that one does (each with its rule's name)."""
    fitting = [rule for rule in rules if rule.applies(context)]
    kept: list[Difference] = []
    excused: list[Difference] = []
    for difference in differences:
        rule = next((r for r in fitting if _accepts(r, difference, left, right)), None)
        if rule is None:
            kept.append(difference)
        else:
            excused.append(replace(difference, rule=rule.name))
    return kept, excused


def _accepts(
    rule: Rule, difference: Difference, left: Response | None, right: Response | None
) -> bool:
    if rule.covers(difference):
        return True
    if rule.channel != difference.channel or left is None or right is None:
        return False
    if rule.pattern and rule.channel == "body":
        return _blanked(rule.pattern, left.body) == _blanked(rule.pattern, right.body)
    if rule.accept == "unordered" and rule.channel == "json":
        return _same_without_order(rule.path, difference.path, left.body, right.body)
    return False


def _blanked(pattern: str, body: bytes) -> bytes:
    return re.sub(pattern.encode(), b"\x00", body)


def _same_without_order(pattern: str, path: str, left: bytes, right: bytes) -> bool:
    """Whether `path` lies in a list that the rule frees of its order and that holds the same.

    Elements must pair off exactly: a list of the same length with another element still differs.
    """
    try:
        ours, theirs = strictjson.parse(left), strictjson.parse(right)
    except strictjson.NotJSON:
        return False
    for end in range(len(path), 0, -1):
        prefix = path[:end]
        if not _glob(pattern, prefix):
            continue
        one, other = strictjson.at(ours, prefix), strictjson.at(theirs, prefix)
        if isinstance(one, list) and isinstance(other, list):
            counts = Counter(map(strictjson.canonical, one))
            return counts == Counter(map(strictjson.canonical, other))
    return False
