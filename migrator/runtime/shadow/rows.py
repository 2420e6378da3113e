"""Results gathered by endpoint and by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from .cases import Cases
from .coverage import UrlMap
from .model import worst
from .report import CaseResult, EndpointRow, RuleUse, side_of


def endpoint_rows(
    results: list[CaseResult], url_map: UrlMap, levels: Mapping[str, str]
) -> Iterable[EndpointRow]:
    """A row for each endpoint that was asked, in the order of the URL map."""
    grouped: dict[str, list[CaseResult]] = {}
    for result in results:
        grouped.setdefault(result.endpoint, []).append(result)
    order = {name: number for number, name in enumerate(url_map.endpoints)}
    for name in sorted(grouped, key=lambda n: (order.get(n, len(order)), n)):
        found = grouped[name]
        known = url_map.endpoints.get(name)
        yield EndpointRow(
            name,
            known.rule if known is not None else "",
            known.methods if known is not None else (),
            levels.get(name) or _level(found),
            len(found),
            worst(result.verdict for result in found),
            dict(Counter(result.verdict for result in found)),
            side_of([result.legacy for result in found]),
            side_of([result.target for result in found]),
            sum(len(result.target.implicit_loads) for result in found),
            sum(len(result.legacy.writes) for result in found),
        )


def _level(results: list[CaseResult]) -> str:
    served = sorted({result.target.served_by for result in results} - {""})
    return "legacy" if served == ["mount"] else " + ".join(served)


def rule_uses(cases: Cases, results: list[CaseResult]) -> Iterable[RuleUse]:
    """Every declared rule, used or not."""
    for rule in cases.rules:
        per_case = [sum(d.rule == rule.name for d in r.comparison.excused) for r in results]
        yield RuleUse(rule, sum(per_case), sum(map(bool, per_case)))
