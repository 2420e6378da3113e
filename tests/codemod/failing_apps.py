"""An application whose database fails under it: connections that are cut, locks, values, constraints."""

from __future__ import annotations

APP = {
    "__init__.py": """
        import os
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(10), unique=True, nullable=False)
            value = db.Column(db.Integer)

        def fresh():
            db.drop_all()
            db.create_all()
            db.session.add(Item(name="one"))
            db.session.commit()

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["FAILING_DATABASE"]
            app.config["MIGRATOR_ASYNC_DRIVER"] = os.environ.get("FAILING_ASYNC_DRIVER")
            db.init_app(app)
            from .views import bp
            app.register_blueprint(bp)
            return app
        """,
    "views.py": """
        import os
        import pickle

        import psycopg2
        from flask import Blueprint, jsonify
        from psycopg2 import errorcodes
        from psycopg2.errors import UniqueViolation
        from sqlalchemy import create_engine, text
        from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
        from sqlalchemy.pool import NullPool

        from . import Item, db

        bp = Blueprint("views", __name__)
        other = create_engine(os.environ["FAILING_DATABASE"], poolclass=NullPool)

        @bp.errorhandler(500)
        def failed(error):
            return type(error.original_exception).__name__, 500

        def told(error):
            orig = error.orig
            return [
                type(error).__name__,
                str(error).partition("[SQL")[0].partition("(Background")[0],
                error.connection_invalidated,
                orig.pgcode,
                orig.pgerror,
                orig.args,
                repr(orig),
                [c.__name__ for c in (psycopg2.Error, *vars(psycopg2.extensions).values())
                 if isinstance(c, type) and isinstance(orig, c)],
            ]

        def number():
            return db.session.execute(text("SELECT pg_backend_pid()")).scalar()

        def cut(number):
            with other.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(:n, 5000)"), {{"n": number}})

        @bp.get("/retried")
        def retried():
            seen = number()
            db.session.commit()
            cut(seen)
            for attempt in range(3):
                try:
                    return jsonify(attempt, Item.query.count())
                except OperationalError:
                    db.session.rollback()
            return "never", 503

        @bp.get("/retried-where-invalidated")
        def retried_where_invalidated():
            seen = number()
            db.session.commit()
            cut(seen)
            try:
                count = Item.query.count()
            except DBAPIError as e:
                db.session.rollback()
                if not e.connection_invalidated:
                    raise
                count = Item.query.count()
            return jsonify(count)

        @bp.get("/cut-unhandled")
        def cut_unhandled():
            cut(number())
            return jsonify(Item.query.count())

        @bp.post("/cut-by-itself")
        def cut_by_itself():
            try:
                db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            except DBAPIError as e:
                return jsonify(type(e).__name__, e.connection_invalidated)

        @bp.post("/cut/<when>")
        def cut_at(when):
            db.session.add(Item(name="lost"))
            db.session.flush()
            cut(number())
            try:
                if when == "query":
                    Item.query.count()
                elif when == "commit":
                    db.session.commit()
                else:
                    db.session.rollback()
            except DBAPIError as e:
                # What it says depends on the way to the server.
                found = type(e).__name__, type(e.orig).__mro__[-5:-1], e.connection_invalidated
            db.session.rollback()
            return jsonify(str(found), Item.query.count())

        @bp.post("/nowait")
        def nowait():
            with other.begin() as connection:
                connection.execute(text("SELECT * FROM item FOR UPDATE"))
                try:
                    Item.query.with_for_update(nowait=True).all()
                except OperationalError as e:
                    db.session.rollback()
                    return jsonify(told(e), isinstance(e.orig, psycopg2.errors.LockNotAvailable))

        @bp.post("/timeout")
        def timeout():
            db.session.execute(text("SET LOCAL statement_timeout = 20"))
            try:
                db.session.execute(text("SELECT pg_sleep(5)"))
            except OperationalError as e:
                db.session.rollback()
                return jsonify(told(e), Item.query.count())

        @bp.post("/raised/<code>")
        def raised(code):
            try:
                db.session.execute(text("DO $$BEGIN RAISE 'no' USING ERRCODE = '" + code + "'; END$$"))
            except DBAPIError as e:
                db.session.rollback()
                return jsonify(told(e), isinstance(e.orig, psycopg2.errors.DeadlockDetected))

        @bp.post("/taken")
        def taken():
            db.session.add(Item(name="one"))
            try:
                db.session.commit()
            except IntegrityError as e:
                db.session.rollback()
                if isinstance(e.orig, UniqueViolation):
                    return jsonify(told(e), e.orig.diag.constraint_name), 409
                return "another", 400

        @bp.post("/pickled")
        def pickled():
            db.session.add(Item(name="one"))
            try:
                db.session.commit()
            except IntegrityError as e:
                # As a queue takes it to another process.
                again = pickle.loads(pickle.dumps(e))
                return jsonify(told(again), type(again.orig) is UniqueViolation, again.params)

        @bp.post("/code")
        def code():
            db.session.add(Item(name=None))
            try:
                db.session.commit()
            except IntegrityError as e:
                db.session.rollback()
                return jsonify(e.orig.pgcode == errorcodes.NOT_NULL_VIOLATION)

        @bp.post("/driver-s")
        def driver_s():
            db.session.add(Item(name="one"))
            try:
                try:
                    db.session.commit()
                except IntegrityError as e:
                    raise e.orig
            except UniqueViolation as e:
                db.session.rollback()
                return str(e)

        @bp.post("/value/<name>/<int:value>")
        def put(name, value):
            db.session.add(Item(name=name, value=value))
            try:
                db.session.commit()
            except DBAPIError as e:
                db.session.rollback()
                return jsonify(told(e))
            return "made"
        """,
}

