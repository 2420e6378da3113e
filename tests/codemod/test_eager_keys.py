"""Loader options and keys: what the database calls equal, Python has to call equal, too.

A lazy load asks the database which rows belong together; `selectinload` sorts them in Python.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.codemod.lazy_shop import Shop, importable


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with importable(tmp_path):
        yield tmp_path


TEAMS = """
    from sqlalchemy import UniqueConstraint
    from sqlalchemy.types import TypeDecorator
    import uuid


    class Guid(TypeDecorator):
        impl = String(36)
        cache_ok = True

        def process_bind_param(self, value, dialect):
            return None if value is None else str(value)

        def process_result_value(self, value, dialect):
            return None if value is None else uuid.UUID(value)


    class Team(Base):
        __tablename__ = "team"
        id = Column({key}, primary_key=True)
        name = Column(String(20))
        players = relationship("Player", back_populates="team", order_by="Player.id")


    class Player(Base):
        __tablename__ = "player"
        id = Column(Integer, primary_key=True)
        team_id = Column({of_team}ForeignKey("team.id"))
        team = relationship(Team, back_populates="players")
    """
READS = """
    from {package}.models import Player, Team

    def run(session):
        players = session.query(Player).order_by(Player.id).all()
        names = [player.team and player.team.name for player in players]
        session.expunge_all()
        teams = session.query(Team).order_by(Team.name).all()
        return names, [[player.id for player in team.players] for team in teams]
    """
#: The types of a key and of what refers to it, a key of the first team, and one that refers to it.
TYPES = {
    "objects and their texts": (
        "Guid",
        "String(36), ",
        "uuid.UUID(int=1)",
        "str(uuid.UUID(int=1))",
    ),
    "texts in any case": ('String(9, collation="NOCASE")', "String(9), ", "'A'", "'a'"),
    "objects": ("Guid", "Guid, ", "uuid.UUID(int=1)", "uuid.UUID(int=1)"),
    "texts": ("String(9)", "String(20), ", "'A'", "'A'"),
    "numbers": ("Integer", "BigInteger, ", "1", "1"),
    "whatever the key is": ("Integer", "", "1", "1"),
}
KEPT = ["objects and their texts", "texts in any case"]


@pytest.mark.parametrize("name", TYPES)
def test_keys_are_compared_where_they_are_alike(name: str, folder: Path) -> None:
    key, of_team, first, reference = TYPES[name]
    rows = f"""
    session.add_all([Team(id={first}, name="x"), Player(id=2)])
    session.flush()
    session.add_all([Player(id=i, team_id={reference}) for i in (1, 3, 4)])
    """
    models = TEAMS.format(key=key, of_team=of_team)
    models = models.replace("from sqlalchemy import", "from sqlalchemy import BigInteger,", 1)
    shop = Shop(folder, READS, models=models, rows=rows)
    legacy, statements = shop.legacy()
    assert legacy[0] == ["x", None, "x", "x"]
    service = shop.convert("static").texts["service.py"]
    assert service.count("load(Player.team") == service.count("load(Team.players")
    assert ("load(Player.team" in service) == (name not in KEPT)
    converted, count = shop.run("new")
    assert converted == legacy
    assert count <= statements


#: The types of a key and of what refers to it, and what names a database to which "A" and "a" are one.
LOOSE = {
    "texts": ("String(9)", "String(9), ", "# sqlite by default, mysql+pymysql:// there", ""),
    "texts by the key": ("String(9)", "", "", "flask\npymysql==1.1.0\n"),
    "an own type": ("Guid", "", "", "mysqlclient"),
    "numbers": ("Integer", "BigInteger, ", "", "mysqlclient"),
    "numbers by the key": ("Integer", "", "", "pyodbc>=5"),
}


@pytest.mark.parametrize("name", LOOSE)
def test_texts_are_no_keys_where_the_database_compares_them_loosely(
    name: str, folder: Path
) -> None:
    key, of_team, said, required = LOOSE[name]
    number = key == "Integer"
    kept, referring = (1, 1) if number else ("'A'", "'a'")
    if key == "Guid":
        kept = referring = "uuid.UUID(int=1)"
    rows = f"""
    from sqlalchemy import text
    if not {number}:
        # What such a database does by itself.
        for table, columns in [
            ("team", "id VARCHAR(9) COLLATE NOCASE, name VARCHAR(20)"),
            ("player", "id INTEGER, team_id VARCHAR(9) COLLATE NOCASE"),
        ]:
            session.execute(text(f"DROP TABLE {{table}}"))
            session.execute(text(f"CREATE TABLE {{table}} ({{columns}})"))
    session.add_all([Team(id={kept}, name="x"), Player(id=2)])
    session.flush()
    session.add_all([Player(id=i, team_id={referring}) for i in (1, 3, 4)])
    """
    models = f"{said}\n" + textwrap.dedent(TEAMS.format(key=key, of_team=of_team))
    models = models.replace("from sqlalchemy import", "from sqlalchemy import BigInteger,", 1)
    shop = Shop(folder, READS, models=models, rows=rows)
    (folder / "old" / "requirements.txt").write_text(required)
    legacy, _ = shop.legacy()
    assert legacy == (["x", None, "x", "x"], [[1, 3, 4]])
    service = shop.convert("static").texts["service.py"]
    assert ("load(Player.team" in service) == number
    assert shop.run("new")[0] == legacy


PAIRS = """
    from sqlalchemy import UniqueConstraint


    class Team(Base):
        __tablename__ = "team"
        id = Column(Integer, primary_key=True)
        players = relationship("Player", secondary={between}, order_by="Player.id")


    class Player(Base):
        __tablename__ = "player"
        id = Column(Integer, primary_key=True)


    pairs = Table(
        "pairs",
        Base.metadata,
        Column("note", Integer),
        Column("team_id", ForeignKey("team.id"){more}),
        Column("player_id", ForeignKey("player.id")),
        {constraint}
    )
    """
#: What the relationship is given, what its first column has more, and a constraint.
BETWEEN = {
    "twice": ("lambda: pairs", "", "", True),
    "twice, by name": (
        '"pairs"',
        "",
        'UniqueConstraint("team_id", "player_id", "note"),',
        True,
    ),
    "a constraint": ("lambda: pairs", "", 'UniqueConstraint("team_id", "player_id"),', False),
    "a constraint, by name": ('"pairs"', "", 'UniqueConstraint("team_id", "player_id"),', False),
    "one of each": ('"pairs"', ", primary_key=True", "", False),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_pairs_come_once(name: str, folder: Path, database_url: str) -> None:
    between, more, constraint, twice = BETWEEN[name]
    models = PAIRS.format(between=between, more=more, constraint=constraint)
    rows = f"""
    session.add_all([Team(id=1), Team(id=2), Player(id=1), Player(id=2)])
    session.flush()
    for team, player in [(1, 2), (2, 1)] + [(1, 2)] * {twice}:
        session.execute(pairs.insert().values(team_id=team, player_id=player))
    """
    code = """
    from {package}.models import Player, Team

    def run(session):
        teams = session.query(Team).order_by(Team.id).all()
        return [[player.id for player in team.players] for team in teams]
    """
    shop = Shop(folder, code, database_url, models, rows)
    legacy, _ = shop.legacy()
    assert legacy == [[2], [1]]
    service = shop.convert("static").texts["service.py"]
    assert ("selectinload(Team.players)" in service) == (not twice)
    assert shop.run("new")[0] == legacy


#: Orders of a collection, and whether they leave nothing open.
ORDERS = {
    '"Player.id"': True,
    '"desc(Player.id)"': True,
    '"[Player.size, Player.id.desc()]"': True,
    "lambda: (Player.size, Player.id)": True,
    "lambda: Player.id.desc().nulls_last()": True,
    '"Player.id % 2"': False,
    "lambda: func.abs(Player.id - 3)": False,
    '"Player.size"': False,
    '"Player.id == 3"': False,
}


@pytest.mark.parametrize("order", ORDERS)
def test_collections_are_loaded_where_their_order_is_whole(
    order: str, folder: Path, database_url: str
) -> None:
    models = f"""
    from sqlalchemy import func


    class Team(Base):
        __tablename__ = "team"
        id = Column(Integer, primary_key=True)
        players = relationship("Player", order_by={order})


    class Player(Base):
        __tablename__ = "player"
        id = Column(Integer, primary_key=True)
        size = Column(Integer)
        team_id = Column(ForeignKey("team.id"))
    """
    rows = """
    session.add_all([Team(id=i) for i in range(3)])
    session.flush()
    session.add_all([Player(id=20 - i, size=i % 4, team_id=i % 3) for i in range(20)])
    """
    code = """
    from {package}.models import Player, Team

    def run(session):
        teams = session.query(Team).order_by(Team.id).all()
        return [[player.id for player in team.players] for team in teams]
    """
    shop = Shop(folder, code, database_url, models, rows)
    legacy, _ = shop.legacy()
    service = shop.convert("static").texts["service.py"]
    assert ("selectinload(Team.players)" in service) == ORDERS[order]
    assert shop.run("new")[0] == legacy
