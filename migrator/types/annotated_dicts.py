"""Parameters whose annotation says that they are dicts, whatever is in them."""

from __future__ import annotations

import ast

from migrator.index.definitions import ClassInfo, ExternalName, Module, Variable
from migrator.types.state import State

#: Classes that are no other than they are called: what is annotated `Mapping` may be an object of any class.
_DICTS = frozenset(
    {
        "typing.Dict", "typing.DefaultDict", "typing.OrderedDict",
        "collections.defaultdict", "collections.OrderedDict",
    }
)  # fmt: skip
_TYPED_DICT = "TypedDict"


def says_dict(
    state: State,
    module: Module,
    node: ast.expr | None,
    seen: frozenset[Variable] = frozenset(),
) -> bool:
    """Whether an annotation says `dict`, or a dict or None, by whichever names."""
    match node:
        case ast.Constant(value=str() as text):
            try:
                return says_dict(state, module, ast.parse(text, mode="eval").body, seen)
            except SyntaxError:
                return False
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            given = [n for n in (left, right) if not _is_none(n)]
            return all(says_dict(state, module, n, seen) for n in given)
        case ast.Subscript(value=generic, slice=inner):
            name = getattr(generic, "id", getattr(generic, "attr", ""))
            if name in ("Optional", "Union", "Annotated"):
                items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                given = [n for n in items if not _is_none(n)][: 1 if name == "Annotated" else None]
                return all(says_dict(state, module, n, seen) for n in given)
            return says_dict(state, module, generic, seen)
        case ast.Name() | ast.Attribute():
            found = state.project.resolve(module, node)
            if isinstance(found, Variable) and found not in seen:
                home = state.project.modules[found.module]
                return says_dict(state, home, found.value, seen | {found})
            if isinstance(found, ClassInfo):
                bases = state.project.external_bases(found)
                return any(base.rpartition(".")[2] == _TYPED_DICT for base in bases)
            if isinstance(found, ExternalName):
                return found.dotted in _DICTS
            return found is None and isinstance(node, ast.Name) and node.id == "dict"
    return False


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
