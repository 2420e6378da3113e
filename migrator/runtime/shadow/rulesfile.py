"""The rules of a file of cases, read strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from .rules import ACCEPTS, CHANNELS, Rule
from .yamlfile import Node

_KEYS = (
    "name", "owner", "reason", "expires", "channel", "path", "accept", "endpoint", "method",
    "case", "legacy", "target", "pattern",
)  # fmt: skip


def read_rules(node: Node | None) -> Iterator[Rule]:
    """Every rule; what is wrong with one is said with its line."""
    names: set[str] = set()
    for item in node.items() if node is not None else ():
        parts = item.mapping(_KEYS)
        for key in ("name", "owner", "reason", "channel"):
            if key not in parts:
                item.fail(
                    f"This rule has no {key!r}.", "A rule says name, owner, reason and channel."
                )
        texts = {key: value.text() for key, value in parts.items() if key != "expires"}
        if texts["name"] in names:
            item.fail(f"Two rules are called {texts['name']!r}.", "Give each its own name.")
        names.add(texts["name"])
        for key, known in (("channel", CHANNELS), ("accept", ACCEPTS)):
            if key in texts and texts[key] not in known:
                parts[key].fail(
                    f"{key} {texts[key]!r} is not known.", f"Known: {', '.join(known)}."
                )
        if texts.get("accept") == "values" and not {"legacy", "target"} <= texts.keys():
            item.fail("`accept: values` needs `legacy` and `target`.", "Add both patterns.")
        _patterns(parts, texts)
        rule = Rule(**texts, expires=_day(parts.get("expires")), line=item.line)
        if rule.expired(datetime.now(UTC).date()):
            parts["expires"].fail(
                f"The rule {rule.name!r} of {rule.owner} expired on {rule.expires}.",
                "Remove it and what it excuses, or let its owner set a new date.",
            )
        yield rule


def _patterns(parts: Mapping[str, Node], texts: Mapping[str, str]) -> None:
    for key in ("legacy", "target", "pattern"):
        if key in texts:
            try:
                re.compile(texts[key])
            except re.error as error:
                parts[key].fail(f"This is no regular expression: {error}.", "Correct the pattern.")


def _day(node: Node | None) -> date | None:
    if node is None:
        return None
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.fail(f"{node.kind} is no date.", "Write it like 2027-01-31.")