STREAMS = {
    "__init__.py": """
        import os
        from threading import Event
        from flask import Flask, Response, jsonify, stream_with_context
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()
        place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")

        ended = []

        class Note(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String(50), nullable=False)

        def note(text):
            db.session.add(Note(text=text))
            db.session.commit()

        def fresh():
            db.drop_all()
            db.create_all()

        def parts(number):
            try:
                for _ in range(number):
                    note("begun")
                    note("done")
                    yield "part"
                note("whole")
            finally:
                note("finally")

        def waiting():
            try:
                yield "part"
                Event().wait()
            finally:
                ended.append("waiting")

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + place
            db.init_app(app)

            @app.get("/waiting")
            def waits():
                return Response(waiting())

            def closed():
                with app.app_context():
                    note("closed")

            def streamed(number):
                response = Response(stream_with_context(parts(number)))
                response.call_on_close(closed)
                return response

            @app.get("/endless")
            def endless():
                return streamed(1000000)

            @app.get("/some")
            def some():
                return streamed(2)

            @app.get("/fails/<int:number>")
            def fails(number):
                def parts():
                    for _ in range(number):
                        yield "part"
                    Note.query.filter_by(nothing=1).count()
                return Response(stream_with_context(parts()), 201)

            @app.get("/counts")
            def counts():
                begun, done, whole, last, closed = (
                    Note.query.filter_by(text=text).count()
                    for text in ("begun", "done", "whole", "finally", "closed")
                )
                return jsonify(begun == done, whole, last, closed)

            return app
        """,
}

#: Views that hold a connection, some of which need another one meanwhile.
CROWDED = {
    "__init__.py": """
        import os
        from flask import Flask, jsonify
        from flask_sqlalchemy import SQLAlchemy
        from sqlalchemy import text
        from sqlalchemy.orm import Session
        from sqlalchemy.pool import NullPool

        db = SQLAlchemy()

        def create_app(options):
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["FAILING_DATABASE"]
            app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
            app.config["MIGRATOR_REQUESTS_AT_ONCE"] = options.pop("at_once", None)
            db.init_app(app)

            @app.get("/second")
            def second():
                db.session.execute(text("SELECT pg_sleep(0.05)"))
                with Session(db.engine) as other:
                    return jsonify(other.execute(text("SELECT 1")).scalar())

            @app.get("/third")
            def third():
                db.session.execute(text("SELECT 1"))
                with Session(db.engine) as other, db.engine.connect() as connection:
                    other.execute(text("SELECT 1"))
                    return jsonify(connection.execute(text("SELECT 1")).scalar())

            @app.get("/open")
            def connections():
                db.session.execute(text("SELECT pg_sleep(0.02)"))
                found = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                return jsonify(db.session.execute(text(found)).scalar())

            return app
        """,
}
