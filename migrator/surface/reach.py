"""Which code can't work without a Flask application, directly or through what it uses.

Names are followed through the repository (functions, classes, module-level variables), methods by
their name on any class: too much rather than too little, since what is found here only stays where
it is, on the mount.
"""

from __future__ import annotations

import ast
from collections import defaultdict, deque
from collections.abc import Sequence
from functools import cached_property

from migrator.frozen import frozen
from migrator.index.definitions import (
    ClassInfo,
    ExternalName,
    FunctionInfo,
    Import,
    Module,
    Resolved,
    Variable,
)
from migrator.index.names import is_special
from migrator.index.project import Project
from migrator.index.walk import walk
from migrator.queries.step import Refusal
from migrator.surface import extensions, names
from migrator.surface.application import is_test
from migrator.surface.local import local_imports, local_names, resolve_import

#: Method names of Python's and SQLAlchemy's own objects: they say nothing about a class.
COMMON = frozenset(
    [
        "get",
        "set",
        "add",
        "append",
        "extend",
        "pop",
        "remove",
        "update",
        "items",
        "keys",
        "values",
        "copy",
        "clear",
        "format",
        "join",
        "split",
        "strip",
        "lower",
        "upper",
        "replace",
        "encode",
        "decode",
        "read",
        "write",
        "close",
        "open",
        "filter",
        "filter_by",
        "all",
        "first",
        "one",
        "count",
        "order_by",
        "limit",
        "offset",
        "commit",
        "rollback",
        "flush",
        "delete",
        "execute",
        "query",
        "session",
        "join",
        "info",
    ]
)


@frozen
class References:
    """What a piece of code mentions: nodes of the graph, external names, attribute names."""

    nodes: frozenset[str]
    externals: frozenset[str]
    attributes: frozenset[str]


