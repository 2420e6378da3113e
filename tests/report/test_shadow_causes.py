"""Causes: an exception explains all that follows, another status explains the body."""

from __future__ import annotations

from migrator.report.shadow_causes import primary
from migrator.runtime.shadow import Difference


def differences(*channels: str) -> list[Difference]:
    return [Difference(channel, "", "value") for channel in channels]


def test_what_follows_is_left_out() -> None:
    every = differences("status", "header", "json", "exception", "rows")
    assert [d.channel for d in primary(every)] == ["exception"]
    assert [d.channel for d in primary(every[:3])] == ["status"]


def test_what_stands_alone_stays() -> None:
    alone = differences("header", "cookie", "json", "body", "rows")
    assert primary(alone) == alone
