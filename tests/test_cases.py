"""The declared cases reach every view of the sample application, in good ways and in bad."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from migrator.runtime.shadow import Flow, Step
from migrator.runtime.shadow.cookies import Jar
from migrator.runtime.shadow.coverage import UrlMap
from migrator.runtime.shadow.requests import build
from tests.storefront import AREAS, CASES

# Answered by a redirect whoever asks: a view's own, not one to the login form.
_OPEN = {"pages.login", "pages.logout", "shop.put_in_cart"}


@pytest.fixture(scope="module")
def url_map() -> UrlMap:
    from legacy_app import create_app

    return UrlMap(create_app({"SQLALCHEMY_DATABASE_URI": "sqlite://"}))


def steps() -> Iterator[tuple[Flow, Step]]:
    return ((flow, step) for flow in CASES.flows for step in flow.steps)


def endpoint(url_map: UrlMap, flow: Flow, step: Step) -> str:
    # What an earlier step captures is some id or number.
    variables = defaultdict(lambda: "1", {**CASES.variables, **flow.variables})
    return url_map.match(build(step, variables, Jar(), base_url=CASES.base_url, headers={}))


def reaches_the_view(name: str, flow: Flow, step: Step) -> bool:
    """Whether the view gives this answer; a guard or an error handler gives the others."""
    if step.expect is None:
        return False
    redirected = step.expect == 302 and (flow.actor is not None or name in _OPEN)
    return step.expect < 300 or redirected


def test_every_endpoint_and_method_has_a_case_that_reaches_its_view(url_map: UrlMap) -> None:
    reached = set()
    for flow, step in steps():
        name = endpoint(url_map, flow, step)
        if reaches_the_view(name, flow, step):
            reached.add((name, step.method))
    wanted = {(e.name, m) for e in url_map.endpoints.values() for m in e.methods}
    # The application has no static files; the framework serves the folder.
    assert wanted - reached == {("static", "GET")}


def test_every_request_says_what_it_expects() -> None:
    logins = (step for actor in CASES.actors.values() for step in actor.steps)
    assert [step.name for step in logins if step.expect is None] == []
    assert [(flow.name, step.name) for flow, step in steps() if step.expect is None] == []


def test_no_rule_excuses_a_difference() -> None:
    assert CASES.rules == ()


def test_good_and_bad_input_in_every_area(url_map: UrlMap) -> None:
    assert CASES.requests >= 450
    expected = Counter(step.expect for _, step in steps())
    for status in (
        200,
        201,
        202,
        204,
        206,
        302,
        304,
        308,
        400,
        401,
        403,
        404,
        405,
        409,
        413,
        415,
        416,
        422,
    ):
        assert expected[status], status
    assert {step.method for _, step in steps()} >= {
        "GET",
        "HEAD",
        "OPTIONS",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
    }
    for area in AREAS:
        own = [step for flow, step in steps() if flow.path and flow.path.stem == area]
        assert any(step.expect and step.expect < 400 for step in own), area
        assert any(step.expect and step.expect >= 400 for step in own), area


def test_every_actor_and_several_multi_step_flows() -> None:
    assert {flow.actor for flow in CASES.flows} == {*CASES.actors, None}
    assert sum(len(flow.steps) > 3 for flow in CASES.flows) >= 20
