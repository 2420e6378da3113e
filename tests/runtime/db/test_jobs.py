"""What Celery and RQ keep for the job at hand, asked in greenlets of the bridge."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import threading
from typing import Any

import pytest
from celery import Celery, Task, current_task
from celery.exceptions import MaxRetriesExceededError
from celery.utils import threads
from greenlet import greenlet

from migrator.runtime.db import bridge, unbridged
from migrator.runtime.db.jobs import know_jobs

celery = Celery("jobs", broker="memory://", backend="cache+memory://", set_as_current=False)
SEEN: list[int] = []


@celery.task(bind=True)  # type: ignore[untyped-decorator]  # Celery has no types
@unbridged
async def told(self: Task[Any, Any]) -> list[Any]:
    before = self.request.id
    await asyncio.sleep(0)
    return [before, self.request.id, await bridge(lambda: self.request.headers), current_task.name]


@celery.task(bind=True, max_retries=2)  # type: ignore[untyped-decorator]  # Celery has no types
@unbridged
async def never(self: Task[Any, Any]) -> None:
    SEEN.append(self.request.retries)
    raise self.retry(countdown=0)


def tell(name: str) -> Any:
    return told.apply(task_id=name, headers={"by": name}).get()


def expected(name: str) -> list[Any]:
    return [name, name, {"by": name}, told.name]


def test_where_no_loop_runs() -> None:
    assert tell("a") == expected("a")
    assert told.request.id is None


def test_in_a_thread_of_a_worker() -> None:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(tell("b")))
    thread.start()
    thread.join()
    assert found == [expected("b")]


def test_retries_are_counted() -> None:
    SEEN.clear()
    with pytest.raises(MaxRetriesExceededError):
        never.apply().get()
    assert SEEN == [0, 1, 2]


def test_requests_that_take_turns_have_jobs_of_their_own() -> None:
    async def requests() -> list[Any]:
        return await asyncio.gather(*(bridge(tell, name) for name in "abc"))

    assert asyncio.run(requests()) == [expected(name) for name in "abc"]


def test_a_greenlet_of_nobodys_bridge_is_a_job_of_its_own() -> None:
    kept = threads.LocalStack()
    kept.push("mine")
    other = greenlet(lambda: (kept.top, kept.push("other"), kept.top))
    assert other.switch() == (None, ["other"], "other")
    assert kept.pop() == "mine"


@pytest.fixture
def rq(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of RQ's name with the class that it has a copy of, as Celery has."""
    spec = importlib.util.spec_from_file_location("rq.local", threads.__file__)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    monkeypatch.setitem(sys.modules, "rq.local", made)
    return made


def test_what_is_kept_already_counts(rq: Any) -> None:
    kept = rq.LocalStack()
    kept.push("job")

    async def asked() -> Any:
        return await bridge(lambda: kept.top)

    @unbridged
    async def work() -> Any:
        return [kept.top, await bridge(lambda: kept.top)]

    know_jobs()
    assert work() == ["job", "job"]
    assert kept.pop() == "job"
    assert work() == [None, None]
    assert asyncio.run(asked()) is None
