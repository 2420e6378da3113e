"""All declared cases on both databases: the converted application answers like the legacy one."""

from __future__ import annotations

import pytest

from tests.storefront import AREAS, compare, of_area, told


@pytest.mark.parametrize("area", AREAS)
def test_no_difference(area: str, storefront_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = compare(storefront_url, of_area(area), environment=monkeypatch)
    assert [told(case) for case in report.failures] == []
    implicit = {load for case in report.cases for load in case.target.implicit_loads}
    assert implicit == set()
    more = [
        row.endpoint for row in report.endpoints if row.target.statements > row.legacy.statements
    ]
    assert len(more) <= len(report.endpoints) / 10, more
