import os

import click
from flask import Flask, abort, current_app, g, jsonify, request
from sqlalchemy import (Column, Float, ForeignKey, Integer, MetaData, String, Table, create_engine, func, insert,
                        select, text, update)

metadata = MetaData()
sensors = Table("sensors", metadata, Column("id", Integer, primary_key=True), Column("name", String(20), unique=True))
readings = Table("readings", metadata, Column("id", Integer, primary_key=True), Column("sensor_id", ForeignKey("sensors.id")), Column("value", Float))
engine = create_engine(os.environ["DATABASE_URL"])


def init_db():
    metadata.create_all(bind=engine)


def get_conn():
    if "conn" not in g:
        g.conn = engine.connect()
    return g.conn


def average(conn, name):
    return conn.execute(select(func.avg(readings.c.value)).join(sensors).where(sensors.c.name == name)).scalar()


class Store:
    def __init__(self, engine):
        self.engine = engine

    def record(self, name, value):
        with self.engine.begin() as conn:
            sensor = conn.execute(select(sensors.c.id).where(sensors.c.name == name)).scalar_one_or_none()
            if sensor is None:
                sensor = conn.execute(insert(sensors).values(name=name)).inserted_primary_key[0]
            conn.execute(readings.insert(), [{"sensor_id": sensor, "value": value}])
            return sensor


store = Store(engine)


def create_app():
    app = Flask(__name__)

    @app.teardown_appcontext
    def close(error=None):
        conn = g.pop("conn", None)
        if conn is not None:
            conn.close()

    @app.get("/sensors")
    def listing():
        with engine.connect() as conn:
            rows = conn.execute(text("SELECT id, name FROM sensors ORDER BY id"))
            return jsonify([dict(r._mapping) for r in rows])

    @app.get("/sensors/<name>")
    def one(name):
        with engine.connect() as conn:
            row = conn.execute(sensors.select().where(sensors.c.name == name)).first()
            if row is None:
                abort(404)
            return jsonify(id=row.id, name=row.name, average=average(conn, name))

    @app.post("/readings")
    def add():
        return jsonify(store.record(request.form["name"], float(request.form["value"]))), 201

    @app.get("/readings")
    def values():
        result = get_conn().execute(select(readings.c.value, sensors.c.name).join(sensors).order_by(readings.c.id))
        return jsonify([[r.name, r.value] for r in result.fetchall()])

    @app.put("/sensors/<int:id>")
    def rename(id):
        with engine.begin() as conn:
            done = conn.execute(update(sensors).where(sensors.c.id == id).values(name=request.form["name"])).rowcount
        return jsonify(done)

    @app.delete("/sensors/<int:id>")
    def drop(id):
        conn = engine.connect()
        trans = conn.begin()
        try:
            conn.execute(text("DELETE FROM readings WHERE sensor_id = :id"), {"id": id})
            if request.args.get("fail"):
                raise ValueError("no")
            conn.execute(sensors.delete().where(sensors.c.id == id))
            trans.commit()
        except ValueError:
            trans.rollback()
            return "kept", 409
        finally:
            conn.close()
        return "", 204

    @app.get("/total")
    def total():
        with engine.connect() as conn:
            return jsonify(conn.scalar(select(func.count()).select_from(readings)), [v for v in conn.scalars(select(readings.c.value).order_by(readings.c.value))])

    @app.post("/commit")
    def commit():
        with engine.connect() as conn:
            conn.execute(insert(sensors), [{"name": "x1"}, {"name": "x2"}])
            conn.commit()
            conn.execute(insert(sensors), {"name": "lost"})
        return "done"

    @app.cli.command("init-db")
    def init():
        init_db()
        with engine.connect() as conn:
            click.echo(f"{conn.execute(text('SELECT count(*) FROM sensors')).scalar()} sensors")

    return app
