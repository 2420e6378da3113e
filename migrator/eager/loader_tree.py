"""The lazy loads of one query as a tree of paths, from which loader options are chosen."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from migrator.eager.fetches import ONE_ROW
from migrator.eager.mutations import Written
from migrator.eager.read_expressions import called_name
from migrator.eager.read_values import Path, Reads
from migrator.eager.suitable import Lead
from migrator.frozen import frozen
from migrator.index.definitions import can_be_said
from migrator.index.keys import compare_alike
from migrator.index.model import Model, Relationship
from migrator.index.models import Models
from migrator.index.walk import children
from migrator.queries.types import Instance
from migrator.types.lattice import parts
from migrator.types.state import State

#: The links of an option from the query's class outwards: loader, model's key, relationship.
Chain: TypeAlias = tuple[tuple[str, str, str], ...]
#: Methods that don't say which objects come.
_WIDE = frozenset(
    {"query", "select", "with_entities", "add_columns", "add_entity", "join", "outerjoin", "options",
     "join_from", "select_from", "order_by", "group_by", "distinct"}
)  # fmt: skip
_ORDER = "its order is the database's, which another statement may change"


@frozen
class Load:
    """What is loaded lazily along a path: `loads` statements in `in_runs` runs, `most` in one.

    They gave objects in `fruitful` runs. `text` is the path in words.
    """

    along: Path
    text: str
    kind: str
    loads: int
    most: int
    in_runs: int
    fruitful: int


@frozen
class Site:
    """A query at the place where it runs: the code around it, what it loads, and how often."""

    key: str
    #: The names in the expression that runs it: what it is filtered by.
    names: frozenset[str]
    #: The names in the function's code.
    around: frozenset[str]
    lead: Lead
    loads: tuple[Load, ...]
    runs: int
    #: What is certainly read of its objects before anything is written.
    certain: Reads
    #: Whether the loads were recorded; else they are those of `certain`.
    traced: bool
    #: Whether somebody around goes on behind an error: not everything may have been read then.
    caught: bool
    #: Whether nothing is written or flushed in what its objects may be handed to.
    quiet: bool
    #: What may be written while its objects are expired, or unseen by the session.
    renewed: Written
    #: Whether the database compares texts loosely: "a" and "A" may be one key.
    loosely: bool


@frozen
class _Branch:
    """A path that is worth loading: what it saves, and the chains below it, itself included."""

    saves: int
    chains: tuple[Chain, ...]


class LoaderTree:
    """Chooses the options of one query.

    `free(shown)` says why what is shown by these models may change between query and access, ""
    where it can't; `stays` hears of what is not placed, and why.
    """

    def __init__(
        self,
        state: State,
        site: Site,
        free: Callable[[set[str]], str],
        stays: Callable[[Load, str], None],
    ) -> None:
        self.state = state
        self.models: Models = state.models
        self.site = site
        self.free = free
        self.stays = stays
        #: What the query loads may be narrowed there: an option behind it would say it anew.
        self.narrowed = bool(site.around & {"of_type", "and_"})
        lead, query = site.lead, site.lead.query
        # Beside an aggregate, or in a group, another column changes what the statement asks for;
        # beside another table, what a name means that stands alone.
        grouped = query.state & {"distinct", "group_by", "having"}
        plain = not grouped and not site.around & {"text", "literal_column"}
        plain = plain and all(s.kind != "aggregate" for s in query.selects)
        self.joinable = plain and lead.fetch.method in ONE_ROW

    def chains(self) -> tuple[Chain, ...]:
        """The options from the query's class on."""
        lead = self.site.lead
        branches = self._below((), lead.model, self.site.runs, many=lead.fetch.many)
        return tuple(dict.fromkeys(chain for branch in branches for chain in branch.chains))

    def _below(self, path: Path, model: Model, runs: int, *, many: bool) -> list[_Branch]:
        """The branches worth placing below `path`, which leads to `model` in `runs` runs."""
        found = []
        for load in self.site.loads:
            if load.along[:-1] == path:
                branch = self._branch(load, model, runs, many=many)
                if branch is not None:
                    found.append(branch)
        return found

    def _branch(self, load: Load, model: Model, runs: int, *, many: bool) -> _Branch | None:
        if load.kind == "deferred":
            return self._columns(load, model, runs)
        relationship, why = self._relationship(load, model, many=many)
        if relationship is None:
            self._stays(load, why)
            return None
        target = self.models.by_key[relationship.target]
        loaded = ".".join(load.along) in self.site.lead.loaded or relationship.eager
        joined = not many and self.joinable and not relationship.uselist and not loaded
        joined = joined and self.models.is_many_to_one(model, relationship) and not target.joins
        if not (loaded or joined or self._compare_alike(model, target)):
            self._stays(load, "its keys are of different types, or equal where their texts are not")
            return None
        below = self._below(load.along, target, load.fruitful, many=many or relationship.uselist)
        inner = sum(branch.saves for branch in below)
        if loaded:
            own, loader = 0, "defaultload"
        elif joined:
            own = load.loads if 2 * load.in_runs >= runs else load.loads - runs
            loader = "joinedload"
        else:
            own, loader = load.loads - runs, "selectinload"
        # Where several objects come, a load a run in the tests is one an object elsewhere.
        worth = own + inner > 0 or (own + inner == 0 and many and load.loads > 0)
        if not self.site.traced and self.site.certain.raises and loader == "selectinload":
            worth = False
        if not worth or (loaded and (self.narrowed or not below)):
            self._stays(load, "it would save no statement")
            return None
        link = (loader, model.key, relationship.name)
        chains = tuple((link, *chain) for branch in below for chain in branch.chains)
        return _Branch(own + inner, chains or ((link,),))

    def _columns(self, load: Load, model: Model, runs: int) -> _Branch | None:
        """Deferred columns come with their object, where that is no more than what was loaded."""
        names = load.along[-1].split(",")
        family = set(self.models.family(model))
        if not set(names) <= model.deferred or not self._can_be_imported(model):
            return None
        if not self.site.quiet or self.free(family):
            return None
        if load.most < 2 and 2 * load.in_runs < runs:
            return None
        return _Branch(load.loads, tuple((("undefer", model.key, name),) for name in names))

    def _stays(self, load: Load, why: str) -> None:
        for other in self.site.loads:
            if other.along[: len(load.along)] == load.along:
                self.stays(other, why)

    def _can_be_imported(self, model: Model) -> bool:
        module, _, name = model.key.partition(":")
        return "." not in name and can_be_said(module, self.models.project.package)

    def _relationship(
        self, load: Load, model: Model, *, many: bool
    ) -> tuple[Relationship | None, str]:
        """The relationship that a path ends in, where an option on it is sound; or why not."""
        name = load.along[-1]
        relationship = model.relationships.get(name)
        lineage = {model.key, *(a.key for a in self.models.ancestry(model))}
        if relationship is None or relationship.owner not in lineage:
            return None, f"{name} is no relationship of {model.name}"
        if relationship.target not in self.models.by_key:
            return None, "its class is not known"
        if not self._can_be_imported(model):
            return (
                None,
                "it is inside another class, or of a module that no import statement can name",
            )
        if relationship.lazy != "select" and not relationship.eager:
            return None, f'it is lazy="{relationship.lazy}"'
        if relationship.joined:
            return None, "it has a condition of its own"
        target = self.models.by_key[relationship.target]
        if len(model.primary_key) > 1 or len(target.primary_key) > 1:
            return None, "a primary key has several columns"
        if relationship.secondary and not relationship.sorted:
            return None, _ORDER
        if not relationship.once:
            return None, "the table between may hold a pair twice, which a lazy load shows once"
        if not self.site.traced and (why := self._unsure(load, model, relationship, many=many)):
            return None, why
        certain = self.site.certain
        unsure = load.along not in certain.paths or certain.raises
        shown = self._shown(model, target, relationship)
        renewed = self.site.renewed
        if unsure or self.site.caught or renewed.anything or shown & renewed.models:
            why = self.free(shown)
            if why:
                return None, why
        if load.along not in certain.paths and not self.site.quiet:
            return None, "what is written may wait for the flush before the load"
        return relationship, ""

    def _compare_alike(self, model: Model, target: Model) -> bool:
        """Whether the keys that lead from one class to the other are alike in Python, too."""
        return all(
            compare_alike(
                self.state.project, one, other, column, to or key, loosely=self.site.loosely
            )
            for one, other in ((model, target), (target, model))
            for column, table, to in one.foreign_keys
            if table in self.models.tables(other)
            for key in other.primary_key
        )

    def _unsure(self, load: Load, model: Model, relationship: Relationship, *, many: bool) -> str:
        """Why nobody's evidence is not enough."""
        target = self.models.by_key[relationship.target]
        if relationship.uselist:
            # For a single object the statement asks for one key, as a lazy load does.
            several = many or relationship.secondary
            return _ORDER if several and not relationship.total else ""
        if not self.models.is_many_to_one(model, relationship):
            # Of several rows, the first would be taken.
            return "" if not many else "nothing says that there is one row at most"
        tables = self.models.tables(target)
        columns = {column for column, table, _ in model.foreign_keys if table in tables}
        if len(load.along) == 1 and self.site.names & {relationship.name, *columns}:
            return "the query is for the objects of one, which the session may hold"
        if len(load.along) > 1 and self._came_from(load) in self.models.family(target):
            return "it leads back to where its objects came from"
        if len(load.along) == 1 and not self.site.lead.beside.isdisjoint(
            self.models.family(target)
        ):
            return "it comes in the same row"
        if self._is_held(target):
            return "the request holds it already"
        return ""

    def _came_from(self, load: Load) -> str:
        """The class that the collection before the last step belongs to."""
        model = self.site.lead.model
        for name in load.along[:-2]:
            model = self.models.by_key[model.relationships[name].target]
        return model.key

    def _is_held(self, target: Model) -> bool:
        """Whether `flask.g` holds an object of the class: most likely the one that is meant."""
        family = self.models.family(target)
        return any(
            any(isinstance(p, Instance) and p.key in family for p in parts(value))
            for (owner, _), value in self.state.attributes.items()
            if owner == "flask.g"
        )

    def _shown(self, model: Model, target: Model, relationship: Relationship) -> set[str]:
        """The models whose rows decide what the relationship shows."""
        shown = {k for m in (model, target) for k in self.models.family(m)}
        if relationship.secondary:
            for other in self.models.by_key.values():
                tables = {table for _, table, _ in other.foreign_keys}
                if {model.tablename, target.tablename} <= tables:
                    shown.add(other.key)
        return shown


def names_in(node: ast.expr, given: Callable[[str], Sequence[ast.Assign]]) -> frozenset[str]:
    """Names, attributes and keywords in an expression, and in what its variables were `given`.

    Those of a query's criteria: what it selects, joins and orders by narrows nothing.
    """
    found: set[str] = set()
    seen: set[str] = set()
    waiting: list[ast.AST] = [node]
    while waiting:
        for inner in _narrowing(waiting.pop()):
            names = (getattr(inner, field, None) for field in ("id", "attr", "arg"))
            found.update(name for name in names if isinstance(name, str))
            if isinstance(inner, ast.Name) and inner.id not in seen:
                seen.add(inner.id)
                waiting += (other.value for other in given(inner.id))
    return frozenset(found)


def _narrowing(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of an expression, without what is given to methods that leave the rows as they are."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.Call) and called_name(node) in _WIDE:
            waiting.append(node.func)
        else:
            waiting += children(node)
