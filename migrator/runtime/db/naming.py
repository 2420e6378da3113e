"""Table names from class names, by Flask-SQLAlchemy's rule.

`OrderLine` becomes `order_line`. A subclass of a model gets a table of its own when it declares a
primary key (joined-table inheritance) and shares its parent's otherwise (single-table).
https://flask-sqlalchemy.readthedocs.io/en/stable/models/#defining-models
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Column, PrimaryKeyConstraint, Table
from sqlalchemy.orm import DeclarativeBase, DeclarativeBaseNoMeta, DeclarativeMeta, declared_attr
from sqlalchemy.orm.decl_api import DeclarativeAttributeIntercept

_MODERN = (DeclarativeBase, DeclarativeBaseNoMeta)
# A capital begins a word after a small letter or digit, and before a small letter: HTTPServerLog
# is http_server_log.
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<!^)(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """`CamelCase` as `camel_case`."""
    return _WORD.sub("_", name).lower().lstrip("_")


def give_table_name(cls: type) -> None:
    """Set `__tablename__` on a new model class where the rule says so."""
    if _wants_name(cls):
        cls.__tablename__ = snake_case(cls.__name__)  # type: ignore[attr-defined]


def settle_table(cls: type) -> None:
    """After mapping: a class that shares its parent's table must not hide it."""
    own = vars(cls)
    if "__tablename__" not in own and own.get("__table__", cls) is None:
        del cls.__table__  # type: ignore[attr-defined]


def make_table(cls: Any, *args: Any, **kwargs: Any) -> Table | None:
    """The model's table, or None when it shares its parent's; a model's `__table_cls__`."""
    schema = kwargs.get("schema")
    key = args[0] if schema is None else f"{schema}.{args[0]}"
    if (
        key in cls.metadata.tables  # reflected before: the model is laid over it
        or any(_is_primary_key(arg) for arg in args)
        # Without a table anywhere above, let SQLAlchemy complain of the missing primary key.
        or not any("__table__" in vars(base) for base in cls.__mro__[1:-1])
    ):
        return Table(*args, **kwargs)
    if "__tablename__" in vars(cls):
        del cls.__tablename__
    return None


def _is_primary_key(part: Any) -> bool:
    return isinstance(part, PrimaryKeyConstraint) or (
        isinstance(part, Column) and bool(part.primary_key)
    )


def _wants_name(cls: type) -> bool:
    if vars(cls).get("__abstract__", False) or _is_base(cls):
        return False
    for definer in cls.__mro__:
        if "__tablename__" not in vars(definer):
            continue
        if isinstance(vars(definer)["__tablename__"], declared_attr):
            return False
        # A name on the class itself, on an abstract model or on a mixin is meant for this class;
        # one on a parent model is the parent's.
        return definer is not cls and _is_model(definer)
    return True


def _is_base(cls: type) -> bool:
    """Whether `cls` is a declarative base, or no declarative class at all."""
    if issubclass(cls, _MODERN):
        return any(base in _MODERN for base in cls.__bases__)
    return not any(isinstance(base, DeclarativeMeta) for base in cls.__mro__[1:])


def _is_model(cls: type) -> bool:
    return not vars(cls).get("__abstract__", False) and (
        isinstance(cls, DeclarativeMeta | DeclarativeAttributeIntercept)
        or issubclass(cls, DeclarativeBaseNoMeta)
    )
