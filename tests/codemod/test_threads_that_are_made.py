"""A thread that is made runs nothing yet: its code stands as it was, and what it runs is what it was. Executed, in both frames."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

THREADS = """
import threading
from threading import Thread, Timer

def work(app, box, more=0):
    with app.app_context():
        box.append(Order.query.count() + more)

class Job:
    def __init__(self, app):
        self.app, self.names = app, []

    def run(self):
        with self.app.app_context():
            self.names.append(Order.query.order_by(Order.id).first().customer.name)

@bp.get("/thread")
def in_a_thread():
    app, box = current_app._get_current_object(), []
    thread = Thread(target=work, args=(app, box), kwargs={"more": 2})
    thread.start()
    thread.join()
    return jsonify(box, Order.query.count())

@bp.get("/timer")
def by_a_timer():
    box = []
    timer = Timer(0, work, [current_app._get_current_object(), box])
    timer.start()
    timer.join()
    return jsonify(box, Order.query.count())

@bp.get("/method")
def of_an_object():
    job = Job(current_app._get_current_object())
    threads = [threading.Thread(target=job.run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return jsonify(job.names, Order.query.count())
"""


def test_it_is_made_where_it_stands(alike: Alike) -> None:
    pair = alike(HEAD + THREADS, ["/thread", "/timer", "/method"])

    text = pair.conversion.texts["views.py"]
    assert "call(current_app" not in text, text
    assert "thread = Thread(target=work, args=(app, box)" in text, text
    assert "timer = Timer(0, work, [current_app._get_current_object(), box])" in text, text
    assert "[threading.Thread(target=job.run) for _ in range(2)]" in text, text
