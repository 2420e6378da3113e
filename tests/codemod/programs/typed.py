"""The same models in SQLAlchemy 2.0's typed style, below a DeclarativeBase that Flask-SQLAlchemy is given."""

from __future__ import annotations

import re

#: Relationships to one row; all others are to many.
_TO_ONE = ("customer", "order", "shelf", "book", "strict", "guard", "writer")
_COLUMN = re.compile(r"^    (\w+) = (deferred\()?db\.Column\((.*)\)$", re.M)
_RELATIONSHIP = re.compile(
    r'^    (\w+) = (db\.relationship\((?:|\n        )"(\w+)".*(?:\)|\n    \)))$', re.M
)
_KINDS = (("db.Integer", "int"), ("db.String", "str"), ("db.Text", "str"), ("db.ForeignKey", "int"))
_COLLECTIONS = {'lazy="dynamic"': "DynamicMapped", 'lazy="write_only"': "WriteOnlyMapped"}


def typed(models: str) -> str:
    """The models' classes with annotations in the place of classical columns and relationships."""
    return _RELATIONSHIP.sub(_relationship, _COLUMN.sub(_column, models))


def _column(found: re.Match[str]) -> str:
    name, deferring, given = found.groups()
    kind = next(kind for word, kind in _KINDS if word in given)
    if deferring:
        column, _, group = given.partition(")")
        given = f"{column}, deferred=True{group.replace('group', 'deferred_group')}"
    elif given.startswith("db.Integer"):
        given = given.removeprefix("db.Integer").removeprefix(", ")
    needed = "primary_key=True" in given or "nullable=False" in given
    hint = kind if needed else f"Optional[{kind}]"
    return f"    {name}: Mapped[{hint}] = mapped_column({given})"


def _relationship(found: re.Match[str]) -> str:
    name, call, target = found.groups()
    kind = next((kind for words, kind in _COLLECTIONS.items() if words in call), "")
    if name in _TO_ONE:
        hint = f'Mapped[Optional["{target}"]]'
    else:
        hint = f'{kind}["{target}"]' if kind else f'Mapped[list["{target}"]]'
    return f"    {name}: {hint} = {call}"
