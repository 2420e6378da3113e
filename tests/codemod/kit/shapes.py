"""The kit's functions, each with its statements put in another shape that means the same."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tests.codemod.kit.restyled import Renamed, Restyled, filled, of_self, parameters

Body: TypeAlias = list[ast.stmt]

#: By name: what stands above the function, and what its last statements (`TAIL`, or `HELD` over attributes of
#: `self`) become. The helper is `NAME`, the names that the statements need are `ARGS`.
TAILS = {
    "keywords": ("def NAME(*, ARGS):\n    TAIL", "return NAME(KEYWORDS)"),
    "dataclass": (
        "@dataclasses.dataclass(frozen=True)\nclass NAME:\n    FIELDS\n    def __call__(self):\n        HELD",
        "return NAME(KEYWORDS)()",
    ),
    "nested": ("", "def rest():\n    TAIL\nreturn rest()"),
    "nested_class": ("", "class Work:\n    def run(self):\n        TAIL\nreturn Work().run()"),
    "made": (
        "def NAME(ARGS):\n    def work():\n        TAIL\n    return work",
        "work = NAME(ARGS)\nreturn work()",
    ),
    "instance": (
        "class NAME_class:\n    def __call__(self, ARGS):\n        TAIL\nNAME = NAME_class()",
        "return NAME(ARGS)",
    ),
    "template_method": (
        "class NAME_base(abc.ABC):\n    def run(self, ARGS):\n        return self.work(ARGS)\n"
        "    @abc.abstractmethod\n    def work(self, ARGS): ...\n"
        "class NAME(NAME_base):\n    def work(self, ARGS):\n        TAIL",
        "return NAME().run(ARGS)",
    ),
    "alternative_maker": (
        "class NAME:\n    @classmethod\n    def made(cls, ARGS):\n        return cls().run(ARGS)\n"
        "    def run(self, ARGS):\n        TAIL",
        "return NAME.made(ARGS)",
    ),
    "decorated": (
        "def NAME_counted(label):\n    def outer(function):\n        @functools.wraps(function)\n"
        "        def inner(*args, **kwargs):\n            try:\n                return function(*args, **kwargs)\n"
        "            finally:\n                inner.calls += 1\n        inner.calls = 0\n        return inner\n"
        "    return outer\n@NAME_counted(label='x')\ndef NAME(ARGS):\n    TAIL",
        "return NAME(ARGS)",
    ),
    "registered": (
        "NAME_all = {}\ndef NAME_register(name):\n    def keep(function):\n        NAME_all[name] = function\n"
        "        return function\n    return keep\n@NAME_register('do')\ndef NAME(ARGS):\n    TAIL",
        "return NAME_all['do'](ARGS)",
    ),
    "generator": (
        "def NAME_steps(ARGS):\n    yield\n    TAIL\n"
        "def NAME(ARGS):\n    found = yield from NAME_steps(ARGS)\n    yield found",
        "result = None\nfor result in NAME(ARGS):\n    pass\nreturn result",
    ),
    "else_of_try": (
        "",
        "try:\n    ready = True\nexcept KeyError as error:\n    raise error\nelse:\n    TAIL\nfinally:\n    del ready",
    ),
    "entered": (
        "class NAME:\n    def __enter__(self):\n        return self\n"
        "    def __exit__(self, kind, error, trace):\n        return False",
        "with NAME() as around:\n    TAIL",
    ),
    "stacked": (
        "",
        "with contextlib.ExitStack() as stack:\n    stack.callback(lambda: None)\n    TAIL",
    ),
}
_HEAD = "import abc\nimport contextlib\nimport dataclasses\nimport functools\nimport typing\n"
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_OUTSIDE = (
    ast.Yield,
    ast.YieldFrom,
    ast.Await,
    ast.Global,
    ast.Nonlocal,
    ast.Import,
    ast.ImportFrom,
)


class Shapes(Restyled):
    """Hands out the shapes evenly."""

    def rewrite(self, stem: str, text: str) -> str:
        """Each function that fits gets the shape that fewest have, of those that fit it."""
        tree = ast.parse(text)
        tree.body = [s for statement in tree.body for s in self._restyled(stem, statement)]
        return _HEAD + ast.unparse(ast.fix_missing_locations(tree)) + "\n"

    def _restyled(self, stem: str, statement: ast.stmt) -> Body:
        plain = isinstance(statement, ast.FunctionDef) and not statement.decorator_list
        if isinstance(statement, ast.FunctionDef) and plain and not _holds(statement, _OUTSIDE):
            given = Counter(self.used.values())
            for shape in sorted((*STATEMENTS, *TAILS), key=lambda name: given[name]):
                made = _shaped(shape, statement)
                if made is not None:
                    self.used[f"{stem}.{statement.name}"] = shape
                    return made
        return [statement]

    def sample(self, names: list[str], step: int) -> list[str]:
        # Not every shape fits often: each n-th function of each.
        by_shape = [[n for n in names if self.used[n] == shape] for shape in sorted(self.styles)]
        return [n for those in by_shape for n in those[::step]]


def _shaped(shape: str, function: ast.FunctionDef) -> Body | None:
    """The function in that shape, below what it needs; None where it doesn't fit."""
    function = copy.deepcopy(function)
    if shape in STATEMENTS:
        made = STATEMENTS[shape](function)
        return None if made is None else [*made]
    for at in range(len(function.body)):
        tail = function.body[at:]
        needed = sorted(_read(tail) & (parameters(function) | _stored(function.body)))
        sure = parameters(function) | _stored(function.body[:at])
        if not needed or not {*needed} <= sure or {*needed} & (_stored(tail) | _bound_within(tail)):
            continue
        if any(not isinstance(s, ast.Assign | ast.Expr) for s in function.body[:at]):
            return None
        above, instead = (_filled(t, f"_{function.name}", needed, tail) for t in TAILS[shape])
        function.body = [*function.body[:at], *instead]
        return [*above, function]
    return None


