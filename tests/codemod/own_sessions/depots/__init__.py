from flask import Flask, current_app, jsonify, request

from .storage import Storage, db, session
from .models import Base, Box, Depot
from .services import BoxService, DepotService, boxes


def create_app():
    app = Flask(__name__)
    app.storage = Storage()
    app.db_session = session
    db.create_tables()

    @app.teardown_appcontext
    def remove(error=None):
        app.db_session.remove()

    @app.get("/depots")
    def depots():
        return jsonify([[d.name, [b.label for b in d.boxes]] for d in DepotService().all()])

    @app.post("/depots")
    def add():
        depot = DepotService().create(name=request.form["name"])
        return jsonify(depot.id)

    @app.get("/depots/<int:id>/count")
    def count(id):
        return jsonify(current_app.db_session.query(Box).filter(Box.depot_id == id).count())

    @app.get("/boxes")
    def all_boxes():
        return jsonify([b.label for b in boxes.session.query(Box).order_by(Box.label)], boxes.count(), db.session.query(Depot).count())

    @app.post("/boxes")
    def add_box():
        box = boxes.create(label=request.form["label"], depot=DepotService().find(request.form["depot"]))
        return jsonify(box.id, box.depot.name)

    @app.post("/fill/<int:n>")
    def fill(n):
        return jsonify(current_app.storage.fill(n))

    @app.delete("/boxes/<label>")
    def drop(label):
        boxes.delete(boxes.one(label))
        return "", 204

    @app.get("/names")
    def names():
        s = current_app.storage.session
        return jsonify([n for (n,) in s.query(Depot.name).order_by(Depot.name)])

    return app
