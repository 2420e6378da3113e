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
from migrator.runtime.db.in_thread import in_thread
from migrator.surface import FrameChoice
from tests.codemod.alike import alike as alike
from tests.codemod.alike import known as known
from tests.codemod.alike import uncaught as uncaught
from tests.codemod.at_once import serving_two
from tests.codemod.kit.run import (
    SHOP,
    Converted,
    Legacy,
    MysqlPair,
    Pair,
    PostgresPair,
    SqlitePair,
    load_package,
)
from tests.codemod.parity import Make, Sides
from tests.mysql import mysql_database, mysql_urls


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
def postgres_urls(postgres_admin_url: str) -> list[sa.URL]:
    """A database for each side."""
    names = [f"kit_{side}_{os.getpid()}" for side in ("legacy", "converted")]
    made = [sa.make_url(create_database(postgres_admin_url, name)) for name in names]
    return [url.set(drivername="postgresql+psycopg2") for url in made]


@pytest.fixture(scope="session")
def postgres_pair(
    sides: tuple[Legacy, Converted], loop: asyncio.Runner, postgres_urls: list[sa.URL]
) -> Iterator[Pair]:
    legacy, target = postgres_urls
    pair = PostgresPair(*sides, loop, (legacy, target.set(drivername="postgresql+asyncpg")))
    pair.seed(legacy)
    pair.seed(target)
    yield pair
    pair.close()


@pytest.fixture(scope="session")
def pair_in_threads(
    sides: tuple[Legacy, Converted],
    loop: asyncio.Runner,
    postgres_pair: PostgresPair,
    postgres_urls: list[sa.URL],
) -> Iterator[Pair]:
    """The target over psycopg2 too, on the databases of the other pair."""
    legacy, target = postgres_urls
    pair = PostgresPair(*sides, loop, (legacy, in_thread(target)))
    yield pair
    pair.close()


@pytest.fixture(scope="session")
def mysql_pair(sides: tuple[Legacy, Converted], loop: asyncio.Runner) -> Iterator[Pair]:
    driver = next(iter(mysql_urls()))
    with mysql_database(driver) as legacy, mysql_database(driver) as target:
        pair = MysqlPair(*sides, loop, (sa.make_url(legacy), in_thread(sa.make_url(target))))
        pair.seed(sa.make_url(legacy))
        pair.seed(sa.make_url(target))
        yield pair
        pair.close()


@pytest.fixture(params=["sqlite_pair", "postgres_pair", *(["mysql_pair"] if mysql_urls() else [])])
def pair(request: pytest.FixtureRequest) -> Pair:
    """Both sides, on each kind of database."""
    found: Pair = request.getfixturevalue(request.param)
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
