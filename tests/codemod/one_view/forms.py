"""Forms of Python, each to be an application of one view; read from the tables in `forms/`.

A form is a heading and a module's text, whose last expression is what the view shows:

    === a name | paths: /a /b | left: MIG517 | wrong: why
    def f():
        return M.query.count()
    f()

`=== in a view: a name` heads the body of a function inside of the view instead. `paths` are asked
besides the view, `left` is the code of a finding that has to name one of the form's lines: what
the conversion answers is open then. `wrong` excuses a form that is known to be wrong.
"""

from __future__ import annotations

import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

_TABLES = Path(__file__).parent / "forms"
_HEADING = re.compile(r"^=== (?P<nested>in a view: )?(?P<name>[^|\n]+)(?P<more>\|.*)?\n", re.M)

MODELS = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Q(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    m_id = db.Column(db.ForeignKey("m.id"))

    def up(self):
        return self.m.name

class M(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(9))
    qs = db.relationship(Q, backref="m", order_by="Q.id")

    def audit(self):
        return f"{self.name}/{len(self.qs)}"

    def mark(self, n=1):
        self.name = f"{self.name}{n}"
        db.session.commit()
        return self.name

def seed():
    a, b = M(name="a"), M(name="b")
    db.session.add_all([a, b])
    db.session.flush()
    db.session.add_all([Q(m=a), Q(m=a)])
    db.session.commit()
"""

_HEAD = """
import argparse, asyncio, collections, contextlib, contextvars, copy, enum, functools, heapq
import importlib, itertools, operator, os, queue, random, sys, threading, types, typing, weakref
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from collections import UserDict, UserList
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import click
from flask import Blueprint, Flask, Request, current_app, g, jsonify, request
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Bundle, Session, aliased, object_session
from PKG.models import M, Q, db

bp = Blueprint("shop", __name__)

def one():
    return M.query.order_by(M.id).first()

def many():
    return M.query.order_by(M.id).all()

def count(*a, **k):
    return M.query.count()
"""

#: What a form gets when it names it, with what that names: more would hide what a form alone shows.
_PIECES = {
    "Svc": """
class Svc:
    def total(self):
        return Q.query.count()
    def __call__(self):
        return Q.query.count()
    @classmethod
    def make(cls):
        return cls()
    @staticmethod
    def st():
        return Q.query.count()
""",
    "Pair": 'Pair = namedtuple("Pair", "m n")\n',
    "Typed": """
class Typed(typing.NamedTuple):
    m: M
    n: int = 0
""",
    "Box": """
@dataclass
class Box:
    m: object
    ms: list = field(default_factory=list)
    fn: object = None
""",
    "Kind": """
class Kind(enum.Enum):
    A = "a"
    def run(self, m):
        return m.audit()
""",
    "Table": """
class Table(enum.Enum):
    A = enum.member(functools.partial(count))
""",
    "Bag": "class Bag(UserList): pass\n",
    "Reg": "class Reg(UserDict): pass\n",
    "reg": 'reg = Reg()\nreg["svc"] = Svc()\n',
    "Node": """
class Node:
    def __init__(self, **k):
        self.__dict__.update(k)
""",
    "local": "local = threading.local()\n",
    "var": 'var = contextvars.ContextVar("var", default=None)\n',
    "HANDLERS": 'HANDLERS = {"a": Svc().total, "b": lambda: count(), "c": Svc}\n',
    "current_app": """
def setup(app):
    app.extensions["svc"] = Svc()
    app.config["FN"] = count
    app.config["SVC"] = Svc()
    app.svc = Svc()
""",
}


@dataclass(frozen=True)
class Form:
    """A piece of Python and what is asked of the application that is made of it."""

    table: str
    name: str
    text: str
    nested: bool
    paths: tuple[str, ...]
    left: str
    wrong: str

    @property
    def views(self) -> str:
        """The module `views.py` of the form's application."""
        return (_HEAD + self._pieces()).lstrip("\n") + "\n" + self._body()

    @property
    def transactional(self) -> bool:
        """Whether it has transactions or connections of its own, which another driver may do otherwise."""
        words = (
            "commit",
            "rollback",
            "flush",
            "nested",
            "connect",
            "Session(",
            "maker(",
            "execute",
        )
        return self.table == "database" and not self.left and any(w in self.text for w in words)

    @property
    def lines(self) -> range:
        """The lines of `views` that the form's text and its view are."""
        views = self.views
        end = views.count("\n") + 1
        return range(end - self._body().count("\n"), end + 1)

    def _body(self) -> str:
        return self._nested() if self.nested else self._module()

    def _nested(self) -> str:
        inner = textwrap.indent(self.text, " " * 8)
        return f"@bp.get('/x')\ndef view():\n    def inner():\n{inner}\n    return str(inner())\n"

    def _module(self) -> str:
        *before, shown = self.text.split("\n")
        top = "\n".join([*before, ""])
        return f"{top}\n@bp.get('/x')\ndef view():\n    return str(({shown}))\n"

    def _pieces(self) -> str:
        wanted: set[str] = set()
        texts = [self.text]
        while texts:
            text = texts.pop()
            for name, piece in _PIECES.items():
                if name not in wanted and re.search(rf"\b{name}\b", text):
                    wanted.add(name)
                    texts.append(piece)
        return "".join(piece for name, piece in _PIECES.items() if name in wanted)


def _read(table: Path) -> list[Form]:
    split = list(_HEADING.finditer(text := table.read_text(encoding="utf-8")))
    ends = [found.start() for found in split[1:]] + [len(text)]
    return [
        _form(table.stem, found, text[found.end() : end].strip("\n"))
        for found, end in zip(split, ends, strict=True)
    ]


def _form(table: str, found: re.Match[str], text: str) -> Form:
    pairs = [part.partition(":") for part in (found["more"] or "").split("|") if part.strip()]
    more = {key.strip(): value.strip() for key, _, value in pairs}
    return Form(
        table=table,
        name=found["name"].strip(),
        text=text,
        nested=found["nested"] is not None,
        paths=("/x", *more.pop("paths", "").split()),
        left=more.pop("left", ""),
        wrong=more.pop("wrong", ""),
    )


def _parses(table: Path) -> bool:
    """Whether this Python has the syntax: `since_3_12` is for that one and for later ones."""
    kind, _, version = table.stem.partition("since_")
    return bool(kind) or sys.version_info >= tuple(map(int, version.split("_")))


FORMS = [form for table in sorted(_TABLES.glob("*.txt")) if _parses(table) for form in _read(table)]
