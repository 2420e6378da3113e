"""What the analysis found at each place of a function: the input of every later decision."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from migrator.frozen import frozen
from migrator.queries.step import Action, Refusal
from migrator.queries.types import Query, Type

#: Names of steps that are taken with the value of a node, after what the node itself becomes.
ON_ITS_VALUE = frozenset({"iterate", "listened", "row", "truth"})
#: Names of external facts at a call that say what is done to what it gives.
ON_THE_RESULT = frozenset({"iter", "with", "shown", "special"})
#: Name of an unresolved fact at what is looped over: a call that is not followed has given it, as a query perhaps.
ROWS = "<rows>"
#: Name of an external fact where the items may be taken of what loads as it goes, and was made elsewhere.
GOING_ON = "going on"
Kind = Literal[
    "step",  # a query, session, statement or result operation: `step` says all
    "lazy",  # an attribute that loads: relationship, deferred column, property that does I/O
    "stale",  # an instance that a commit may have expired leaves this function's hands
    "call",  # a call of functions of the repository
    "property",  # a property of the repository is read
    "external",  # an instance or a lazy value is handed to code that we can't see
    "unresolved",  # a method is called on a receiver of unknown type
    "reference",  # a function of the repository is used as a value
    "handing",  # a call hands functions of the repository to code that we can't see
    "user",  # current_user
    "template",  # a template is rendered
    "hung",  # a call, after a commit, of what reads mapped objects that hang on the request
    "listed",  # the rows of a query take its place
    "blocks",  # a call waits for something else than the database
    "code",  # a text is run as code, which may name what is ours
    "at_hand",  # `db.session()` that goes on: in sync code it is a sync session, in async code the other
    "put",  # an attribute is put on a session
    "kept",  # an object keeps the session that `db.session()` gives, by the attribute `name`
    "held",  # a variable, `name`, or a parameter gets it
    "earlier",  # an attribute or an argument that Flask-SQLAlchemy 2 had on its extension
    "blind",  # a call of something that nothing was found out about
    "outside",  # a session of another distribution's, imported from it, is asked for rows
    "gone",  # what SQLAlchemy 1.x meant otherwise, or had and 2.x has not
]


@frozen
class Fact:
    """One finding at one node.

    `blocker` is the enclosing expression that would have to run in the bridge because an `await`
    can't stand here (a lambda, a generator expression), or None. `site` says that the fact counts
    in the report's sum of query sites.
    """

    kind: Kind
    node: ast.AST
    blocker: ast.expr | None = None
    #: Generator expressions and key functions between here and the function that have an async form.
    generators: tuple[ast.GeneratorExp | ast.Lambda, ...] = ()
    action: Action | None = None
    io: bool = False
    site: bool = False
    refusal: Refusal | None = None
    callees: tuple[str, ...] = ()
    name: str = ""
    model: str = ""
    #: The receiver may also be something that is no instance of a mapped class.
    mixed: bool = False

    @property
    def gives_query_away(self) -> bool:
        """Whether code that can't be followed has a query from here on: it stays a legacy one."""
        return self.kind == "external" and self.name == "query"


@dataclass(slots=True)
class FunctionFacts:
    """Everything known of one function (or of a module's own code)."""

    key: str
    facts: dict[tuple[int, str], Fact] = field(default_factory=dict)
    #: Every name ever assigned, with the join of all its types (for nested functions).
    environment: dict[str, Type | None] = field(default_factory=dict)
    is_generator: bool = False
    commits: bool = False
    #: The functions that it may call, in the order in which they were met.
    calls: dict[str, None] = field(default_factory=dict)
    #: The session expressions seen, by id of their node: bridged code turns them sync.
    sessions: dict[int, ast.expr] = field(default_factory=dict)
    #: Ids of those that may be something else: items of a dict that holds more, say.
    maybe_sessions: set[int] = field(default_factory=set)
    #: (module, name, name here) of what converted code needs besides what its actions say: the extension.
    imports: set[tuple[str, str, str]] = field(default_factory=set)
    #: Ids of the calls of the repository's functions that hand a query over.
    passes_query: set[int] = field(default_factory=set)
    #: Of those, the ones that hand over what only holds one, or may be something else, or what listeners hear
    #: of: a statement would be the one of this moment.
    passes_held: set[int] = field(default_factory=set)
    #: The `for` statement around each expression that is looped over.
    loop_of: dict[int, ast.stmt] = field(default_factory=dict)
    #: Ids of the expressions that are looped over, or entered by `with`, while a commit may happen.
    commits_in: set[int] = field(default_factory=set)
    #: The call of `any`, `all` or `next` around each generator expression that it asks one by one.
    asked: dict[int, ast.Call] = field(default_factory=dict)
    #: The call of `sorted`, `min` or `max` around each key function that may be written out.
    keyed: dict[int, ast.Call] = field(default_factory=dict)
    #: It uses a query of the function around it.
    closure_queries: bool = False
    #: What runs at each node: the method ("iterate" for none) and the queries that it may be.
    fetched: dict[int, tuple[str, set[Query]]] = field(default_factory=dict)
    #: What is written to: the owner of an attribute that is assigned, the object of `setattr()` and
    #: of `session.delete()`; by id of the attribute or the call.
    subjects: dict[int, Type | None] = field(default_factory=dict)
    #: The arguments of a call, and its receiver, that are queries which become selects, by its id.
    query_arguments: dict[int, list[ast.expr]] = field(default_factory=dict)

    def add(self, fact: Fact) -> None:
        """Record a fact; the same kind at the same node replaces what was there.

        What may be called there adds up, since a callee may be one of several functions.
        """
        key = (id(fact.node), fact.kind + fact.name)
        known = self.facts.get(key)
        if known is not None and fact.kind != "step":
            others = tuple(c for c in known.callees if c not in fact.callees)
            if others or known.io > fact.io or known.mixed > fact.mixed:
                fact = replace(
                    fact,
                    callees=others + fact.callees,
                    io=fact.io or known.io,
                    mixed=fact.mixed or known.mixed,
                )
        self.facts[key] = fact
        self.calls.update(dict.fromkeys(fact.callees))

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts.values())
