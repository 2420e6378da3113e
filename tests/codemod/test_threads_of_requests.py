"""Code that relied on a thread for each request: as many at once, on threads and on one event loop."""

from __future__ import annotations

import importlib

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.at_once import at_once
from tests.codemod.parity import FRAMES, Make, Sides
from tests.codemod.threaded_apps import APP, EVERYWHERE


@pytest.fixture(params=FRAMES)
def sides(request: pytest.FixtureRequest, make_sides: Make) -> Sides:
    frame: FrameChoice = request.param
    return make_sides("turns", APP, frame)


def test_everything_is_converted(sides: Sides) -> None:
    found = outcome_of(sides.conversion)
    assert not found.findings
    assert {n.code for n in found.notes} <= {"MIG114"}
    assert all(e.level != "legacy" for e in found.endpoints)


@pytest.mark.parametrize("path", ["/locked", "/again", "/few"])
def test_a_lock_keeps_the_next_request_out(path: str, sides: Sides) -> None:
    expected, found = at_once(sides, [("POST", path)] * 8)
    assert sorted(expected) == sorted(found) == list(range(1, 9))


def test_what_is_kept_for_the_thread_is_the_request_s(sides: Sides) -> None:
    expected, found = at_once(sides, [("GET", f"/who?name={n}") for n in range(6)])
    assert expected == found == [[str(n)] * 2 for n in range(6)]


def test_one_request_waits_for_another(sides: Sides) -> None:
    expected, found = at_once(sides, [("GET", "/wait"), ("GET", "/call")])
    assert expected == found == [True, "done"]


@pytest.mark.parametrize(
    "path",
    [
        "/service",
        "/service-below",
        "/plain",
        "/subclass",
        "/sorted",
        "/thread",
        "/mapped",
        "/submitted",
        "/completed",
    ],
)
def test_a_service_is_asked_by_several_at_once(path: str, sides: Sides, service: str) -> None:
    expected, found = at_once(sides, [("GET", f"{path}?url={service}")] * 2)
    assert expected == found
    assert "alone" not in str(found)


@pytest.mark.parametrize("frame", FRAMES)
def test_everywhere(frame: FrameChoice, make_sides: Make) -> None:
    sides = make_sides("everywhere", EVERYWHERE, frame)
    paths = ["who", "bad", "stream", "nested", "critical", "single", "turn"]
    expected, found = at_once(sides, [("GET", f"/{p}?name=n{n}") for n in range(5) for p in paths])
    assert expected == found
    for package in (sides.legacy, sides.target):
        module = importlib.import_module(package)
        assert module.order[::2] == module.order[1::2]
        assert len(module.made) == 1
