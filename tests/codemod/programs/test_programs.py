"""Programs made at random answer alike on both sides, raise the same and leave equal rows, or a finding tells."""

from __future__ import annotations

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES
from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.making import program
from tests.codemod.programs.places import PLACES
from tests.codemod.programs.seeds import ran
from tests.codemod.programs.sides import Ground
from tests.listeners import without_the_sample_applications_listener

#: Of each kind of application.
_FIRST = {flavour: 1000 * index for index, flavour in enumerate(HOMES)}
_OF_EACH = 8


def check(seeds: range, ground: Ground, place: str | None = None, way: str = "") -> None:
    with without_the_sample_applications_listener():
        programs, found = ran(seeds, ground, place, way)
    assert not found.untold, "\n".join(map(str, found.untold))
    assert found.fine >= found.asked / 2
    # What a script alone calls stays as it is: there is a sync session.
    assert place == "scripts" or found.native > found.seen / 3
    assert len(programs) == len(seeds)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("flavour", HOMES)
def test_programs_do_the_same_or_are_told(flavour: str, frame: FrameChoice) -> None:
    first = _FIRST[flavour]
    check(range(first, first + _OF_EACH), Ground(flavour, frame))


@pytest.mark.parametrize("place", PLACES)
def test_wherever_their_code_runs(place: str) -> None:
    check(range(100, 106), Ground("extension", "fastapi"), place)


@pytest.mark.parametrize(
    "way", ["e_template", "s_noted", "s_savepoint", "s_statement", "e_task", "e_thread", "h_after"]
)
def test_whatever_is_in_the_way(way: str) -> None:
    check(range(200, 206), Ground("registry", "flask"), way=way)


@pytest.mark.usefixtures("postgres_admin_url")
def test_on_postgresql() -> None:
    check(range(300, 310), Ground("factory", "fastapi", "postgresql"))


def test_a_seed_gives_one_program() -> None:
    assert program(7, "extension").files() == program(7, "extension").files()
    assert program(7, "extension").files() != program(8, "extension").files()
