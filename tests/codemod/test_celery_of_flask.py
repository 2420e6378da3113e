"""Tasks in the context of the application that is made, as Flask's own pages have it, with both packages imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.codemod.outcome import outcome_of
from migrator.surface import FrameChoice
from tests.codemod.alike import HEAD, Alike
from tests.codemod.parity import Request
from tests.codemod.small_package import converted
from tests.codemod.test_celery_tasks import a_process

__all__ = ["a_process"]

#: https://flask.palletsprojects.com/en/stable/patterns/celery/
OF_NOBODY = """
from celery import Celery, Task, shared_task

def setup(app):
    class FlaskTask(Task):
        def __call__(self, *args, **kwargs):
            with app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery(app.name, task_cls=FlaskTask, broker="memory://", backend="cache+memory://")
    celery_app.conf.task_always_eager = True
    celery_app.set_default()
    app.extensions["celery"] = celery_app

@shared_task(ignore_result=False)
"""
OF_THE_APPLICATION = """
from celery import Celery

celery = Celery("shop", broker="memory://", backend="cache+memory://")
celery.conf.task_always_eager = True

def setup(app):
    class ContextTask(celery.Task):
        def __call__(self, *args, **kwargs):
            with app.app_context():
                return self.run(*args, **kwargs)

    celery.Task = ContextTask

@celery.task
"""
VIEWS = """
def raised(number, by=1):
    order = Order.query.filter_by(number=number).first()
    order.amount += by
    db.session.commit()
    return [__package__, order.amount]

def shown(found):
    return [found[0] == __package__, found[1] > 0]

@bp.route("/direct")
def direct():
    return jsonify(shown(raised("N1", by=7)))

@bp.route("/queued")
def queued():
    return jsonify(shown(raised.delay("N1", by=3).get()))
"""
ASKED: list[Request] = [("GET", "/direct"), ("GET", "/queued")]


@pytest.mark.usefixtures("a_process")
@pytest.mark.parametrize("head", [OF_NOBODY, OF_THE_APPLICATION])
def test_tasks_in_a_context(alike: Alike, head: str) -> None:
    pair = alike(HEAD + head + VIEWS, ["/direct", "/queued"])
    told = [f.code for f in outcome_of(pair.conversion).findings]
    surface = pair.conversion.surface
    assert surface is not None
    # Either package's shared tasks are the Celery's that was made last, and run in its application.
    broken = head == OF_NOBODY and surface.frame == "flask"
    assert told.count("MIG123") == broken
    with pair.converted() as asgi:
        for side in (asgi.legacy, asgi.app, asgi.legacy):
            fails = broken and side is asgi.legacy
            found = [answer[2] for answer in pair.answers(side, ASKED)]
            assert found == [500 if fails else 200] * 2


@pytest.mark.parametrize(
    ("frame", "head", "called", "count"),
    [
        ("flask", OF_NOBODY, "raised('N1')", 1),
        ("flask", OF_NOBODY, "raised.delay('N1')", 0),
        ("flask", OF_NOBODY.replace("with app.app_context():", "if app:"), "raised('N1')", 0),
        ("flask", OF_THE_APPLICATION, "raised('N1')", 0),
        ("fastapi", OF_NOBODY, "raised('N1')", 0),
    ],
)
def test_what_is_told(
    frame: FrameChoice, head: str, called: str, count: int, tmp_path: Path
) -> None:
    views = f"{head}def raised(number):\n    ...\ndef go():\n    {called}\n"
    made = outcome_of(converted(tmp_path, views, frame=frame))
    assert [f.code for f in made.findings].count("MIG123") == count
