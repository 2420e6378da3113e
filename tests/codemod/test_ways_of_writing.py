"""The kit's functions in other styles: what an expression does, it does wherever it is written."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from migrator.codemod.convert import convert
from tests.codemod.kit.restyled import Restyled
from tests.codemod.kit.run import (
    FURNITURE,
    SHOP,
    Converted,
    Legacy,
    Pair,
    SqlitePair,
    agree,
    functions,
    load_package,
)
from tests.codemod.kit.shapes import Shapes
from tests.codemod.kit.ways import Ways
from tests.codemod.test_differential import EARLIER_FORM, OTHER_EXCEPTION

#: Each n-th function is run.
_STEP = 1


@pytest.fixture(scope="module", params=[Ways, Shapes])
def restyled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Restyled, Pair]]:
    """Both sides of the shop in which each function is written in another way."""
    folder = tmp_path_factory.mktemp("restyled")
    legacy, new = folder / "legacy", folder / "new"
    legacy.mkdir()
    new.mkdir()
    ways: Restyled = request.param()
    for file in sorted(SHOP.glob("*.py")):
        text = file.read_text()
        plain = file.stem in FURNITURE
        (legacy / file.name).write_text(text if plain else ways.rewrite(file.stem, text))
    for path, text in convert(legacy).texts.items():
        (new / path).write_text(text)
    sides = Legacy(_loaded(legacy)), Converted(_loaded(new))
    with asyncio.Runner() as loop:
        yield ways, SqlitePair(*sides, loop, folder)


def _loaded(folder: Path) -> dict[str, ModuleType]:
    return load_package(folder, re.sub(r"\W", "_", str(folder)))


def test_each_way_of_writing_does_the_same(
    restyled: tuple[Restyled, Pair], subtests: pytest.Subtests
) -> None:
    ways, pair = restyled
    skipped = {*EARLIER_FORM, *OTHER_EXCEPTION}
    names = [n for n in functions() if n in ways.used and n not in skipped]
    names = ways.sample(names, _STEP)
    assert {ways.used[n] for n in names} == ways.styles
    for name in names:
        legacy, converted = pair.run(name)
        with subtests.test(function=name, way=ways.used[name]):
            agree(legacy, converted)
