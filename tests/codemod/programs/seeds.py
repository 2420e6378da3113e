"""The programs of seeds: which are one application, of which kind, on what."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES
from tests.codemod.programs.homes import HOMES
from tests.codemod.programs.making import program
from tests.codemod.programs.sides import Ground, Ran, run
from tests.codemod.programs.text import Program

#: How many programs are one application.
AT_ONCE = 15


def batches(first: int, count: int) -> Iterator[range]:
    """The seeds, by applications."""
    for start in range(first, first + count, AT_ONCE):
        yield range(start, min(start + AT_ONCE, first + count))


def ground_of(
    seeds: range,
    flavour: str | None = None,
    frame: FrameChoice | None = None,
    database: str = "sqlite",
    bare: bool = False,
) -> Ground:
    """What the programs of these seeds run on: what is given, and by chance what is not."""
    rng = random.Random(seeds.start)
    kind, on = rng.choice([*HOMES]), rng.choice(FRAMES)
    return Ground(flavour or kind, frame or on, database, bare)


def ran(
    seeds: range, ground: Ground, place: str | None = None, way: str = ""
) -> tuple[Mapping[str, Program], Ran]:
    """The programs of the seeds, which are one application, and what their run has shown."""
    programs = {(made := program(seed, ground.flavour, place, way)).name: made for seed in seeds}
    texts = {name: made.files() for name, made in programs.items()}
    return programs, run(texts, {n: made.paths for n, made in programs.items()}, ground)
