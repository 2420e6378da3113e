"""The executor beside Python's: the same on threads, and on a loop others go on."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from typing import Any

import pytest

from migrator.runtime import threads
from tests.runtime.threads.served import SIDES, served


def failing() -> None:
    raise KeyError("x")


def everything(module: Any) -> list[object]:
    """What the functions of a module give."""
    release = threading.Event()
    found: list[object] = []
    with module.ThreadPoolExecutor(4) as pool:
        one, error, late = pool.submit(pow, 2, 3), pool.submit(failing), pool.submit(release.wait)
        found += [one.result(), one.result(timeout=1), type(error.exception(5))]
        for ask in (error.result, lambda: late.result(timeout=0.01)):
            try:
                found.append(ask())
            except Exception as raised:
                found.append(type(raised))
        done, left = module.wait([one, error, late], return_when="FIRST_EXCEPTION")
        found += [len(done), len(left)]
        done, left = module.wait([one, late], timeout=0.01)
        found += [len(done), len(left)]
        found.append(len(module.wait([one, late], return_when="FIRST_COMPLETED").done))
        try:
            found += [f is one for f in module.as_completed([one, late], timeout=0.01)]
        except TimeoutError as raised:
            found.append(str(raised))
        release.set()
        found += sorted(str(f.result()) for f in module.as_completed([one, late]))
        found += [*pool.map(abs, [-1, 2]), module.wait([]), [*module.as_completed([])]]
        found.append(late.cancel())
    try:
        pool.submit(abs, 1)
    except RuntimeError as raised:
        found.append(str(raised))
    return found


@pytest.mark.parametrize("side", SIDES)
def test_as_python_s(side: str) -> None:
    expected = everything(concurrent.futures)
    assert everything(threads) == expected
    assert served(side, [lambda: everything(threads)]) == [expected]


@pytest.mark.parametrize("side", SIDES)
def test_others_go_on(side: str) -> None:
    started, go = threading.Event(), threading.Event()

    def waits() -> bool:
        with threads.ThreadPoolExecutor(1) as pool:
            started.set()
            return pool.submit(go.wait, 5).result()

    def lets_it() -> bool:
        found = threads.in_thread(started.wait, 5)
        go.set()
        return found

    assert served(side, [waits, lets_it]) == [True, True]


def test_leaving_waits_for_the_threads() -> None:
    ended: list[int] = []

    def work() -> None:
        time.sleep(0.01)
        ended.append(1)

    def request() -> int:
        with threads.ThreadPoolExecutor(2) as pool:
            for _ in range(4):
                pool.submit(work)
        return len(ended)

    assert served("bridged", [request]) == [4]
