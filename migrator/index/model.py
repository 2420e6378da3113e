"""A mapped class, and a relationship of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from migrator.frozen import frozen
from migrator.index.definitions import ClassInfo

_EAGER = frozenset({"joined", "selectin", "subquery", "immediate", "False"})


@frozen
class Relationship:
    """A relationship attribute. `target` is the model's key ("" when it can't be resolved).

    `lazy` is SQLAlchemy's loader name: select, joined, selectin, subquery, dynamic, write_only,
    noload, raise... `ordered` says that its query has more than criteria: an order, or a join
    through a secondary table. `owner` is the model that it was put on. `secondary`: through a table
    between; `joined`: by a condition of its own; `sorted`: its collection has an order, and `total`:
    one that leaves nothing open, since the primary key is in it. `collection` is what holds its
    objects: a list (or set), a dict of them, or a class that nobody knows. `once`: the table between
    has no pair twice. `circular`: eager ones lead from it back to the model.
    """

    name: str
    target: str
    uselist: bool
    lazy: str = "select"
    ordered: bool = False
    owner: str = ""
    secondary: bool = False
    joined: bool = False
    sorted: bool = False
    total: bool = False
    collection: Literal["list", "dict", ""] = "list"
    once: bool = True
    circular: bool = False

    @property
    def eager(self) -> bool:
        """Whether each object that is loaded has it."""
        return self.lazy in _EAGER and not self.circular


@dataclass(slots=True, eq=False)
class Model:
    """A mapped class and what its attributes are, its ancestors' included."""

    info: ClassInfo
    columns: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    unhashable: set[str] = field(default_factory=set)
    primary_key: list[str] = field(default_factory=list)
    relationships: dict[str, Relationship] = field(default_factory=dict)
    #: association_proxy: the relationship that each goes through, and the attribute at its end.
    proxies: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Of a dataclass: the relationships that its `__repr__` shows, and those that its `__eq__` compares.
    shown: set[str] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)
    #: Plain descriptors that load with the row: column_property, composite, synonym of a column.
    others: set[str] = field(default_factory=set)
    #: What the database computes: column_property, and columns that an UPDATE gives other values.
    computed: set[str] = field(default_factory=set)
    #: Hybrids whose expression may read another table.
    joining: set[str] = field(default_factory=set)
    #: Other names of attributes.
    synonyms: dict[str, str] = field(default_factory=dict)
    tablename: str = ""
    #: (column, target table, target column) of each foreign key.
    foreign_keys: list[tuple[str, str, str]] = field(default_factory=list)
    #: Keys of the functions that run when an attribute is set: `@validates`, listeners for "set".
    setters: dict[str, list[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.info.key

    @property
    def name(self) -> str:
        return self.info.name

    #: Whether loading it may join a collection in by the mapping itself, nested ones included.
    joins: bool = True
