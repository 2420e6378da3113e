"""Celery's tasks under the mount: each side runs its own, and what both would run as one is told of."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import _state

from migrator.codemod.outcome import outcome_of
from tests.codemod.alike import HEAD, Alike
from tests.codemod.small_package import converted

TASKS = """
from celery import Celery, shared_task
celery = Celery("shop", broker="memory://", backend="cache+memory://")
celery.conf.task_always_eager = True

@celery.task{given}
def raised(number, by=1):
    order = Order.query.filter_by(number=number).first()
    order.amount += by
    db.session.commit()
    return [__package__, order.amount]

@shared_task
def doubled(number):
    order = Order.query.filter_by(number=number).first()
    order.amount *= 2
    return [__package__, order.amount]
"""
VIEWS = """
def shown(found):
    # Whose task it was: the package's own, on either side.
    return [found[0] == __package__, found[1]]

@bp.route("/direct")
def direct():
    found = shown(raised("N1", by=7)), shown(doubled("N2"))
    db.session.commit()
    return jsonify(found, [o.amount for o in Order.query.order_by(Order.id)])

@bp.route("/queued")
def queued():
    found = shown(raised.delay("N1", by=3).get()), shown(raised.apply(["N2"], {"by": 5}).get())
    return jsonify(found, [o.amount for o in Order.query.order_by(Order.id)])

@bp.route("/chained")
def chained():
    last = (raised.si("N1") | raised.si("N3", by=2)).apply_async()
    return jsonify(shown(last.get()), [o.amount for o in Order.query.order_by(Order.id)])
"""


@pytest.fixture
def a_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Celery as in a process that has just begun: the tasks of other tests are not handed on."""
    monkeypatch.setattr("celery._state._on_app_finalizers", set())
    monkeypatch.setattr("celery._state._apps", weakref.WeakSet())
    yield
    _state._set_current_app(None)


@pytest.mark.usefixtures("a_process")
@pytest.mark.parametrize("given", ["", "(name='raised', shared=False)", "(bind=False)"])
def test_each_side_runs_its_own_tasks(alike: Alike, given: str) -> None:
    alike(HEAD + TASKS.format(given=given) + VIEWS, ["/direct", "/queued", "/chained", "/direct"])


OF_THE_JOB = """
from celery import Celery, current_task
celery = Celery("shop", broker="memory://", backend="cache+memory://")
celery.conf.task_always_eager = True

def amount_of(number):
    return [Order.query.filter_by(number=number).one().amount, current_task.request.id]

@celery.task(bind=True)
def told(self, number):
    order = Order.query.filter_by(number=number).first()
    order.amount += 1
    db.session.commit()
    asked = self.request
    return [asked.id, asked.args, asked.headers, asked.retries, current_task is not None, amount_of(number)]

@celery.task(bind=True, max_retries=3)
def at_last(self, number):
    order = Order.query.filter_by(number=number).first()
    order.amount += 10
    db.session.commit()
    if self.request.retries < 2:
        raise self.retry(countdown=0)
    return [self.request.id, self.request.retries, order.amount]

@celery.task(bind=True)
def around(self, number):
    inner = told.apply([number], task_id="inner").get()
    return [self.request.id, inner, Order.query.count(), self.request.id]

@bp.route("/told")
def tell():
    return jsonify(told.apply(["N1"], task_id="t-1", headers={"by": "x"}).get(), told.request.id)

@bp.route("/again")
def again():
    return jsonify(at_last.apply(["N1"], task_id="t-2").get(), [o.amount for o in Order.query.order_by(Order.id)])

@bp.route("/around")
def nested():
    return jsonify(around.apply(["N2"], task_id="outer").get(), bool(current_task))
"""


@pytest.mark.usefixtures("a_process")
def test_a_task_knows_its_job(alike: Alike) -> None:
    alike(HEAD + OF_THE_JOB, ["/told", "/again", "/around", "/told"])


@pytest.mark.parametrize(
    ("task", "findings", "notes"),
    [
        ("@celery.task\ndef send(): ...", 0, 0),
        ("@celery.task(name='send')\ndef send(): ...", 0, 1),
        ("@celery.task(name='send', shared=False)\ndef send(): ...", 0, 0),
        ("@celery.task(name=f'{__package__}.send')\ndef send(): ...", 0, 0),
        ("@shared_task(name='send')\ndef send(): ...", 0, 1),
        ("@celery.task(name='a')\ndef a(): ...\n@celery.task(name='b')\ndef b(): ...", 0, 1),
        ("@celery.task(name='send')\ndef send(): ...\ndef now():\n    send()", 1, 0),
        ("@celery.task(name='send')\ndef send(): ...\ndef now():\n    send.delay()", 0, 1),
        ("huey = SqliteHuey()\n@huey.task(name='send')\ndef send(): ...", 0, 0),
    ],
)
def test_names_that_both_sides_have(task: str, findings: int, notes: int, tmp_path: Path) -> None:
    head = "from celery import Celery, shared_task\nfrom huey import SqliteHuey\ncelery = Celery('shop')\n"
    made = outcome_of(converted(tmp_path, head + task))
    assert [f.code for f in made.findings].count("MIG123") == findings
    assert [f.code for f in made.notes].count("MIG123") == notes


@pytest.mark.usefixtures("a_process")
@pytest.mark.filterwarnings("ignore:Task name")
def test_one_name_without_that() -> None:
    """What the finding says is so: a side's task may be the other one's."""
    code = "from celery import Celery\napp = Celery('a')\n" + "".join(
        f"@app.task(name='t{n}')\ndef t{n}():\n    return {{0!r}}\n" for n in range(30)
    )
    first: dict[str, Any] = {"__name__": "first"}
    second: dict[str, Any] = {"__name__": "second"}
    exec(code.format("first"), first)
    exec(code.format("second"), second)
    for side in (first, second):
        side["app"].finalize()  # as what is sent to a queue has it done
    names = [f"t{n}" for n in range(30)]
    own = [first[name]() == "first" and second[name]() == "second" for name in names]
    assert not all(own)


@pytest.mark.parametrize(
    ("connected", "count"),
    [
        ("@task_prerun.connect\ndef f(*given, **more): ...", 1),
        ("before_task_publish.connect(print)", 1),
        ("before_task_publish.connect(print, sender='shop.tasks.send')", 0),
        ("@worker_init.connect\ndef f(**more): ...", 0),
    ],
)
def test_which_signals_of_celery_both_sides_hear(
    connected: str, count: int, tmp_path: Path
) -> None:
    head = "from celery.signals import before_task_publish, task_prerun, worker_init\n"
    made = outcome_of(converted(tmp_path, head + connected))
    assert [f.code for f in made.findings].count("MIG111") == count
