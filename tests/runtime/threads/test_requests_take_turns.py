"""Requests on one event loop: locks exclude them, wake them and let them go; what is kept is their own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from migrator.runtime import threads
from migrator.runtime.db.alone import on_loop
from migrator.runtime.db.bridge import bridge, unbridge
from migrator.runtime.db.errors import OutsideBridge
from migrator.runtime.db.implicit import run_guarded
from migrator.runtime.threads import in_thread
from tests.runtime.threads.served import SIDES, served, waiting


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    "make",
    [threads.Lock, threads.RLock, threads.Semaphore, threads.BoundedSemaphore, threads.Condition],
)
def test_one_at_a_time(make: Callable[[], Any], side: str) -> None:
    lock, inside, seen = make(), [0], []

    def request() -> None:
        with lock:
            inside[0] += 1
            waiting()
            seen.append(inside[0])
            inside[0] -= 1

    served(side, [request] * 20)
    assert seen == [1] * 20


def test_threads_and_requests_keep_each_other_out() -> None:
    lock, inside, seen = threads.Lock(), [0], []

    def request() -> None:
        for _ in range(20):
            with lock:
                inside[0] += 1
                waiting() if on_loop() else time.sleep(0.0005)
                seen.append(inside[0])
                inside[0] -= 1

    others = [threading.Thread(target=request) for _ in range(3)]
    for thread in others:
        thread.start()
    served("native", [request] * 3)
    for thread in others:
        thread.join()
    assert seen == [1] * 120


def test_a_lock_is_taken_again_by_its_holder_alone() -> None:
    lock, order = threads.RLock(), []

    def request(name: str) -> None:
        with lock:
            with lock:
                waiting()
            order.append(name)
            waiting()
            order.append(name)

    served("native", [lambda n=n: request(n) for n in "abc"])  # type: ignore[misc]
    assert order == [*"aabbcc"]


def test_who_stops_waiting_leaves_the_lock_to_the_next() -> None:
    lock = threads.Lock()

    def request() -> bool:
        with lock:
            waiting()
        return True

    async def main() -> list[Any]:
        lock.acquire()
        tasks = [asyncio.create_task(run_guarded(bridge(request))) for _ in range(4)]
        await asyncio.sleep(0.01)
        tasks[0].cancel()
        lock.release()
        tasks[1].cancel()  # it may be its turn already
        return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)

    found = asyncio.run(main())
    assert [f is True for f in found] == [False, False, True, True]
    assert not lock.locked()


def test_time_to_wait_ends() -> None:
    lock = threads.Lock()
    lock.acquire()
    assert served("bridged", [lambda: lock.acquire(timeout=0.01)]) == [False]
    lock.release()
    assert lock.acquire(blocking=False)


def test_one_request_wakes_another() -> None:
    event, queue, barrier = threads.Event(), threads.Queue[int](), threads.Barrier(2)

    def asks() -> tuple[bool, int]:
        found = event.wait(5), queue.get(timeout=5)
        barrier.wait(5)
        return found

    def answers() -> None:
        waiting()
        event.set()
        waiting()
        queue.put(7)
        barrier.wait(5)

    assert served("native", [asks, answers])[0] == (True, 7)


def test_a_thread_wakes_a_request() -> None:
    queue = threads.Queue[int]()
    thread = threading.Timer(0.01, queue.put, [3])
    thread.start()
    assert served("bridged", [lambda: queue.get(timeout=5)]) == [3]


def test_where_nobody_can_wait_it_is_said() -> None:
    lock = threads.Lock()

    async def main() -> None:
        lock.acquire()
        with pytest.raises(OutsideBridge, match="holds"):
            lock.acquire()

    asyncio.run(main())


def test_what_is_kept_is_the_request_s_own() -> None:
    kept = threads.local()
    kept.name = "import"

    def request(name: str) -> tuple[bool, str]:
        before = hasattr(kept, "name")
        kept.name = name
        waiting()
        return before, kept.name

    names = [*"abcd"]
    found = served("native", [lambda n=n: request(n) for n in names])  # type: ignore[misc]
    assert found == [(False, name) for name in names]
    assert kept.name == "import"


def test_a_subclass_begins_anew_with_each_request() -> None:
    class Basket(threads.local):
        def __init__(self) -> None:
            self.items: list[str] = []

    basket = Basket()

    def request(name: str) -> list[str]:
        basket.items.append(name)
        waiting()
        return basket.items

    assert served("bridged", [lambda: request("a"), lambda: request("b")]) == [["a"], ["b"]]
    assert basket.items == []


def test_identities_differ() -> None:
    found = served("native", [threads.get_ident] * 3)
    assert len({*found}) == 3
    assert threads.get_ident() == threading.get_ident()


@pytest.mark.parametrize("side", SIDES)
def test_others_go_on_while_one_waits(side: str) -> None:
    turn, done = threading.Event(), threading.Event()

    def slow() -> bool:
        turn.set()
        return in_thread(done.wait, 5)

    def fast() -> bool:
        found = in_thread(turn.wait, 5)
        done.set()
        return found

    assert served(side, [slow, fast]) == [True, True]


def test_without_a_loop_it_is_called_at_once() -> None:
    assert in_thread(threading.get_ident) == threading.get_ident()

    async def alone() -> int:
        return in_thread(threading.get_ident)

    assert unbridge(alone()) == threading.get_ident()


def test_its_errors_come_out_as_they_are() -> None:
    error = KeyError("x")

    def fails() -> None:
        raise error

    def request() -> BaseException | None:
        try:
            in_thread(fails)
        except KeyError as caught:
            return caught
        return None

    assert served("bridged", [request]) == [error]
