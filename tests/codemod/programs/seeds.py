"""The programs of seeds: which are one application, of which kind, on which frame."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES
from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.making import program
from tests.codemod.programs.sides import Ran, run
from tests.codemod.programs.text import Program

#: How many programs are one application.
AT_ONCE = 15


def batches(first: int, count: int) -> Iterator[range]:
    """The seeds, by applications."""
    for start in range(first, first + count, AT_ONCE):
        yield range(start, min(start + AT_ONCE, first + count))


def ran(
    seeds: range, flavour: str | None = None, frame: FrameChoice | None = None
) -> tuple[Mapping[str, Program], Ran]:
    """The programs of the seeds, which are one application, and what their run has shown."""
    rng = random.Random(seeds.start)
    kind, on = rng.choice([*HOMES]), rng.choice(FRAMES)
    programs = {(made := program(seed, flavour or kind)).name: made for seed in seeds}
    return programs, asked(programs, frame or on)


def asked(programs: Mapping[str, Program], frame: FrameChoice) -> Ran:
    """What both sides of an application of these programs answer."""
    texts = {name: made.files() for name, made in programs.items()}
    flavour = next(iter(programs.values())).flavour
    return run(texts, {n: made.paths for n, made in programs.items()}, flavour, frame)
