"""An application whose factory asks the database, made by a server on an event loop that runs already."""

from __future__ import annotations

import asyncio
import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make

APP = {
    "__init__.py": """
        import os
        from flask import Flask, jsonify
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Item(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(9))

        def seed():
            if Item.query.first() is None:
                db.session.add(Item(name="first"))
                db.session.commit()

        def create_app():
            app = Flask("{name}", instance_relative_config=True)
            os.makedirs(app.instance_path, exist_ok=True)
            path = os.path.join(app.instance_path, "shop.db")
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + path
            db.init_app(app)
            with app.app_context():
                db.create_all()
                seed()

            @app.get("/names")
            def names():
                return jsonify([item.name for item in Item.query])

            return app
    """
}


@pytest.mark.parametrize("frame", FRAMES)
def test_its_context_has_a_sync_session_there(frame: FrameChoice, make_sides: Make) -> None:
    sides = make_sides("looped", APP, frame)

    async def serve() -> None:
        importlib.import_module(f"{sides.target}.asgi")

    asyncio.run(serve())
    with sides.converted() as asgi:
        (answer,) = sides.answers(asgi.app, [("GET", "/names")])
    assert answer[2:4] == (200, b'["first"]\n')
