"""The threads of the legacy application."""

from __future__ import annotations

import logging
import threading

import pytest

from migrator.runtime.mount.pool import WorkerPool


def test_no_more_threads_than_workers_and_none_before_work() -> None:
    pool, gate, running = WorkerPool(2), threading.Event(), threading.Semaphore(0)
    assert pool.threads == 0

    def job() -> str:
        running.release()
        assert gate.wait(10)
        return threading.current_thread().name

    futures = [pool.submit(job) for _ in range(5)]
    assert running.acquire(timeout=10)
    assert running.acquire(timeout=10)
    assert (pool.threads, pool.pending) == (2, 5)
    assert not running.acquire(blocking=False)
    gate.set()
    assert {future.result(10) for future in futures} == {"legacy-1", "legacy-2"}
    assert pool.close(10)
    assert (pool.threads, pool.pending) == (0, 0)


def test_an_idle_thread_is_used_again() -> None:
    pool = WorkerPool(4)
    for _ in range(3):
        assert pool.submit(int, "1").result(10) == 1
        assert pool.close(10)
    assert pool.submit(int, "2").result(10) == 2
    assert pool.threads == 1
    pool.shutdown()


def test_errors_reach_the_future() -> None:
    pool = WorkerPool(1)
    with pytest.raises(ValueError, match="invalid literal"):
        pool.submit(int, "x").result(10)
    pool.shutdown()


def test_a_job_that_fails_leaves_its_thread_in_place(caplog: pytest.LogCaptureFixture) -> None:
    pool = WorkerPool(1)
    pool.run(lambda: int("x"))
    assert pool.submit(int, "1").result(10) == 1
    assert "invalid literal" in caplog.text
    assert pool.close(10)


def test_work_that_outlasts_the_timeout_is_named_and_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pool, gate, running = WorkerPool(1), threading.Event(), threading.Event()

    def stuck() -> None:
        running.set()
        gate.wait(10)

    pool.run(stuck)
    assert running.wait(10)
    with caplog.at_level(logging.WARNING, "migrator.mount"):
        assert not pool.close(0.01)
    assert "1 of 1 legacy requests had not ended" in caplog.text
    gate.set()


def test_threads_do_not_keep_the_process_alive() -> None:
    pool = WorkerPool(1)
    assert pool.submit(lambda: threading.current_thread().daemon).result(10)
    pool.shutdown()


def test_a_pool_has_a_worker() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        WorkerPool(0)
