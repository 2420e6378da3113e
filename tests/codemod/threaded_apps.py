"""Applications that rely on a thread for each request."""

from __future__ import annotations

APP = {
    "__init__.py": """
        import os
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()
        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")

        class Counter(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            value = db.Column(db.Integer, nullable=False, default=0)

        def fresh():
            db.drop_all()
            db.create_all()
            db.session.add_all([Counter(id=n, value=0) for n in (1, 2, 3)])
            db.session.commit()

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
            db.init_app(app)
            from .views import bp
            app.register_blueprint(bp)
            return app
        """,
    "waits.py": """
        import http.client
        import urllib.parse
        import urllib.request

        class Service(http.client.HTTPConnection):
            def text(self):
                self.request("GET", "/")
                return self.getresponse().read().decode()

        def asked(url):
            service = Service(urllib.parse.urlsplit(url).netloc)
            try:
                return service.text()
            finally:
                service.close()

        def fetched(url):
            with urllib.request.urlopen(url) as answer:
                return answer.read().decode()
        """,
    "views.py": """
        import queue
        import concurrent.futures
        import threading as th
        import urllib.request
        from concurrent import futures
        from concurrent.futures import ThreadPoolExecutor as Pool, as_completed
        from threading import Event, RLock, Thread

        from flask import Blueprint, g, jsonify, request

        from . import Counter, db
        from .waits import asked, fetched

        bp = Blueprint("views", __name__)
        one = th.Lock()
        again = RLock()
        few = th.BoundedSemaphore(1)
        changed = th.Condition()
        kept = th.local()
        called, jobs = Event(), queue.Queue()

        @bp.before_request
        def keep():
            kept.name = request.args.get("name", "")

        def add(id):
            counter = db.session.get(Counter, id)
            value = counter.value
            Counter.query.count()
            counter.value = value + 1
            db.session.commit()
            return value + 1

        @bp.post("/locked")
        def locked():
            with one:
                return jsonify(add(1))

        def nested():
            with again:
                return add(2)

        @bp.post("/again")
        def taken_again():
            again.acquire()
            try:
                return jsonify(nested())
            finally:
                again.release()

        @bp.post("/few")
        def some():
            with few:
                return jsonify(add(3))

        @bp.get("/who")
        def who():
            Counter.query.count()
            return jsonify([kept.name, request.args["name"]])

        @bp.get("/call")
        def call():
            Counter.query.count()
            with changed:
                changed.notify_all()
            called.set()
            return jsonify(jobs.get(timeout=5))

        @bp.get("/wait")
        def wait():
            Counter.query.count()
            found = called.wait(5)
            jobs.put("done")
            return jsonify(found)

        @bp.get("/service")
        def service():
            Counter.query.count()
            with urllib.request.urlopen(request.args["url"]) as answer:
                return jsonify(answer.read().decode())

        @bp.get("/service-below")
        def below():
            Counter.query.count()
            return jsonify(fetched(request.args["url"]))

        @bp.get("/plain")
        def plain():
            return jsonify(fetched(request.args["url"]))

        shared = concurrent.futures.ThreadPoolExecutor(4)

        @bp.get("/mapped")
        def mapped():
            Counter.query.count()
            with Pool(2) as pool:
                found = list(pool.map(fetched, [request.args["url"]]))
            return jsonify(found)

        @bp.get("/submitted")
        def submitted():
            Counter.query.count()
            one = shared.submit(fetched, request.args["url"])
            return jsonify(one.result(timeout=10))

        @bp.get("/completed")
        def completed():
            jobs = [shared.submit(fetched, request.args["url"]), shared.submit(int, "x")]
            done, left = futures.wait(jobs, timeout=10)
            texts = sorted(str(job.exception() or job.result()) for job in as_completed(jobs))
            return jsonify(texts, len(done), len(left), Counter.query.count())

        @bp.get("/subclass")
        def of_a_subclass():
            Counter.query.count()
            return jsonify(asked(request.args["url"]))

        @bp.get("/sorted")
        def ordered():
            texts = []
            sorted([request.args["url"]], key=lambda url: texts.append(fetched(url)) or 0)
            return jsonify(texts, Counter.query.count())

        @bp.get("/thread")
        def thread():
            found = []
            helper = Thread(target=lambda: found.append(fetched(request_url)))
            request_url = request.args["url"]
            helper.start()
            helper.join()
            return jsonify(found, Counter.query.count())
        """,
}

#: The same things where they are less in sight: hooks, handlers, streams, decorators, classes.
EVERYWHERE = {
    "__init__.py": """
        import _thread
        import functools
        import os
        import threading

        from flask import Flask, Response, current_app, jsonify, request, stream_with_context
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()
        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")
        kept, named, order, made = threading.local(), {{}}, [], []

        class Kept(threading.local):
            user = None

            def __init__(self):
                self.log = []

        context = Kept()

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)

        def fresh():
            db.drop_all()
            db.create_all()
            db.session.add(Item())
            db.session.commit()

        class Turn:
            def __init__(self):
                self.lock = threading.Lock()

            def __enter__(self):
                self.lock.acquire()

            def __exit__(self, *error):
                self.lock.release()

        turn = Turn()

        def synchronized(function):
            lock = threading.RLock()

            @functools.wraps(function)
            def inner(*args, **kwargs):
                with lock:
                    return function(*args, **kwargs)

            return inner

        @synchronized
        def critical(name):
            order.append(name)
            Item.query.count()
            order.append(name)

        class Service:
            only = None
            guard = threading.Lock()

            @classmethod
            def get(cls):
                if cls.only is None:
                    with cls.guard:
                        if cls.only is None:
                            made.append(Item.query.count())
                            cls.only = cls()
                return cls.only

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
            db.init_app(app)

            @app.before_request
            def before():
                kept.name = context.user = request.args.get("name", "")
                context.log.append(1)
                named[threading.get_ident()] = kept.name

            @app.after_request
            def after(response):
                Item.query.count()
                response.headers["X-Name"] = kept.name + str(len(context.log))
                return response

            @app.teardown_request
            def down(error):
                named.pop(threading.get_ident(), None)
                context.log.clear()

            @app.errorhandler(ValueError)
            def bad(error):
                Item.query.count()
                return jsonify(kept.name, context.user), 400

            @app.get("/who")
            def who():
                Item.query.count()
                return jsonify(kept.name, context.user, context.log, named[_thread.get_ident()])

            @app.get("/bad")
            def fails():
                Item.query.count()
                raise ValueError

            @app.get("/stream")
            def stream():
                def rows():
                    for _ in range(3):
                        Item.query.count()
                        yield f"{{kept.name}} {{context.user}}\\n"

                return Response(stream_with_context(rows()))

            @app.get("/nested")
            def nested():
                with current_app._get_current_object().app_context():
                    Item.query.count()
                    inner = kept.name
                return jsonify(inner, kept.name)

            @app.get("/critical")
            def one_after_the_other():
                critical(kept.name)
                return jsonify(kept.name)

            @app.get("/single")
            def single():
                return jsonify(type(Service.get()).__name__)

            @app.get("/turn")
            def my_turn():
                with turn:
                    Item.query.count()
                return jsonify(kept.name)

            return app
        """,
}
