"""A registry that a helper makes and the factory hangs on the application: `current_app.db_session`."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

FILES = {
    "__init__.py": """
        from flask import Flask
        from {name}.database import Base, init_db

        def create_app():
            app = Flask(__name__)
            db_session, engine = init_db()
            app.db_session = db_session
            app.engine = engine
            Base.metadata.create_all(engine)

            from {name}.views import bp
            app.register_blueprint(bp)

            @app.teardown_appcontext
            def remove(error=None):
                app.db_session.remove()

            return app
    """,
    "database.py": """
        import os
        from sqlalchemy import Column, Integer, String, create_engine
        from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

        Base = declarative_base()

        class Item(Base):
            __tablename__ = "items"
            id = Column(Integer, primary_key=True)
            name = Column(String(30))

        def init_db():
            place = os.path.join(os.path.dirname(os.path.dirname(__file__)), __package__ + ".db")
            engine = create_engine("sqlite:///" + place)
            db_session = scoped_session(sessionmaker(bind=engine))
            return db_session, engine
    """,
    "views.py": """
        from flask import Blueprint, current_app, jsonify
        from sqlalchemy import func, select
        from {name}.database import Item

        bp = Blueprint("items", __name__)

        class Service:
            def __init__(self):
                self.db_session = current_app.db_session

            def names(self):
                return self.db_session.scalars(select(Item.name).order_by(Item.id)).all()

        @bp.post("/items/<name>")
        def add(name):
            current_app.db_session.add(Item(name=name))
            current_app.db_session.commit()
            return jsonify(current_app.db_session.scalar(select(func.count(Item.id))))

        @bp.get("/items")
        def items():
            found = current_app.db_session.execute(select(Item).order_by(Item.id)).scalars().all()
            return jsonify([item.name for item in found], Service().names())
    """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_they_are_awaited(make_sides: Make, frame: FrameChoice) -> None:
    sides = make_sides(f"hung_{frame}", FILES, frame)
    text = sides.conversion.texts["views.py"]
    assert "await current_app.db_session.execute(select(Item)" in text
    assert "await self.db_session.scalars(" in text
    requests: list[Request] = [("POST", "/items/ann"), ("POST", "/items/bob"), ("GET", "/items")]
    app = importlib.import_module(sides.legacy).create_app()
    expected = list(sides.answers(app, requests))
    assert [answer[2] for answer in expected] == [200] * 3
    app.engine.dispose()
    with sides.converted() as target:
        assert list(sides.answers(target.app, requests)) == expected
    target.converted.engine.dispose()
