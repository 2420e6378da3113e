"""Mixins of models whose methods give queries, asked by views and by what only a script calls.

What a script calls stays sync code; it takes the selects that such a method gives on its sync session.
"""

from __future__ import annotations

import runpy

import pytest

from migrator.surface import FrameChoice
from tests.codemod.parity import FRAMES, Make, asked

FILES = {
    "__init__.py": """
        from flask import Flask
        from {name}.db import Base, Line, Order, Session, engine

        def create_app():
            from {name}.views import bp

            app = Flask(__name__)
            app.register_blueprint(bp)
            app.teardown_appcontext(lambda error: Session.remove())
            return app

        def fresh():
            Base.metadata.drop_all(engine)
            Base.metadata.create_all(engine)
            for number in range(1, 6):
                Session.add(Order(number=number, lines=[Line(name=f"l{{number}}")]))
            Session.commit()
            Session.remove()
    """,
    "db.py": """
        from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
        from sqlalchemy.orm import declarative_base, relationship, scoped_session, sessionmaker

        engine = create_engine("sqlite:///PLACE/{name}.db")
        Session = scoped_session(sessionmaker(bind=engine))
        Base = declarative_base()

        class Helped:
            @classmethod
            def query(cls):
                return Session.query(cls)

            @classmethod
            def filter_by(cls, **kw):
                return Session.query(cls).filter_by(**kw)

            @classmethod
            def portions(cls, size=2):
                return Session.query(cls).order_by(cls.id).yield_per(size)

        class Order(Base, Helped):
            __tablename__ = "orders"
            id = Column(Integer, primary_key=True)
            number = Column(Integer)
            lines = relationship("Line", order_by="Line.id", backref="order")

        class Line(Base, Helped):
            __tablename__ = "lines"
            id = Column(Integer, primary_key=True)
            name = Column(String)
            order_id = Column(ForeignKey("orders.id"))
    """,
    "views.py": """
        from flask import Blueprint, jsonify
        from {name}.db import Line, Order

        bp = Blueprint("orders", __name__)

        @bp.get("/above/<int:least>")
        def above(least):
            found = Order.query().filter(Order.number > least).order_by(Order.number.desc())
            return jsonify([found.count(), [o.lines[0].name for o in found]])

        @bp.get("/line/<name>")
        def line(name):
            return jsonify(Line.filter_by(name=name).one().order.number)

        @bp.get("/all")
        def every():
            return jsonify([order.number for order in Order.portions()])
    """,
    "job.py": """
        from {name} import fresh
        from {name}.db import Line, Order, Session

        def in_portions():
            found = [(order.number, order.lines[0].name) for order in Order.portions()]
            for order in Order.portions(3).filter(Order.number > 1):
                found.append(order.number)
            return found + [len(Order.portions().all()), Order.portions().first().number]

        def more():
            Session.bulk_save_objects([Line(name="more", order_id=n) for n in (1, 2)])
            Session.bulk_insert_mappings(Line, [{{"name": "more", "order_id": 3}}])
            Session.commit()
            return [line.order.number for line in Line.filter_by(name="more").order_by(Line.id)]

        def fewer():
            gone = Line.filter_by(name="more").filter(Line.order_id > 1).delete()
            changed = Line.filter_by(name="more").update({{"name": "one more"}})
            Session.commit()
            return gone, changed, Line.query().count()

        def main():
            fresh()
            print(in_portions(), more(), fewer(), Order.filter_by(number=2).one().lines[0].name)
            Session.remove()

        if __name__ == "__main__":
            main()
    """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_what_a_script_calls_takes_selects(
    make_sides: Make,
    frame: FrameChoice,
    capsys: pytest.CaptureFixture[str],
    tmp_path: object,
) -> None:
    files = {path: text.replace("PLACE", str(tmp_path)) for path, text in FILES.items()}
    sides = make_sides("helped", files, frame)
    asked(sides, [("GET", "/above/2"), ("GET", "/line/l3"), ("GET", "/all")])
    printed = []
    for package in (sides.legacy, sides.target):
        runpy.run_module(f"{package}.job", run_name="__main__")
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert "(2, 1, 6)" in printed[0]
    assert "bridge(" not in sides.conversion.texts["views.py"]
    assert "Session.query(" not in sides.conversion.texts["db.py"]
