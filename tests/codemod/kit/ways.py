"""The kit's functions, each with one of its expressions written in another way that means the same."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

from tests.codemod.kit.restyled import Restyled, filled, of_self, parameters

#: By name: a helper (`NAME`, the names that the expression needs as `ARGS`, the expression as `GIVEN`, the same over
#: attributes of `self` as `HELD`), and what takes the expression's place.
WAYS = {
    "function": ("def NAME(ARGS):\n    return GIVEN", "NAME(ARGS)"),
    "two_functions": (
        "def NAME(ARGS):\n    found = NAME_below(ARGS)\n    return found\n"
        "def NAME_below(ARGS):\n    return GIVEN",
        "NAME(ARGS)",
    ),
    "forwarded": (
        "def NAME_below(ARGS):\n    return GIVEN\n"
        "def NAME(*args, **kwargs):\n    return NAME_below(*args, **kwargs)",
        "NAME(ARGS)",
    ),
    "spread": ("def NAME(ARGS):\n    return GIVEN", "NAME(*[ARGS])"),
    "static": ("class NAME:\n    @staticmethod\n    def run(ARGS):\n        return GIVEN", "NAME.run(ARGS)"),
    "held": ("class NAME:\n    INIT\n    def run(self):\n        return HELD", "NAME(ARGS).run()"),
    "called": ("class NAME:\n    INIT\n    def __call__(self):\n        return HELD", "NAME(ARGS)()"),
    "property": ("class NAME:\n    INIT\n    @property\n    def value(self):\n        return HELD", "NAME(ARGS).value"),
    "cached_property": (
        "class NAME:\n    INIT\n    @functools.cached_property\n    def value(self):\n        return HELD",
        "NAME(ARGS).value",
    ),
    "item": ("class NAME:\n    INIT\n    def __getitem__(self, key):\n        return HELD", "NAME(ARGS)['x']"),
    "iterated": ("class NAME:\n    INIT\n    def __iter__(self):\n        yield HELD", "[*NAME(ARGS)][0]"),
    "overridden": (
        "class NAME_base:\n    def run(self, ARGS):\n        raise NotImplementedError\n"
        "class NAME(NAME_base):\n    def run(self, ARGS):\n        return GIVEN\n"
        "def NAME_made() -> NAME_base:\n    return NAME()",
        "NAME_made().run(ARGS)",
    ),
    "generator": ("def NAME(ARGS):\n    yield GIVEN", "next(NAME(ARGS))"),
    "manager": (
        "@contextlib.contextmanager\ndef NAME_around(ARGS):\n    yield GIVEN\n"
        "def NAME(ARGS):\n    with NAME_around(ARGS) as found:\n        return found",
        "NAME(ARGS)",
    ),
    "wrapped": (
        "def NAME_around(function):\n    @functools.wraps(function)\n    def inner(*args, **kwargs):\n"
        "        return function(*args, **kwargs)\n    return inner\n"
        "@NAME_around\ndef NAME(ARGS):\n    return GIVEN",
        "NAME(ARGS)",
    ),
    "returned": (
        "def NAME(ARGS):\n    def inner():\n        return GIVEN\n    return inner",
        "NAME(ARGS)()",
    ),
    "recursive": (
        "def NAME(ARGS, depth=2):\n    if depth:\n        return NAME(ARGS, depth=depth - 1)\n    return GIVEN",
        "NAME(ARGS)",
    ),
    "pair": ("def NAME(ARGS):\n    return GIVEN, 'page'", "NAME(ARGS)[0]"),
    "result": (
        "def NAME(ARGS):\n    result = {}\n    result['found'] = GIVEN\n    return result",
        "NAME(ARGS)['found']",
    ),
    "tried": (
        "def NAME(ARGS):\n    found = None\n    try:\n        found = GIVEN\n    finally:\n        del ARGS\n"
        "    return found",
        "NAME(ARGS)",
    ),
    "matched": (
        "def NAME(ARGS):\n    match [GIVEN]:\n        case [found]:\n            return found",
        "NAME(ARGS)",
    ),
    "lambda": ("", "(lambda: GIVEN)()"),
    "list": ("", "[GIVEN][0]"),
    "tuple": ("", "(1, GIVEN)[1]"),
    "dict": ("", "{'k': GIVEN}['k']"),
    "either": ("", "None or GIVEN"),
    "conditional": ("", "GIVEN if __name__ else None"),
    "comprehension": ("", "[GIVEN for _ in range(1)][0]"),
    "refined": ("", "[each for each in [GIVEN]][0]"),
}  # fmt: skip
_HEAD = "import contextlib\nimport functools\n"
_ACTING = (
    ast.NamedExpr,
    ast.Yield,
    ast.YieldFrom,
    ast.Await,
    ast.Starred,
    ast.Lambda,
    ast.comprehension,
)


class Ways(Restyled):
    """Hands out the ways in turn."""

    styles = frozenset(WAYS)

    def rewrite(self, stem: str, text: str) -> str:
        """Each function has its first fitting expression written in the way whose turn it is."""
        tree = ast.parse(text)
        helpers: list[str] = []
        for function in tree.body:
            if not isinstance(function, ast.FunctionDef) or function.decorator_list:
                continue
            found = next(_fitting(function), None)
            if found is None:
                continue
            way = [*WAYS][len(self.used) % len(WAYS)]
            helper, call = _written(way, f"_{function.name}_{way}", found, _locals(function))
            self.used[f"{stem}.{function.name}"] = way
            helpers.append(helper)
            _Put(found, call).visit(function)
        return "\n\n".join([_HEAD, ast.unparse(tree), *helpers])

    def sample(self, names: list[str], step: int) -> list[str]:
        return names[::step]


def _locals(function: ast.FunctionDef) -> set[str]:
    return parameters(function) | {
        n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def _fitting(function: ast.FunctionDef) -> Iterator[ast.Call]:
    """The calls on what a name of the function stands for, in its own statements."""
    names = _locals(function)
    for statement in function.body:
        if not isinstance(statement, ast.Return | ast.Assign | ast.Expr) or statement.value is None:
            continue
        value = statement.value
        if isinstance(value, ast.Call) and not any(isinstance(n, _ACTING) for n in ast.walk(value)):
            root: ast.expr = value
            while isinstance(root, ast.Call | ast.Attribute | ast.Subscript):
                root = root.func if isinstance(root, ast.Call) else root.value
            if isinstance(root, ast.Name) and root.id in names:
                yield value


def _written(way: str, name: str, given: ast.expr, names: set[str]) -> tuple[str, ast.expr]:
    """The helper's text, and the expression that takes the place of the one that is `given`."""
    free = sorted({n.id for n in ast.walk(given) if isinstance(n, ast.Name) and n.id in names})
    held = of_self(free).visit(copy.deepcopy(given))
    sets = "\n".join(f"        self.{n} = {n}" for n in free)
    texts = {
        "INIT": f"def __init__(self, {', '.join(free)}):\n{sets}",
        "GIVEN": f"({ast.unparse(given)})",
        "HELD": f"({ast.unparse(held)})",
    }
    helper, call = (filled(text, name, free, **texts) for text in WAYS[way])
    return helper, ast.parse(call, mode="eval").body


@dataclass
class _Put(ast.NodeTransformer):
    old: ast.expr
    new: ast.expr

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if node is self.old:
            return self.new
        self.generic_visit(node)
        return node
