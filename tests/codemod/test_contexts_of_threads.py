"""What a thread has of its request, and a request inside of a context: `g`, the session, and what runs at their end."""

from __future__ import annotations

from tests.codemod.alike import HEAD, Alike

VIEWS = (
    HEAD
    + """
import threading
from concurrent.futures import ThreadPoolExecutor
from flask import copy_current_request_context, has_request_context, session

ended = []

@bp.teardown_request
def request_ended(error=None):
    ended.append([request.path, getattr(g, "kept", None)])

@bp.teardown_app_request
def app_request_ended(error=None):
    ended.append("request")

def setup(app):
    @app.teardown_appcontext
    def context_ended(error=None):
        ended.append(["context", getattr(g, "kept", None), getattr(g, "found", None)])

def first():
    return Order.query.order_by(Order.id).first()

def save():
    db.session.commit()

def threaded(work, *args):
    found = []

    @copy_current_request_context
    def working():
        found.append(work(*args))

    thread = threading.Thread(target=working)
    thread.start()
    thread.join()
    return found

def raised():
    order = first()
    order.amount += 7
    save()
    return [order.amount, order.customer.name, first().amount]

@bp.get("/written")
def written():
    return jsonify(threaded(raised), first().amount)

def seen():
    g.found = first().number
    return [getattr(g, "kept", None), g.found, request.path, session.get("name"), has_request_context()]

@bp.get("/seen")
def shown():
    g.kept = 5
    session["name"] = "ann"
    del ended[:]
    return jsonify(threaded(seen), g.kept, getattr(g, "found", None), ended)

@bp.get("/pool")
def pool():
    @copy_current_request_context
    def work(by):
        g.kept = getattr(g, "kept", 0) + by
        order = first()
        order.amount += by
        save()
        return [g.kept, order.amount]

    with ThreadPoolExecutor(1) as pool:
        return jsonify([pool.submit(work, by).result() for by in (1, 2)], first().amount)

@bp.get("/nested")
def nested():
    app, found = current_app._get_current_object(), []

    def work():
        with app.app_context():
            g.kept = first().number
            with app.test_request_context("/other"):
                g.found = [g.kept, request.path]
            return [g.found, list(ended)]

    del ended[:]
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return jsonify(found, ended)
"""
)


def test_threads_and_nested_contexts(alike: Alike) -> None:
    sides = alike(VIEWS, ["/written", "/seen", "/pool", "/nested"])
    assert "async def written():" in sides.conversion.texts["views.py"]