def _filled(text: str, name: str, names: list[str], tail: Body) -> Body:
    text = filled(
        text, name, names,
        KEYWORDS=", ".join(f"{n}={n}" for n in names),
        FIELDS="\n    ".join(f"{n}: typing.Any" for n in names),
    )  # fmt: skip
    return _Filled(names, tail).visit(ast.parse(text)).body  # type: ignore[no-any-return]


@dataclass
class _Filled(ast.NodeTransformer):
    """Puts the statements at their place in a shape."""

    names: list[str]
    tail: Body

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | Body:
        place = node.value.id if isinstance(node.value, ast.Name) else ""
        if place == "HELD":
            return [of_self(self.names).visit(s) for s in copy.deepcopy(self.tail)]
        return copy.deepcopy(self.tail) if place == "TAIL" else node


def _boxed(function: ast.FunctionDef) -> Body | None:
    """What the function has names for are items of one dict."""
    names = parameters(function) | _stored(function.body)
    if _holds(
        function,
        (*_SCOPES, ast.NamedExpr, ast.ExceptHandler, ast.Match, ast.AnnAssign),
        inside=True,
    ):
        return None
    if names & _bound_within(function.body) or function.args.vararg or function.args.kwarg:
        return None
    first = ast.parse(f"at = dict({', '.join(f'{n}={n}' for n in sorted(parameters(function)))})")
    boxed = Renamed({n: f"at['{n}']" for n in names})
    function.body = [*first.body, *(boxed.visit(s) for s in function.body)]
    return [function]


def _stepwise(function: ast.FunctionDef) -> Body | None:
    """A chain of calls that is returned: a statement for each, the last method by a name."""
    last = function.body[-1]
    links: list[ast.Call] = []
    value = last.value if isinstance(last, ast.Return) else None
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        links.insert(0, value)
        value = value.func.value
    if len(links) < 2 or value is None or _holds(last, (ast.NamedExpr,)):
        return None
    steps: Body = []
    for link in links:
        assert isinstance(link.func, ast.Attribute)
        link.func.value, value = value, ast.Name("step", ast.Load())
        steps.append(ast.Assign([ast.Name("step", ast.Store())], link))
    do = ast.Assign([ast.Name("do", ast.Store())], links[-1].func)
    call = ast.Call(ast.Name("do", ast.Load()), links[-1].args, links[-1].keywords)
    function.body = [*function.body[:-1], *steps[:-1], do, ast.Return(call)]
    return [function]


