"""Causes: an exception explains the status and the body, nothing explains the rows."""

from __future__ import annotations

from migrator.report.shadow_causes import primary
from migrator.runtime.shadow import Difference


def differences(*channels: str) -> list[Difference]:
    return [Difference(channel, "", "value") for channel in channels]


def test_what_follows_is_left_out() -> None:
    every = differences("status", "header", "json", "exception", "rows")
    assert [d.channel for d in primary(every)] == ["exception", "rows"]
    assert [d.channel for d in primary(every[:3])] == ["status"]


def test_what_stands_alone_stays() -> None:
    alone = differences("header", "cookie", "json", "body", "rows")
    assert primary(alone) == alone
