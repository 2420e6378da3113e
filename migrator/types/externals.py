"""What is known of other distributions' functions: makers of sessions, safe calls, callbacks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.index.session_classes import REGISTRIES, SESSIONS
from migrator.index.written import written
from migrator.queries.expressions import reads_a_selectable
from migrator.queries.plain import parser
from migrator.queries.step import Action
from migrator.queries.types import (
    EMPTY,
    GIVEN,
    Alias,
    Db,
    DictOf,
    External,
    ListOf,
    ModelType,
    Opaque,
    Selectable,
    Session,
    SessionFactory,
)
from migrator.types.lattice import Value, holds_instance
from migrator.types.names import DB_CLASSES, EXTENSIONS

if TYPE_CHECKING:
    from migrator.types.expressions import Expressions

#: `contextlib.closing` of a session, in native code.
ACLOSING = Action("use_name", {"module": "contextlib", "name": "aclosing"})
#: Calls that make a class, or what looks like one, that runs nothing but Python's own code.
_MAKES_CLASSES = frozenset(
    {
        "collections.namedtuple", "typing.NamedTuple", "typing.NewType", "typing.TypedDict",
        "typing_extensions.NamedTuple", "typing_extensions.NewType", "typing_extensions.TypedDict",
    }
)  # fmt: skip
#: What they make asks an object for what it was given the names of.
BY_NAMES = frozenset({"operator.attrgetter", "operator.itemgetter", "operator.methodcaller"})
#: Calls that get instances and read nothing lazy from them.
SAFE = frozenset(
    {
        *(f"{name}()" for name in _MAKES_CLASSES if not name.endswith("NewType")),
        "flask_login.logout_user",
        "flask.flash",
        "flask.abort",
        "flask.redirect",
        "flask.url_for",
        "sqlalchemy.orm.attributes.flag_modified",
        "sqlalchemy.orm.make_transient",
        "sqlalchemy.inspect",
    }
)
#: Calls that raise, whatever they are given: no value comes of them.
RAISING = frozenset(
    {
        "apiflask.abort", "flask.abort", "flask_restful.abort", "flask_restplus.abort", "flask_restx.abort",
        "flask_smorest.abort", "sys.exit", "werkzeug.exceptions.abort",
    }
)  # fmt: skip
#: Calls that say of what type their second argument is.
CASTS = frozenset({"typing.cast", "typing_extensions.cast"})
#: Calls that give back what they got.
KEEPS_INSTANCES = frozenset({"copy.copy", "typing.NewType()", "typing_extensions.NewType()"})

_COLUMN_BUILDERS = (
    "sqlalchemy.func.", "sqlalchemy.sql.func.", "sqlalchemy.sql.expression.", "sqlalchemy.types.",
)  # fmt: skip
_COLUMN_NAMES = frozenset(
    {
        "and_", "or_", "not_", "desc", "asc", "case", "cast", "literal", "literal_column", "text",
        "distinct", "extract", "null", "true", "false", "exists", "tuple_", "type_coerce",
        "nullsfirst", "nullslast", "nulls_first", "nulls_last", "label", "between", "collate",
        "bindparam", "over", "joinedload", "selectinload", "subqueryload", "contains_eager",
        "load_only", "defer", "undefer", "lazyload", "noload", "raiseload", "defaultload",
        "immediateload", "with_loader_criteria", "with_expression", "with_parent", "column",
        "any_", "all_",
    }
)  # fmt: skip
_CALLBACK_RUNNERS = frozenset(
    {"sorted", "map", "filter", "min", "max", "reduce", "groupby", "sort"}
)
_LAZY_RUNNERS = frozenset(
    {
        "map", "filter", "groupby", "starmap", "takewhile", "dropwhile", "filterfalse",
        "accumulate",
    }
)  # fmt: skip


def is_column_builder(name: str) -> bool:
    """Whether calling it gives a SQL expression or a loader option."""
    if name.startswith(_COLUMN_BUILDERS):
        return True
    return name.startswith("sqlalchemy") and name.rpartition(".")[2] in _COLUMN_NAMES


def runs_callback(name: str) -> bool:
    """Whether it calls the function it is given at once, on the items of its other argument."""
    return name.rpartition(".")[2] in _CALLBACK_RUNNERS


def calls_later(name: str) -> bool:
    """Whether it calls the function it is given only when its results are taken."""
    return name.rpartition(".")[2] in _LAZY_RUNNERS or name.startswith("itertools.")


def constructed(reader: Expressions, node: ast.Call, name: str) -> Value:
    """The type of what a constructor of SQLAlchemy's or Flask's makes, or None."""
    last = name.rpartition(".")[2]
    if name in DB_CLASSES or name in EXTENSIONS:
        return Db(of=EXTENSIONS.get(name, ""))
    if name in BY_NAMES:
        return Opaque(name)
    if name in _MAKES_CLASSES:
        return External(f"{name}()")
    if name == "collections.defaultdict":
        made = node.args and isinstance(node.args[0], ast.Name) and node.args[0].id
        return DictOf(EMPTY, ListOf(EMPTY) if made in ("list", "set") else EMPTY)
    if name in ("collections.OrderedDict", "collections.deque"):
        return None if node.args else (DictOf(EMPTY, EMPTY) if last[0] == "O" else ListOf(EMPTY))
    if name in REGISTRIES or name in SESSIONS:
        return Session(written(node), scoped=name in REGISTRIES)
    if name.startswith("sqlalchemy.orm") and last == "object_session":
        return Session(written(node), GIVEN)
    if name == "sqlalchemy.inspect" and any(holds_instance(reader.eval(a)) for a in node.args):
        return Opaque("sqlalchemy.orm.InstanceState")
    if name.startswith("sqlalchemy") and last == "sessionmaker":
        return SessionFactory(written(node))
    if name.startswith("sqlalchemy") and last == "aliased" and node.args:
        target = reader.eval(node.args[0])
        if isinstance(target, ModelType):
            return Alias(target.key, target.text, target.eager or reads_a_selectable(node))
        return Selectable(written(node))
    if name.startswith("flask.") and last in ("Flask", "Blueprint"):
        return Opaque(name)
    return parser(name)
