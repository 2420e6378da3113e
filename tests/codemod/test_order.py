"""The suggested order: what costs least first, what is needed before what needs it."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.codemod.finding import Finding
from migrator.codemod.order import Step, suggest
from migrator.codemod.result import EndpointLevel, Level
from migrator.surface import Endpoint


def endpoint(
    name: str, module: str = "", method: str = "GET", level: Level = "native", rule: str = ""
) -> EndpointLevel:
    function = f"{module or name.partition('.')[0]}:{name.rpartition('.')[2]}"
    rule = rule or f"/{name.replace('.', '/')}"
    return EndpointLevel(Endpoint(name, rule, (method,), function, "views.py", 1), level)


def order(
    endpoints: Sequence[EndpointLevel],
    calls: dict[str, set[str]] | None = None,
    sites: dict[str, list[str]] | None = None,
    findings: dict[str, list[Finding]] | None = None,
) -> tuple[Step, ...]:
    reached = {
        e.endpoint: frozenset({e.endpoint.function, *(calls or {}).get(e.endpoint.endpoint, ())})
        for e in endpoints
    }
    return suggest(endpoints, reached, sites or {}, findings or {}, set())


def names(steps: Sequence[Step]) -> list[str]:
    return [step.group for step in steps]


def test_what_reads_comes_before_what_writes() -> None:
    steps = order([endpoint("a.x", method="POST"), endpoint("b.x")])
    assert names(steps) == ["b", "a"]
    assert [step.writes for step in steps] == [0, 1]


def test_a_group_comes_after_the_one_whose_views_it_calls() -> None:
    many = [endpoint(f"b.{n}") for n in "xyz"]
    steps = order([endpoint("a.x"), *many], {"a.x": {"b:helper"}})
    assert names(steps) == ["b", "a"]
    assert steps[1].needs == ("b",)


def test_two_that_need_each_other_come_by_price() -> None:
    steps = order(
        [endpoint("a.x"), endpoint("a.y"), endpoint("b.x")],
        {"a.x": {"b:helper"}, "b.x": {"a:helper"}},
    )
    assert names(steps) == ["b", "a"]


def test_what_is_shared_is_paid_for_once() -> None:
    calls = {"a.x": {"services:total"}, "b.x": {"services:total"}}
    finding = Finding("services.py", 1, 1, "MIG517", "", "total", "annotate it")
    steps = order(
        [endpoint("a.x"), endpoint("b.x")],
        calls,
        {"services:total": ["native", "bridged"]},
        {"services:total": [finding]},
    )
    assert [step.sites for step in steps] == [2, 0]
    assert [step.findings for step in steps] == [1, 0]
    assert steps[0].hours > 1 > steps[1].hours
    assert steps[1].shares == ("a",)


def test_endpoints_without_a_blueprint_are_together_when_they_share_functions() -> None:
    free = [
        endpoint("list_orders", "app", rule="/orders"),
        endpoint("order_totals", "app", rule="/totals"),
        endpoint("health", "app", rule="/health"),
        endpoint("show", "app", rule="/<slug>"),
    ]
    calls = {name: {"app:orders"} for name in ("list_orders", "order_totals")}
    groups = {
        step.group: [e.endpoint.endpoint for e in step.endpoints] for step in order(free, calls)
    }
    assert groups == {
        "/orders": ["list_orders", "order_totals"],
        "/health": ["health"],
        "/": ["show"],
    }


def test_what_most_of_them_use_binds_nobody() -> None:
    free = [endpoint(name, "app", rule=f"/{name}") for name in "abcd"]
    assert len(order(free, {name: {"app:current_tenant"} for name in "abcd"})) == 4


def test_what_stays_on_the_mount_needs_no_cases() -> None:
    (step,) = order([endpoint("a.x", level="legacy")])
    assert (step.hours, step.levels["legacy"]) == (0, 1)
