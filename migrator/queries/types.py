"""The types that the analysis tells apart: sessions, queries, models, what a query yields.

Plain frozen data. A type is what is *known*: `Unknown` is never guessed at.
"""

from __future__ import annotations

from typing import TypeAlias

from migrator.frozen import frozen
from migrator.queries.spelling import ordered


@frozen
class Unknown:
    """Nothing is known: may be anything, a model instance or a query included."""

    #: Whether it is, or may be, the session of an extension that nobody knows: no name and no
    #: annotation makes a session of the converted application of it.
    strange: bool = False
    #: The keys of mapped classes whose objects it may be or hold: what others made of some of them.
    holding: frozenset[str] = frozenset()
    #: As with an Instance: a commit may have expired these.
    stale: bool = False


@frozen
class Opaque:
    """A value known to be none of ours: a str, a number, a datetime, an external object.

    `name` is the dotted name of its class where known, for messages ("str", "datetime.datetime").
    """

    name: str = ""


@frozen
class External:
    """A name that some other distribution defines: `sqlalchemy.func`, `flask.jsonify`."""

    dotted: str


@frozen
class ModuleType:
    """A module of the repository."""

    name: str


@frozen
class Db:
    """A Flask-SQLAlchemy extension object (`db`); `text` is how the code at hand spells it.

    `key` is that of its class, where the repository has made one of its own. `of` says which other
    extension it is of, which may have neither models nor SQLAlchemy's names: "lite" (Flask-SQLAlchemy-Lite),
    "alchemical", "helpers" (sqlalchemy-helpers), or "manager" for what the last one keeps.
    """

    text: str = "db"
    key: str = ""
    of: str = ""


#: The name of the sync session that SQLAlchemy hands over: to a listener, by `object_session()`.
GIVEN = "given"
#: That of one without an async side, which nobody can await: of a class of sessions that code makes objects of.
APART = "apart"
#: Begins the text of a session that no expression at hand denotes.
NOWHERE = "%"


@frozen
class Session:
    """A SQLAlchemy Session, scoped or plain.

    `text` is the expression that denotes it where the value was obtained (`db.session`,
    `session`, `self.session`). `name` is the defining place of a module-level session
    (`pkg.extensions:db.session`), which any module may import; empty for a local one, whose text
    means nothing in another function.
    """

    text: str
    name: str = ""
    #: Whether it is a registry: each task has a session of its own (`scoped_session`).
    scoped: bool = False

    @property
    def given(self) -> bool:
        """Whether it is a sync session, whatever runs it."""
        return self.name in (GIVEN, APART)


@frozen
class SessionFactory:
    """`sessionmaker(...)`, or `lambda: db.session`; calling it gives a Session.

    `gives` is that session where each call gives the same one.
    """

    text: str
    gives: Session | None = None


@frozen
class ModelType:
    """A mapped class itself; `key` is `module:QualName`, `text` its spelling at hand.

    `eager` is False only where it is known that no mapping of it joins a collection eagerly.
    """

    key: str
    text: str
    eager: bool = True


@frozen
class Instance:
    """An instance of the mapped class `key`.

    `loaded` names the relationships known to be loaded already (by loader options). `fresh` is True for one
    that was constructed here and not flushed. `stale` says that a commit or rollback since then may have
    expired it, so that even a column may load. `partial` says that loader options kept something from it
    that the mapping loads (`defer`, `lazyload`); `made`, that code and no query has made it; `changed`,
    that code has set an attribute of it. Nested loads are dotted: "lines", "lines.product".
    """

    key: str
    loaded: frozenset[str] = frozenset()
    fresh: bool = False
    stale: bool = False
    partial: bool = False
    made: bool = False
    changed: bool = False


@frozen
class Alias:
    """`aliased(Model)`: an entity like the model, under another name. `eager`: its rows may come more than once."""

    key: str
    text: str
    eager: bool = True


@frozen
class Selectable:
    """A FROM element that is no entity: a subquery, a CTE, a Table, an alias of one.

    `text` is its spelling at hand; its columns are reached by `.c`, by their `names` where those
    are known. `table` for a Table itself.
    """

    text: str = ""
    names: tuple[str, ...] = ()
    table: bool = False


@frozen
class Column:
    """A column expression: `Order.id`, `func.count()`, a label; `aggregate` for plain aggregates.

    `unhashable` when its values are JSON or arrays; `key` the model it comes from. `unseen` when
    the model is not seen to have it: it may be a relationship too.
    """

    text: str = ""
    key: str = ""
    aggregate: bool = False
    unhashable: bool = False
    unseen: bool = False


#: Stands for the model that a relationship leads to, as a member of it; no name in any source.
TARGET = "<target>"


@frozen
class RelationshipAttribute:
    """`Order.customer` on the class: a relationship attribute, its target and its loading.

    `secondary`: rows of a table of its own lead to the target.
    """

    key: str
    name: str
    target: str
    uselist: bool
    lazy: str
    secondary: bool = False


