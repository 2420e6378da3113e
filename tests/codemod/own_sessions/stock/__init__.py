from flask import Flask, jsonify, render_template_string, request
from sqlalchemy import delete, select, update

from . import cli
from .db import Base, Session, engine, session_scope
from .models import Item, Shelf
from .repositories import ItemRepository, Service, ShelfRepository


def create_app():
    app = Flask(__name__)
    cli.init_app(app)

    @app.route("/shelves")
    def shelves():
        with Session() as session:
            repository = ShelfRepository(session)
            return jsonify([[s.code, s.total] for s in repository.all()], [list(r) for r in repository.sizes()])

    @app.route("/shelves/<code>")
    def shelf(code):
        session = Session()
        try:
            found = session.query(Shelf).filter_by(code=code).first()
            if not found:
                return jsonify(error="no shelf"), 404
            return render_template_string("{{ s.code }}: {% for i in s.items %}{{ i.name }}={{ i.count }} {% endfor %}", s=found)
        finally:
            session.close()

    @app.route("/receive", methods=["POST"])
    def receive():
        with session_scope() as session:
            item = Service(session).receive(request.form["code"], request.form["name"], int(request.form["count"]))
            return jsonify(id=item.id, count=item.count, shelf=item.shelf.code)

    @app.route("/move/<int:id>/<code>", methods=["POST"])
    def move(id, code):
        with Session.begin() as session:
            items = ItemRepository(session)
            item = items.get(id)
            target = ShelfRepository(session).by_code(code)
            if item is None or target is None:
                return "none", 404
            items.move(item, target)
            return jsonify([i.name for i in target.items])

    @app.route("/items/<int:id>", methods=["DELETE"])
    def drop(id):
        with Session() as session, session.begin():
            done = session.execute(delete(Item).where(Item.id == id)).rowcount
        return jsonify(done=done)

    @app.route("/empty", methods=["POST"])
    def empty():
        with Session() as session:
            session.execute(update(Item).values(count=0))
            session.commit()
            left = session.query(Item).filter(Item.count > 0).count()
            names = session.scalars(select(Item.name).order_by(Item.name)).all()
        return jsonify(left=left, names=names)

    @app.route("/orphan", methods=["POST"])
    def orphan():
        from sqlalchemy.exc import IntegrityError
        try:
            with session_scope() as session:
                session.add(Item(name="orphan", count=1, shelf_id=4711))
        except IntegrityError:
            return "refused", 409
        return "taken"

    return app
