"""Loader options at Flask-SQLAlchemy's helpers, `db.paginate(statement)` and its like."""

from __future__ import annotations

import importlib

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, Request

SHELVES = {
    "__init__.py": """
        from flask import Flask
        from {name}.models import db

        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + app.root_path + "/../shelves.db"
            db.init_app(app)
            from {name}.views import bp
            app.register_blueprint(bp)
            return app
    """,
    "models.py": """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Room(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            name = db.Column(db.String(20))

        class Shelf(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            room_id = db.Column(db.ForeignKey(Room.id))
            room = db.relationship(Room)

        def seed():
            db.drop_all()
            db.create_all()
            rooms = [Room(name="cellar"), Room(name="attic")]
            db.session.add_all([Shelf(room=rooms[n % 2]) for n in range(7)])
            db.session.commit()
    """,
    "views.py": """
        from flask import Blueprint, jsonify, request
        from {name}.models import Room, Shelf, db

        bp = Blueprint("shelves", __name__)

        def shown(shelf):
            return {{"id": shelf.id, "room": shelf.room.name}}

        @bp.route("/")
        def index():
            statement = db.select(Shelf).order_by(Shelf.id)
            if request.args.get("newest"):
                statement = statement.order_by(None).order_by(Shelf.id.desc())
            page = db.paginate(statement, per_page=3)
            return jsonify(total=page.total, items=[shown(shelf) for shelf in page.items])

        @bp.route("/<int:shelf_id>")
        def one(shelf_id):
            return jsonify(shown(db.get_or_404(Shelf, shelf_id, description="none")))

        @bp.route("/only/<int:shelf_id>")
        def only(shelf_id):
            return jsonify(shown(db.one_or_404(db.select(Shelf).filter_by(id=shelf_id))))

        @bp.route("/first/<int:shelf_id>")
        def first(shelf_id):
            return jsonify(shown(db.first_or_404(db.select(Shelf).where(Shelf.id == shelf_id))))

        @bp.route("/got/<int:shelf_id>")
        def got(shelf_id):
            return jsonify(shown(db.session.get_one(Shelf, shelf_id)))
    """,
}
ASKED: list[Request] = [
    ("GET", path)
    for path in (
        "/", "/?page=3", "/?page=9", "/?newest=1", "/2", "/99", "/only/3", "/only/99", "/first/4",
        "/first/99", "/got/5",
    )
]  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
def test_the_helpers_of_flask_sqlalchemy_load_with_the_statement(
    frame: FrameChoice, make_sides: Make
) -> None:
    sides = make_sides("shelves", SHELVES, frame)
    views = sides.conversion.texts["views.py"]
    assert "db.paginate(statement.options(selectinload(Shelf.room)), per_page=3" in views
    assert views.count("joinedload(Shelf.room)") == 4
    assert 'description="none", options=[joinedload(Shelf.room)])' in views
    legacy = importlib.import_module(sides.legacy).create_app()
    seed = importlib.import_module(f"{sides.legacy}.models").seed
    for expected, answer in sides.both(legacy, ASKED, seed):
        assert answer == expected