class Reach:
    """The graph of what uses what, and the refusals that reach through it."""

    def __init__(self, project: Project, given: frozenset[str] = frozenset()) -> None:
        self.project = project
        #: External names that take the application; what they do with it is not known.
        self._given = given
        self._references: dict[str, References] = {}
        #: By external names: everything that mentions one of them, itself or through others.
        self._users: dict[frozenset[str], set[str]] = {}
        self._variables: dict[str, Variable] = {}
        #: Keys of the variables whose values have not been looked into.
        self._pending: list[str] = []
        self._build()
        self._reverse = self._reversed()
        self.refusals: dict[str, Refusal] = self._propagate(in_view=False)
        # Flask-WTF asks Flask-Babel, and that the legacy application's own callbacks.
        localised = any(m.source.says("flask_babel") for m in self.project.modules.values())
        self._in_view = self.refusals if localised else self._propagate(in_view=True)

    def function(self, key: str) -> Refusal | None:
        """Why a function can't work without Flask, None when it can."""
        return self.refusals.get(f"f {key}")

    def needs_context(self, key: str) -> bool:
        """Whether a function works where Flask's context is set around it, and only there."""
        return f"f {key}" in self.refusals and f"f {key}" not in self._in_view

    def cls(self, key: str) -> Refusal | None:
        """Why a class can't work without Flask, None when it can."""
        return self.refusals.get(f"c {key}")

    def expression(self, module: Module, node: ast.AST) -> Refusal | None:
        """Why a piece of module-level code can't work without Flask, None when it can."""
        found = self._collect(module, walk(node), frozenset(), {})
        for dotted in sorted(found.externals):
            why = self._unsupported(dotted)
            if why is not None:
                return why
        for target in sorted(found.nodes):
            if target in self.refusals:
                return self.refusals[target]
        return None

    def uses(self, key: str, dotted: frozenset[str]) -> bool:
        """Whether a function mentions one of the external names, itself or through others."""
        if dotted not in self._users:
            users = [k for k, r in self._references.items() if not dotted.isdisjoint(r.externals)]
            self._users[dotted] = found = set(users)
            while users:
                following = self._mentioned.get(users.pop(), set()) - found
                found |= following
                users += following
        return f"f {key}" in self._users[dotted]

    @cached_property
    def _mentioned(self) -> dict[str, set[str]]:
        """By what is mentioned: what mentions it."""
        found: dict[str, set[str]] = defaultdict(set)
        for key, references in self._references.items():
            for node in references.nodes:
                found[node].add(key)
        return found

    def externals(self, cls: ClassInfo) -> frozenset[str]:
        """The external names that a class mentions: its body, its methods, what those mention."""
        owners = self.project.mro(cls)
        seen = {f"c {owner.key}" for owner in owners}
        seen |= {f"f {method.key}" for owner in owners for method in owner.methods.values()}
        queue = deque(seen)
        found: set[str] = set()
        while queue:
            current = self._references.get(queue.popleft())
            if current is None:
                continue
            found |= current.externals
            queue.extend(current.nodes - seen)
            seen |= current.nodes
        return frozenset(found)

    def strings(self, key: str) -> frozenset[str]:
        """The string constants in a function and in the functions that it mentions."""
        seen = {f"f {key}"}
        queue = deque(seen)
        found: set[str] = set()
        while queue:
            current = queue.popleft()
            kind, _, name = current.partition(" ")
            function = self.project.functions.get(name) if kind == "f" else None
            if function is not None:
                found.update(
                    n.value
                    for n in function.nodes
                    if isinstance(n, ast.Constant) and isinstance(n.value, str)
                )
            references = self._references.get(current)
            for following in (references.nodes if references is not None else set()) - seen:
                seen.add(following)
                queue.append(following)
        return frozenset(found)

    def _build(self) -> None:
        for module in self.project.modules.values():
            if is_test(module):
                continue
            inside = module.imports_inside
            for function in module.functions:
                if function.parent is None:
                    self._references[f"f {function.key}"] = self._function(function, inside)
            for cls in module.classes:
                self._references[f"c {cls.key}"] = self._class(cls)
        while self._pending:
            key = self._pending.pop()
            if key in self._references:
                continue
            variable = self._variables[key]
            module = self.project.modules[variable.module]
            nodes = walk(variable.value) if variable.value is not None else []
            self._references[key] = self._collect(module, nodes, frozenset(), {})

    def _function(self, function: FunctionInfo, imports: bool) -> References:
        nodes = function.nodes
        local = frozenset(local_names(nodes))
        imported = local_imports(function, nodes) if imports else {}
        return self._collect(function.module, nodes, local, imported)

    def _class(self, cls: ClassInfo) -> References:
        parts: list[ast.AST] = [*cls.node.bases, *cls.node.decorator_list]
        parts += [
            n
            for n in cls.node.body
            if not isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        ]
        nodes = [n for part in parts for n in walk(part)]
        found = self._collect(cls.module, nodes, frozenset(), {})
        constructor = cls.methods.get("__init__")
        used = found.nodes | ({f"f {constructor.key}"} if constructor else set())
        return References(frozenset(used), found.externals, frozenset())

    def _collect(
        self,
        module: Module,
        found: Sequence[ast.AST],
        local: frozenset[str],
        imported: dict[str, Import],
    ) -> References:
        nodes: set[str] = set()
        externals: set[str] = set()
        attributes: set[str] = set()
        # `flask.request.args` is one reference: what is inside it says nothing more.
        inside: set[int] = set()
        # A name is the same wherever it stands.
        seen: set[str] = set()
        for node in found:
            if isinstance(node, ast.Attribute):
                attributes.add(node.attr)
                if id(node) in inside:
                    inside.add(id(node.value))
                    continue
            elif not isinstance(node, ast.Name) or node.id in seen or id(node) in inside:
                continue
            else:
                seen.add(node.id)
            resolved = self._resolve(module, node, local, imported)
            if resolved is not None:
                self._note(resolved, nodes, externals)
                if isinstance(resolved, ExternalName) and isinstance(node, ast.Attribute):
                    inside.add(id(node.value))
        return References(frozenset(nodes), frozenset(externals), frozenset(attributes - COMMON))

    def _note(self, resolved: Resolved, nodes: set[str], externals: set[str]) -> None:
        match resolved:
            case ExternalName():
                externals.add(resolved.dotted)
            case FunctionInfo():
                nodes.add(f"f {resolved.key}")
            case ClassInfo():
                nodes.add(f"c {resolved.key}")
            case Variable():
                key = f"v {resolved.module}:{resolved.name}"
                nodes.add(key)
                if key not in self._variables:
                    self._variables[key] = resolved
                    self._pending.append(key)
            case _:
                pass

    def _resolve(
        self,
        module: Module,
        node: ast.expr,
        local: frozenset[str],
        imported: dict[str, Import],
    ) -> Resolved:
        if isinstance(node, ast.Name):
            if node.id in imported:
                return resolve_import(self.project, imported[node.id])
            if node.id in local:
                return None
            return self.project.lookup(module, node.id)
        if isinstance(node, ast.Attribute):
            owner = self._resolve(module, node.value, local, imported)
            return self.project.member(owner, node.attr)
        return None

    def _reversed(self) -> dict[str, set[str]]:
        methods: dict[str, list[str]] = defaultdict(list)
        for function in self.project.functions.values():
            if function.owner is not None and not is_special(function.name):
                methods[function.name].append(f"f {function.key}")
        reverse: dict[str, set[str]] = defaultdict(set)
        for key, found in self._references.items():
            for target in found.nodes:
                reverse[target].add(key)
            for name in found.attributes:
                for method in methods.get(name, ()):
                    reverse[method].add(key)
        return reverse

    def _propagate(self, in_view: bool) -> dict[str, Refusal]:
        refusals: dict[str, Refusal] = {}
        for key, found in sorted(self._references.items()):
            for dotted in sorted(found.externals):
                why = self._unsupported(dotted, in_view=in_view)
                if why is not None:
                    refusals[key] = why
                    break
        return self._spread(refusals)

    def _unsupported(self, dotted: str, *, in_view: bool = False) -> Refusal | None:
        if dotted in self._given:
            return Refusal(
                "MIG415",
                f"it uses {dotted}, an unknown part that is given the application",
                "do without it, or have it set up without the application, then convert again",
            )
        return unsupported(dotted, in_view=in_view)

    def _spread(self, refusals: dict[str, Refusal]) -> dict[str, Refusal]:
        """The refusals of these nodes, and of everything that uses them."""
        queue = deque(refusals)
        while queue:
            current = queue.popleft()
            why = refusals[current]
            name = current.partition(":")[2] or current
            # A model of another database is named by its reason.
            told = " through " in why.reason or why.reason.startswith(f"it uses {name},")
            via = why.reason if told else f"{why.reason}, through {name}"
            for user in sorted(self._reverse.get(current, ())):
                if user not in refusals:
                    refusals[user] = Refusal(why.code, via, why.hint)
                    queue.append(user)
        return refusals


def unsupported(dotted: str, *, in_view: bool) -> Refusal | None:
    """Why code that uses an external name can't leave Flask, None when it can."""
    if names.is_flask(dotted):
        if names.supported(dotted):
            return None
        return Refusal(
            "MIG408",
            f"it uses {dotted}, which the converted application does not have",
            "do without it, then convert again",
        )
    return extensions.refusal(dotted, in_view=in_view)


__all__ = ["Reach", "References", "unsupported"]
