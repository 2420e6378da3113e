"""One clock and one source of chance, the same at the same step whoever else draws."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import pytest
from greenlet import greenlet

from migrator.runtime.shadow import freeze
from migrator.runtime.shadow.freeze import Determinism

START = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def draw() -> list[object]:
    return [
        uuid.uuid4(),
        secrets.token_hex(8),
        secrets.choice("abcdefghij"),
        random.random(),
        os.urandom(4),
        datetime.now(UTC),
        date.today(),
        time.time(),
    ]


def test_the_same_step_draws_the_same() -> None:
    with Determinism(START).running() as frozen:
        frozen.step("flow", 0)
        first = draw()
        frozen.step("flow", 1)
        second = draw()
        frozen.step("flow", 0)
        assert draw() == first
    assert all(a != b for a, b in zip(first[:2], second[:2], strict=True))
    assert first[5] == START
    assert uuid.UUID(str(first[0])).version == 4


def test_time_passes_between_steps_only() -> None:
    with Determinism(START).running() as frozen:
        frozen.step("flow", 3)
        assert time.time() == time.time() == START.timestamp() + 3


def test_the_event_loop_runs_on() -> None:
    async def wait() -> float:
        before = asyncio.get_running_loop().time()
        await asyncio.sleep(0.01)
        return asyncio.get_running_loop().time() - before

    with Determinism(START).running():
        assert asyncio.run(wait()) >= 0.009


def test_all_is_as_before_afterwards() -> None:
    urandom, state = os.urandom, random.getstate()
    with Determinism(START).running() as frozen:
        frozen.step("flow", 0)
        random.random()
    assert os.urandom is urandom
    assert random.getstate() == state
    assert abs(datetime.now(UTC).year - START.year) < 50
    assert uuid.uuid4() != uuid.uuid4()


def test_every_draw_of_a_step_is_another() -> None:
    with Determinism(START).running() as frozen:
        frozen.step("flow", 0)
        assert len({uuid.uuid4() for _ in range(100)}) == 100


def test_the_bridge_draws_what_its_caller_draws() -> None:
    with Determinism(START).running() as frozen:
        frozen.step("flow", 0)
        drawn = uuid.uuid4()
        frozen.step("flow", 0)
        assert greenlet(uuid.uuid4).switch() == drawn


DRAWS = "import os, uuid\ndef draw(): return uuid.uuid4()\ndef another(): return os.urandom(16)"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Makes a module that lies where packages are installed."""
    monkeypatch.setattr(freeze, "_INSTALLED", (f"{tmp_path}{os.sep}",))

    def make(name: str) -> ModuleType:
        module, file = ModuleType(name), tmp_path / name / "__init__.py"
        exec(compile(DRAWS, file, "exec"), module.__dict__)
        return module

    return make


def test_a_library_that_draws_once_more_shifts_nobody_elses(
    installed: Callable[[str], ModuleType],
) -> None:
    cache, orm = installed("cache"), installed("orm")
    with Determinism(START).running() as frozen:
        frozen.step("flow", 0)
        drawn = uuid.uuid4(), orm.draw(), cache.draw()
        frozen.step("flow", 0)
        cache.draw()
        cache.another()
        assert (uuid.uuid4(), orm.draw()) == drawn[:2]
        assert cache.draw() not in drawn
        assert len(set(drawn)) == 3


def test_an_installed_package_may_be_the_application(
    installed: Callable[[str], ModuleType],
) -> None:
    legacy, target = installed("shop"), installed("shop_async")
    with Determinism(START, {"shop", "shop_async"}).running() as frozen:
        frozen.step("flow", 0)
        drawn = legacy.draw()
        frozen.step("flow", 0)
        assert target.draw() == drawn
        frozen.step("flow", 0)
        assert uuid.uuid4() == drawn


def test_a_thread_draws_what_its_caller_would_draw() -> None:
    with Determinism(START).running() as frozen:
        frozen.step("flow", 0)
        drawn = uuid.uuid4()
        frozen.step("flow", 0)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(uuid.uuid4).result() == drawn


def test_bcrypts_salts_are_drawn_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """bcrypt asks the system itself; a stand-in does so past `os.urandom` as well."""
    urandom = os.urandom

    def gensalt(rounds: int = 12, prefix: bytes = b"2b") -> bytes:
        return b"$%s$%02d$%s" % (prefix, rounds, urandom(11).hex().encode())

    bcrypt = ModuleType("bcrypt")
    vars(bcrypt)["gensalt"] = gensalt
    monkeypatch.setitem(sys.modules, "bcrypt", bcrypt)
    with Determinism(START).running() as frozen:
        frozen.step("flow", 0)
        drawn = bcrypt.gensalt(4), bcrypt.gensalt(prefix=b"2a")
        frozen.step("flow", 0)
        assert (bcrypt.gensalt(4), bcrypt.gensalt(prefix=b"2a")) == drawn
    assert [salt[:7] for salt in drawn] == [b"$2b$04$", b"$2a$12$"]
    assert [len(salt) for salt in drawn] == [29, 29]
    assert drawn[0][7:] != drawn[1][7:]
    assert bcrypt.gensalt is gensalt
