"""Causes: an exception explains all that follows, another status explains the body."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from migrator.report.shadow_causes import causes, primary
from migrator.runtime.shadow import Difference, Report


def differences(*channels: str) -> list[Difference]:
    return [Difference(channel, "", "value") for channel in channels]


def test_what_follows_is_left_out() -> None:
    every = differences("status", "header", "json", "exception", "rows")
    assert [d.channel for d in primary(every)] == ["exception"]
    assert [d.channel for d in primary(every[:3])] == ["status"]


def test_what_most_requests_show_comes_first() -> None:
    def case(path: str) -> SimpleNamespace:
        found = (Difference("json", path, "value"),)
        return SimpleNamespace(endpoint="x", comparison=SimpleNamespace(differences=found))

    cases = [case("$.a"), case("$.b"), case("$.b")]
    found = causes(cast("Report", SimpleNamespace(every_case=cases)))
    assert [(cause.group, cause.cases) for cause in found] == [
        ("json $.b value", 2),
        ("json $.a value", 1),
    ]


def test_what_stands_alone_stays() -> None:
    alone = differences("header", "cookie", "json", "body", "rows")
    assert primary(alone) == alone