def _loops(by: str) -> Callable[[ast.FunctionDef], Body | None]:
    """The first `for` of the function's own statements as another loop."""

    def made(function: ast.FunctionDef) -> Body | None:
        for at, loop in enumerate(function.body):
            if isinstance(loop, ast.For) and not loop.orelse:
                text = by.replace("TARGET", ast.unparse(loop.target)).replace(
                    "ITEMS", ast.unparse(loop.iter)
                )
                function.body[at : at + 1] = _Filled([], loop.body).visit(ast.parse(text)).body
                return [function]
        return None

    return made


def _written_out(text: str) -> Callable[[ast.FunctionDef], Body | None]:
    """A list comprehension that is returned, as a loop."""

    def made(function: ast.FunctionDef) -> Body | None:
        last = function.body[-1]
        value = last.value if isinstance(last, ast.Return) else None
        if not isinstance(value, ast.ListComp) or _holds(value, (ast.NamedExpr,)):
            return None
        if _bound_within([last]) & (parameters(function) | _stored(function.body)):
            return None
        adds = "items.append(EACH)" if "items" in text else "yield EACH"
        inner = ast.parse(adds.replace("EACH", ast.unparse(value.elt))).body
        for generator in reversed(value.generators):
            for test in reversed(generator.ifs):
                inner = [ast.If(test, inner, [])]
            inner = [ast.For(generator.target, generator.iter, inner, [])]
        function.body[-1:] = _Filled([], inner).visit(ast.parse(text)).body
        return [function]

    return made


#: By name: what rewrites a function's own statements, or finds that they don't fit.
STATEMENTS: dict[str, Callable[[ast.FunctionDef], Body | None]] = {
    "items_of_a_dict": _boxed,
    "step_by_step": _stepwise,
    "next_in_a_loop": _loops(
        "them = iter(ITEMS)\nwhile True:\n    try:\n        TARGET = next(them)\n"
        "    except StopIteration:\n        break\n    TAIL"
    ),
    "popped": _loops("them = list(ITEMS)\nwhile them:\n    TARGET = them.pop(0)\n    TAIL"),
    "appended": _written_out("items = []\nTAIL\nreturn items"),
    "yielded": _written_out("def each():\n    TAIL\nreturn list(each())"),
}
Shapes.styles = frozenset((*TAILS, *STATEMENTS))


def _holds(node: ast.AST, kinds: tuple[type[ast.AST], ...], inside: bool = False) -> bool:
    return any(isinstance(n, kinds) and not (inside and n is node) for n in ast.walk(node))


def _names(body: Iterable[ast.AST]) -> Iterator[ast.Name]:
    return (n for s in body for n in ast.walk(s) if isinstance(n, ast.Name))


def _read(body: Body) -> set[str]:
    return {n.id for n in _names(body) if isinstance(n.ctx, ast.Load)}


def _stored(body: Body) -> set[str]:
    """Every name that is bound, those of comprehensions left out."""
    found = {n.id for n in _names(body) if not isinstance(n.ctx, ast.Load)} - _of_comprehensions(
        body
    )
    walked = [n for s in body for n in ast.walk(s)]
    found |= {n.name for n in walked if isinstance(n, ast.ExceptHandler | ast.MatchAs) and n.name}
    return found | {n.name for n in walked if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def _of_comprehensions(body: Body) -> set[str]:
    made = (n for s in body for n in ast.walk(s) if isinstance(n, ast.comprehension))
    return {n.id for n in _names(m.target for m in made)}


def _bound_within(body: Body) -> set[str]:
    """The names that comprehensions and lambdas have of their own."""
    given = {n.arg for s in body for n in ast.walk(s) if isinstance(n, ast.arg)}
    return given | _of_comprehensions(body)
