"""Sessions and models of another distribution, imported: a company's own package of them, say."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from tests.codemod import small_package
from tests.codemod.parity import FRAMES, Make, Request

#: That distribution: models, a session for each thread, and an object that has it.
COMPANY = """
import os
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, relationship, scoped_session, sessionmaker
from sqlalchemy.pool import NullPool

engine = create_engine(os.environ.get("COMPANY_DATABASE", "sqlite://"), poolclass=NullPool)
Session = scoped_session(sessionmaker(engine))
Base = declarative_base()
Base.query = Session.query_property()


class Database:
    session = Session


db = Database()


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    name = Column(String(40))
    members = relationship("Member", backref="team", order_by="Member.id")


class Member(Base):
    __tablename__ = "members"
    id = Column(Integer, primary_key=True)
    name = Column(String(40))
    team_id = Column(ForeignKey("teams.id"))
"""

APP = {
    "__init__.py": """
        from flask import Flask
        from company_models import Base, Member, Session, Team, engine
        from .views import bp

        def fresh():
            Session.remove()
            Base.metadata.drop_all(engine)
            Base.metadata.create_all(engine)
            Session.add(Team(name="red", members=[Member(name="Ann"), Member(name="Bob")]))
            Session.commit()

        def create_app():
            app = Flask(__name__)
            app.secret_key = "members"
            app.register_blueprint(bp)

            @app.teardown_appcontext
            def done(error):
                Session.remove()

            return app
        """,
    "views.py": """
        import flask
        from flask import Blueprint, jsonify
        from company_models import Member, Session, Team, db
        from sqlalchemy import select

        bp = Blueprint("views", __name__)
        given = dict(session=Session)

        def found(name):
            return Session.query(Member).filter_by(name=name).first()

        def noted(session, name):
            session["name"] = name

        @bp.get("/teams")
        def teams():
            return jsonify([[t.name, [m.name for m in t.members]] for t in Session.query(Team)])

        @bp.get("/member/<name>")
        def member(name):
            return jsonify(found(name).team.name, db.session.get(Team, 1).name)

        @bp.post("/member/<name>")
        def rename(name):
            found("Bob").name = name
            noted(flask.session, name)
            db.session.commit()
            return jsonify([m.name for m in db.session.scalars(select(Member).order_by(Member.id))])

        @bp.get("/direct")
        def direct():
            kept = Member.query
            return jsonify(
                Member.query.get(1).team.name,
                [m.name for m in Member.query.filter(Member.id > 1).order_by(Member.id).all()],
                kept.count(),
                given["session"].query(Team).first().name,
            )
        """,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_they_answer_as_before_and_it_is_told(
    make_sides: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, frame: str
) -> None:
    monkeypatch.setenv("COMPANY_DATABASE", f"sqlite:///{tmp_path}/company.db")
    company = ModuleType("company_models")
    exec(COMPANY, vars(company))
    monkeypatch.setitem(sys.modules, company.__name__, company)
    sides = make_sides("members", APP, frame)
    outcome = outcome_of(sides.conversion)
    told = [f.message for f in outcome.findings if f.code == "MIG110"]
    assert sorted(m.split(" stay ")[0] for m in told) == [
        "The sessions of company_models.Session",
        "The sessions of company_models.db",
    ]
    assert outcome.totals.bridged == 8 == outcome.totals.seen
    levels = [e.level for e in outcome.endpoints if not e.endpoint.static]
    assert levels == ["bridged"] * 4
    legacy = importlib.import_module(sides.legacy)
    requests: list[Request] = [
        ("GET", "/teams"),
        ("GET", "/member/Ann"),
        ("POST", "/member/Cid"),
        ("GET", "/teams"),
        ("GET", "/direct"),
    ]
    for expected, found in sides.both(legacy.create_app(), requests, legacy.fresh):
        assert expected == found
        assert expected[2] == 200


def test_with_its_package_beside_the_application_they_are_converted(tmp_path: Path) -> None:
    app = {f"members/{path}": dedent(text) for path, text in APP.items()}
    files = {**app, "company_models/__init__.py": COMPANY}
    conversion = convert(small_package.write(tmp_path / "both", files))
    outcome = outcome_of(conversion)
    assert "MIG110" not in {f.code for f in outcome.findings}
    assert {s.status for s in conversion.plan.sites} == {"native"}
