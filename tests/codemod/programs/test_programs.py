"""Programs made at random answer alike on both sides, raise the same and leave equal rows, or a finding tells."""

from __future__ import annotations

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES
from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.seeds import AT_ONCE, ran
from tests.listeners import without_the_sample_applications_listener

#: Of each kind of application.
_FIRST = {flavour: 1000 * index for index, flavour in enumerate(HOMES)}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("flavour", HOMES)
def test_programs_do_the_same_or_are_told(flavour: str, frame: FrameChoice) -> None:
    seeds = range(_FIRST[flavour], _FIRST[flavour] + AT_ONCE)
    with without_the_sample_applications_listener():
        programs, found = ran(seeds, flavour, frame)
    assert not found.untold, "\n".join(map(str, found.untold))
    assert found.fine > found.asked / 2
    assert found.native > found.seen / 2
    assert len(programs) == AT_ONCE


def test_a_seed_gives_one_program() -> None:
    from tests.codemod.programs.making import program

    assert program(7, "extension").files() == program(7, "extension").files()
    assert program(7, "extension").files() != program(8, "extension").files()