@frozen
class Selected:
    """One thing a query selects: `kind` is entity, column, aggregate, table or unknown.

    `label` is the name of its item in a row, "" for none. `unhashable` values (JSON, arrays, or
    nobody knows) can't take part in uniquing. `of` is the model that a column belongs to.
    """

    kind: str
    key: str = ""
    text: str = ""
    label: str = ""
    unhashable: bool = False
    of: str = ""
    #: An entity under another name than its model's.
    alias: bool = False
    #: Its label was given by `.label("...")`.
    named: bool = False
    #: No model is in it: a Table, or a column of a FROM element.
    plain: bool = False


@frozen
class Query:
    """A legacy `Query` object and all of its history that the conversion depends on.

    `session` is None where the code at hand has no session expression for it. `lead` is the text
    of the first entity; `last_joined` that of the entity that `filter_by` addresses ("" for the
    lead, "?" for one that we can't name; `joined_key` is its model's key, "" for an alias). `multi_from` says that
    more than one FROM entity may take part (joins, several entities, eager joins).
    `state` holds the names of the methods applied that matter later (limit, offset, distinct,
    group_by, order_by, union, from_statement, yield_per, options...). `loaded` are the
    relationships of the lead entity that its loader options load. `dynamic` for what
    `lazy="dynamic"` gives (`o.lines`), whose owner is in memory: it stays a legacy query until
    its terminal takes its statement. `partial` says that options keep columns or relationships
    from being loaded that the mapping would load. `cls` is the key of the repository's own query
    class, "" for SQLAlchemy's.
    """

    selects: tuple[Selected, ...]
    session: Session | None = None
    lead: str = ""
    last_joined: str = ""
    joined_key: str = ""
    multi_from: bool = False
    state: frozenset[str] = frozenset()
    loaded: frozenset[str] = frozenset()
    dynamic: bool = False
    partial: bool = False
    cls: str = ""

    @property
    def single_entity(self) -> bool:
        return len(self.selects) == 1 and self.selects[0].kind == "entity"


@frozen
class Select:
    """A 2.0-style `select()`, `update()`, `delete()` or `insert()` statement (`verb`).

    `state` holds the names of the methods applied, as a Query's would be called. `pinned` are the
    attributes of its only entity that have to equal a value.
    """

    verb: str
    selects: tuple[Selected, ...] = ()
    loaded: frozenset[str] = frozenset()
    partial: bool = False
    state: frozenset[str] = frozenset()
    pinned: frozenset[str] = frozenset()


@frozen
class Result:
    """What `session.execute` gives; `scalars` once `.scalars()` was applied."""

    selects: tuple[Selected, ...] = ()
    scalars: bool = False
    loaded: frozenset[str] = frozenset()
    partial: bool = False
    mappings: bool = False


@frozen
class Row:
    """A result row with one type an item.

    `names` are the item names, "" for one without. `renamed` says that a legacy query's row had
    other names: duplicates, or expressions without a label.
    """

    items: tuple[Type, ...]
    names: tuple[str, ...] = ()
    renamed: bool = False


@frozen
class Pagination:
    """Flask-SQLAlchemy's Pagination; `item` is the type of its items."""

    item: Type


@frozen
class ListOf:
    """Any in-memory iterable of one item type: list, set, tuple of unknown length, generator.

    `going` names the functions that run while its items are taken, "" where that loads by itself.
    """

    item: Type
    going: frozenset[str] = frozenset()


@frozen
class DictOf:
    """A dict: what its keys are, and what all of its values are.

    `known` says what is under some of its keys, should they be in it; all of them where it is `closed`.
    """

    key: Type
    value: Type
    known: tuple[tuple[str, Type], ...] = ()
    closed: bool = False


@frozen
class TupleOf:
    items: tuple[Type, ...]


@frozen
class ClassType:
    """A class of the repository that is not mapped; `key` is `module:QualName`."""

    key: str


@frozen
class Object:
    """An instance of the unmapped class `key`."""

    key: str


@frozen
class Function:
    """A function or method of the repository, `module:QualName`; `bound` when its self is filled.

    `receiver` is the type of that self.
    """

    key: str
    bound: bool = False
    receiver: Type | None = None


@frozen
class Union:
    """One of several; never nested, never with Unknown in it, at least two options."""

    options: frozenset[Type]

    @property
    def ordered(self) -> tuple[Type, ...]:
        """The options in an order that is the same in every process."""
        return ordered(self.options)


Type: TypeAlias = (
    Unknown
    | Opaque
    | External
    | ModuleType
    | Db
    | Session
    | SessionFactory
    | ModelType
    | Instance
    | Alias
    | Selectable
    | Column
    | RelationshipAttribute
    | Query
    | Select
    | Result
    | Row
    | Pagination
    | ListOf
    | DictOf
    | TupleOf
    | ClassType
    | Object
    | Function
    | Union
)

#: Begins the key of a column or relationship that is reached by an alias of its model.
ALIASED = "alias:"
UNKNOWN = Unknown()
STRANGE = Unknown(strange=True)
OPAQUE = Opaque()
NONE = Opaque("None")
TEXT = Opaque("str")
EMPTY = Opaque("<empty>")  # the item type of an empty container takes that of what is put in
#: More keys than this and a dict tells of all its values at once.
MAX_KEYS = 32
#: More options than this and the union says nothing any more.
MAX_OPTIONS = 32
#: The same of queries: what every query of an application has is called on those of each model.
MAX_QUERIES = 512
