"""Python's own tests of `threading` and `queue`, on the counterparts: threads see no difference.

They are a part of CPython, which some distributions leave out.
"""

from __future__ import annotations

import gc
import queue
import unittest
from collections.abc import Iterator
from typing import Any

import pytest

from migrator.runtime import threads

_locks: Any = pytest.importorskip("test.lock_tests")
_locals: Any = pytest.importorskip("test.test_threading_local")
_queues: Any = pytest.importorskip("test.test_queue")

#: What only the interpreter asks for, or asks of the C types.
_NOT_MEANT = dict.fromkeys(["test_at_fork_reinit", "test_recursion_count", "test_repr"])


@pytest.fixture(scope="module", autouse=True)
def collected_alone() -> Iterator[None]:
    """They collect garbage after all that their threads do: what this process has made before takes no part in it."""
    gc.freeze()
    yield
    gc.unfreeze()


def like(*cases: type, **given: object) -> type:
    """Python's test case, for the counterpart that it is given."""
    return type("Like", cases, {**given, **_NOT_MEANT})


TestLock = like(_locks.LockTests, locktype=staticmethod(threads.Lock))
TestRLock = like(_locks.RLockTests, locktype=staticmethod(threads.RLock))
TestCondition = like(_locks.ConditionTests, condtype=staticmethod(threads.Condition))
TestEvent = like(_locks.EventTests, eventtype=staticmethod(threads.Event))
TestSemaphore = like(_locks.SemaphoreTests, semtype=staticmethod(threads.Semaphore))
TestBounded = like(_locks.BoundedSemaphoreTests, semtype=staticmethod(threads.BoundedSemaphore))
TestBarrier = like(_locks.BarrierTests, barriertype=staticmethod(threads.Barrier))
TestLocal = like(unittest.TestCase, _locals.BaseLocalTest, _local=threads.local)
TestSimpleQueue = like(
    _queues.BaseSimpleQueueTest,
    unittest.TestCase,
    queue=queue,
    type2test=staticmethod(threads.SimpleQueue),
)
TestQueue, TestLifoQueue, TestPriorityQueue = (
    like(_queues.BaseQueueTestMixin, unittest.TestCase, queue=queue, type2test=staticmethod(made))
    for made in (threads.Queue, threads.LifoQueue, threads.PriorityQueue)
)
