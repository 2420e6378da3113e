"""The kit's shop, converted once; and the two sides on each kind of database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from migrator.codemod.convert import Conversion, convert
from migrator.embedded import create_database
from migrator.surface import FrameChoice
from tests.codemod.alike import alike as alike
from tests.codemod.alike import seeded_databases as seeded_databases
from tests.codemod.at_once import serving_two
from tests.codemod.kit.run import (
    SHOP,
    Converted,
    Legacy,
    Pair,
    PostgresPair,
    SqlitePair,
    load_package,
)
from tests.codemod.parity import Make, Sides


@pytest.fixture(scope="session")
def conversion() -> Conversion:
    """The codemod's result for the shop."""
    return convert(SHOP)


@pytest.fixture(scope="session")
def converted_shop(conversion: Conversion, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The converted package, written to a folder."""
    folder = tmp_path_factory.mktemp("converted") / "shop"
    folder.mkdir()
    for path, text in conversion.texts.items():
        (folder / path).write_text(text)
    return folder


@pytest.fixture(scope="session")
def sides(converted_shop: Path) -> tuple[Legacy, Converted]:
    return (
        Legacy(load_package(SHOP, "kit_legacy")),
        Converted(load_package(converted_shop, "kit_converted")),
    )


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def sqlite_pair(
    sides: tuple[Legacy, Converted],
    loop: asyncio.Runner,
    tmp_path_factory: pytest.TempPathFactory,
) -> Pair:
    return SqlitePair(*sides, loop, tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_pair(
    sides: tuple[Legacy, Converted], loop: asyncio.Runner, postgres_admin_url: str
) -> Iterator[Pair]:
    urls = [
        sa.make_url(create_database(postgres_admin_url, f"kit_{side}_{os.getpid()}"))
        for side in ("legacy", "converted")
    ]
    sync = [u.set(drivername="postgresql+psycopg2") for u in urls]
    pair = PostgresPair(*sides, loop, (sync[0], urls[1].set(drivername="postgresql+asyncpg")))
    pair.seed_target(sync[1])
    yield pair
    pair.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest) -> Pair:
    """Both sides, once on SQLite and once on PostgreSQL."""
    name = "sqlite_pair" if request.param == "sqlite" else "postgres_pair"
    found: Pair = request.getfixturevalue(name)
    return found


@pytest.fixture
def make_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """`make_sides(name, files, frame)` writes and converts an application; both can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made: list[Sides] = []

    def make(
        name: str,
        files: dict[str, str],
        frame: FrameChoice = "auto",
        application: str = "",
        waiting: Sequence[str] = (),
    ) -> Sides:
        made.append(Sides(tmp_path, name, files, frame, application, waiting))
        return made[-1]

    yield make
    for pair in made:
        pair.forget()


@pytest.fixture
def service() -> Iterator[str]:
    """The address of a service that answers two at a time: one alone waits for the other."""
    with serving_two() as url:
        yield url
