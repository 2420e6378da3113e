"""Changes made as text are what libcst makes of them, byte for byte, in every place."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migrator.codemod import convert as conversion
from migrator.codemod.rewriting import module
from migrator.codemod.rewriting.apply import splice
from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.tree import apply_edits
from migrator.codemod.rules import __path__ as rules
from migrator.errors import MigratorError
from migrator.plan.model import Edit
from migrator.queries.step import Action

ROOT = Path(__file__).parents[2]

#: Every place that an expression can stand in; X is the one that changes.
PLACES = r"""
X
(X)
y = X
y = (X)
y = (  # why\n    X)
y = (\n    # why\n    X\n)
a = b = X
y: int = X
y += X
return X
return X, 1
return (X)
return not X
f(X)
f((X))
f( X )
f (X)
f(X, (X))
f(a, X,)
f(a, *X, **X)
f(key=X)
f(key=(X))
f(X)(X)
f(X for a in b)
[X, *X]
{X, 1}
(X, 1)
a[X]
a[X, 1]
a[X:X]
X[0]
X.name
X.name()
(X).name
{X: X, **X}
[X for a in X if X]
{X for a in X}
{X: X for a in b}
sum(a for a in X)
X + X
-X
X and X or X
X < X < X
X if X else X
lambda: X
lambda a=X: a
(a := X)
f"{X}"
'é' + X
'é' and f('é', X)
assert X, X
raise X from X
del a[X]
if X: pass
if (X):\n    pass\nelif X:\n    pass
while X:\n    pass
for a in X:\n    pass
for a in X, X:\n    pass
with X as a:\n    pass
with X, X:\n    pass
with (X):\n    pass
try:\n    X\nexcept X:\n    pass
@X\ndef inner(a=X) -> X:\n    pass
@f(X)\nclass Inner(X, key=X):\n    pass
match X:\n    case 1 if X:\n        pass
X; X
y = X  # why
if(X):\n    pass\nelif(X):\n    pass
while(X):\n    pass
for a in(X):\n    pass
with(X):\n    pass
return(X)
yield(X)
assert(X)
await(X)
not(X)
a in(X)
y =(X)if(X)else(X)
y = (X)or(X)
[(X)for a in(X)if(X)]
[a for a in(X)for b in(X)]
{(X)for a in X}
{(X):(X)for a in b}
f((X)for a in(X))
[g()for a in g()if g()]
f(g()for a in g())
""".strip().splitlines()

CALLS = [
    "g()", "g( )", "g(1)", "g(1, *b, **c)", "g (1)", "g(\n    1,\n    k=2,\n)", "g(  # why\n    1)",
    "a.g(1)", "a[0](1)", "(a or b)(1)", "g(i for i in j)", "a.b(\n  1\n).g(2)", "(\n    a\n    .g(1)\n)",
    "g('é')(1)", "g(g(1), g(g(2)))", "a.\\\n    g(1)",
]  # fmt: skip
ATTRIBUTES = ["a.b", "a . b", "a.b.c", "(a).b", "a(1).b", "(a\n  .b)", "a[0].b"]
CHAINS = [
    "O.query.filter(a).all()", "db.s.query(O, a).filter(\n    a\n).first()", "(O.query).filter(x).all()",
    "O . query.all()", "O.query.filter(a, b=O.query.filter(c).all()).all()", "O.query .all()",
    "O.query.filter (a).all()", "(\n    O.query\n    .filter(a)\n    .all()\n)", "(a or O.query).all()",
    "O.query.filter(a).filter(b).all() + 'é'", "db.s.query(\n    O\n).all()", "O.query.all(\n)",
    "O.query.filter(a).count()", "O.query.filter(O.query.count()).count()",
    "(\n        O.query\n        # why\n        .filter(a)\n        .count()\n    )",
    "O.query.filter(\n    a\n).filter(b).count()", "[\n    O.query\n    .filter(a)\n    .count()\n]",
    "(\n    O.query.filter(a)\n    .filter(b)\n    .all()\n)", "(\n  O.query\n  .filter(a)\n\n  .count()\n)",
    "((\n    O.query\n    .filter(a)\n    .all()\n))", "(O.query.filter(\n    a).\n    all())",
    "f(O.query\n.filter(a)\n    .filter(\n        b, c\n    )\n    .all())", "O.query.paginate(1, a, count=(b))",
    "(\n    O.query\n    .filter(O.query.filter(b).count())\n    .paginate(\n        page=1, per_page=2)\n)",
    "(\n    O.query.filter('#')\n    .first_or_404()\n)", "O.query.first_or_404(description='é')",
    "(\n    O.query\n    .filter('é', a)\n    .first_or_404('é')\n)", "O.query.paginate(*a, **b)",
    "(\n\tO.query\n\t.filter(a)\n\t.all()\n)", "(\n    O.query[0]\n    .filter(a)  # why\n    .all()\n)",
]  # fmt: skip
FETCHES = [
    {"session": "db.s", "verb": "scalars", "unique": unique, "tail": tail, "limit": limit, "stream": False}
    for unique in (False, True)
    for tail in ("", "all")
    for limit in (False, True)
]  # fmt: skip
WRAPPING = [
    "await_call", "unbridge_call", "bridge_call", "call_either", "call_sync", "reload",
    "bridge_steps", "in_thread",
    # These have no text form: libcst sees the expression alone.
    "bridge_expression", "bridge_list", "fetched",
]  # fmt: skip


Choose = Callable[[ast.AST], Action | None]


def every(kind: type[ast.AST], rule: str) -> Choose:
    args = {"name": "bridge_iter"} if rule == "bridge_steps" else {}
    action = Action(rule, args, awaits=rule == "in_thread")
    return lambda node: action if isinstance(node, kind) else None


def made(text: str, choose: Choose, *, plain: bool) -> tuple[str, object]:
    tree = ast.parse(text)
    edits = [Edit(n, (a,)) for n in ast.walk(tree) if (a := choose(n)) is not None]
    context = Context()
    try:
        return apply_edits(text, tree, edits, context, plain=plain), context.needed
    except MigratorError as error:
        return error.code, {}


def agrees(place: str, filling: str, choose: Choose) -> None:
    body = place.replace("\\n", "\n").replace("X", filling).replace("\n", "\n    ")
    text = f"def around():\n    {body}\n"
    try:
        ast.parse(text)
    except SyntaxError:
        return
    spliced = made(text, choose, plain=True)
    assert spliced == made(text, choose, plain=False), text
    ast.parse(spliced[0])


@pytest.mark.parametrize("place", PLACES)
def test_calls_in_every_place(place: str) -> None:
    # A third of the calls in each place, another one in the next.
    for number, call in list(enumerate(CALLS))[len(place) % 3 :: 3]:
        agrees(place, call, every(ast.Call, WRAPPING[number % len(WRAPPING)]))
        agrees(place, call, every(ast.Call, "await_call"))


@pytest.mark.parametrize("rule", WRAPPING)
def test_calls_of_every_kind(rule: str) -> None:
    for call in CALLS:
        agrees("y = f(X, k=X)", call, every(ast.Call, rule))


@pytest.mark.parametrize("place", PLACES)
def test_attributes_in_every_place(place: str) -> None:
    for attribute in ATTRIBUTES[len(place) % 2 :: 2]:
        agrees(place, attribute, every(ast.Attribute, "awaitable_attribute"))
        agrees(place, attribute, every(ast.Attribute, "bridge_attribute"))


NAMES = {
    "current_user": {"module": "m"},
    "rename": {"name": "App"},
    "use_name": {"module": "m", "name": "dumps"},
    "session_of_query": {"session": "db.session"},
}


def names(rule: str) -> Choose:
    """The rule on each `u`; a dotted name becomes an imported one."""
    kind = ast.Attribute if rule in ("use_name", "session_of_query") else ast.Name

    def choose(node: ast.AST) -> Action | None:
        if not isinstance(node, kind) or not isinstance(node.ctx, ast.Load):
            return None
        named = getattr(node, "id", getattr(node, "attr", ""))
        return Action(rule, NAMES[rule]) if named in ("u", "json") else None

    return choose


@pytest.mark.parametrize("rule", NAMES)
@pytest.mark.parametrize("place", PLACES)
def test_names_in_every_place(place: str, rule: str) -> None:
    for filling in ("u", "u.a", "u(1)", "v.json", "v.json.a", "(v\n.json)"):
        agrees(place, filling, names(rule))


def test_every_rule_with_a_text_form_is_compared_above() -> None:
    compared = {*WRAPPING, *NAMES, "awaitable_attribute", "bridge_attribute", "async_def"}
    compared |= {"unbridged", "fetch", "rename_method", "select_root", "rename_import"}
    compared |= {"flask_route", "flask_parameters", "move_import", "count_rows", "http_helper"}
    listed = {file.stem for path in rules for file in Path(path).glob("[a-z]*.py")}
    assert {name for name in listed if splice(name)} <= compared


IMPORTS = [
    "from shop import O", "from shop import O, g", "from shop.a import (\n    O,\n    g,\n)",
    "from shop import O as F", "from  shop . a import O", "from shop import O  # why",
    "from shop.a \\\n    import O", "import sys; from shop import O; y = O",
]  # fmt: skip


@pytest.mark.parametrize("text", IMPORTS)
def test_imports(text: str) -> None:
    def choose(node: ast.AST) -> Action | None:
        found = isinstance(node, ast.ImportFrom)
        return Action("rename_import", {"module": "new.a"}) if found else None

    agrees("X", text, choose)


GROUPS: list[dict[str, Any]] = [
    {"groups": {"new.a": [("O", "")]}, "kept": []},
    {"groups": {"new.a": [("P", "O")]}, "kept": []},
    {"groups": {"new.a": [("O", "")]}, "kept": [("g", "")]},
    {"groups": {"new.a": [("O", "")], "new.b": [("g", ""), ("h", "i")]}, "kept": []},
    {"groups": {"new.a": [("O", ""), ("g", "")]}, "kept": []},
    {"groups": {"new.a": [("a_name_of_some_length", f"number_{n}") for n in range(4)]}, "kept": []},
    {"groups": {}, "kept": [("O", "")]},
    {"groups": {}, "kept": []},
]


@pytest.mark.parametrize("groups", GROUPS)
def test_imports_that_move(groups: dict[str, Any]) -> None:
    def choose(node: ast.AST) -> Action | None:
        return Action("move_import", groups) if isinstance(node, ast.ImportFrom) else None

    for text in IMPORTS:
        for place in ("X", "X\n    # why\n    y = 1", "if a:\n    X\nelse:\n    X"):
            agrees(place, text, choose)


ROUTES = [
    "@b.route('/a')", '@b.route("/a", methods=["GET"])', "@b.route('/a', methods=('GET', 'POST'),)",
    '@b.route("/a", endpoint="x", methods=["get"])', '@b.route("/a", methods=["GET"], endpoint="x")',
    '@b.route("/a", methods = ["GET"])', '@b.route("/a" "b", methods=["GET"])', '@b.route(("/a"))',
    '@b.route( "/a")', '@b.route("/a", strict_slashes=False, methods=["GET"], endpoint="x")',
    '@b.route(\n    "/a",\n    methods=["GET"],\n)', '@b.route("/a", **k)', "@a.b.route(r'/a')",
    '@b.route("/a", methods=["GET"] + more, endpoint="x")', '@b.route(rule, methods=["GET"])',
    '@b.route("/a", # why\n  methods=["GET"])', '@b.route("/a", methods=["GET"], defaults={"q": 1})',
]  # fmt: skip
ROUTED: list[dict[str, Any]] = [
    {"path": "/{a:int}"},
    {"path": "/{a:int}", "method": "get"},
    {"path": "/it's", "method": "api_route", "methods": ["GET", "POST"]},
]
HEADS = [
    "def f(a, b): pass", "def f(a=None, /, b = 1, *, q=None): pass", "def f(self, a, b: str): pass",
    "def f(a=(None), *b, q: int = 1, **k): pass", "def f(\n    a,  # why\n    b=\n    1,\n): pass",
]  # fmt: skip


@pytest.mark.parametrize("change", ROUTED)
def test_routes(change: dict[str, Any]) -> None:
    def choose(node: ast.AST) -> Action | None:
        found = isinstance(node, ast.FunctionDef) and node.name == "f"
        return Action("flask_route", {"decorators": {1: change}}) if found else None

    for route in ROUTES:
        agrees(f"@login\n{route}\ndef f(): pass", "", choose)


@pytest.mark.parametrize("head", HEADS)
def test_types_of_parameters(head: str) -> None:
    types = {"types": {"a": "int", "b": "uuid.UUID", "q": "str"}}

    def choose(node: ast.AST) -> Action | None:
        found = isinstance(node, ast.FunctionDef) and node.name == "f"
        return Action("flask_parameters", types) if found else None

    agrees(head, "", choose)


def of_chain(node: ast.AST, fetch: dict[str, Any]) -> Action | None:
    match node:
        case ast.Call(func=ast.Attribute(attr="all" | "first")):
            return Action("fetch", fetch)
        case ast.Call(func=ast.Attribute(attr="count")):
            return Action("count_rows", {"session": "db.s"})
        case ast.Call(func=ast.Attribute(attr="paginate" | "first_or_404" as helper)):
            return Action("http_helper", {"db": "db", "helper": helper})
        case ast.Call(func=ast.Attribute(attr="filter")):
            return Action("rename_method", {"name": "where"})
        case ast.Call(func=ast.Attribute(attr="query")):
            return Action("select_root")
        case ast.Attribute(value=ast.Name("O"), attr="query"):
            return Action("select_root")
    return None


@pytest.mark.parametrize("place", PLACES)
def test_chains_in_every_place(place: str) -> None:
    for number, chain in list(enumerate(CHAINS))[len(place) % 3 :: 3]:
        fetch = FETCHES[number % len(FETCHES)]
        agrees(place, chain, functools.partial(of_chain, fetch=fetch))


@pytest.mark.parametrize("fetch", FETCHES)
def test_chains_of_every_kind(fetch: dict[str, Any]) -> None:
    for chain in CHAINS:
        agrees("y = f(X, k=[X])", chain, functools.partial(of_chain, fetch=fetch))


@pytest.mark.parametrize("above", ["", "@a\\n", "@a\\n# why\\n", "@a\\n\\n", "# why\\n"])
@pytest.mark.parametrize("rule", ["async_def", "unbridged"])
def test_definitions(above: str, rule: str) -> None:
    for head in ("def f(): pass", "def  f():\\n    pass", "async def f():\\n    pass"):
        agrees(above + head, "", every(ast.FunctionDef, rule))
        agrees(
            "if 1:\\n    " + (above + head).replace("\\n", "\\n    "),
            "",
            every(ast.FunctionDef, rule),
        )


GENERATORS = [
    "f(a for a in b)", "f((a) for a in b)", "f((a, 1) for a in b)", "f((a if a else c) for a in b)",
    "f((a).b for (a) in b)", "f(((a) for a in b), 1)", "((a)(1) for a, c in b)", "f(a for (a, *c), in b)",
    "f((((a) for a in b)) for b in c)", "f(\n    # why\n    (a)\n    for a in b\n)", "f(é for é in 'é')",
]  # fmt: skip


@pytest.mark.parametrize("generator", GENERATORS)
def test_generator_expressions(generator: str) -> None:
    text = f"y = {generator}\n"
    choose = every(ast.GeneratorExp, "list_comprehension")
    code, _ = made(text, choose, plain=True)
    wanted = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.GeneratorExp)]
    lists = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.ListComp)]
    assert len(lists) == len(wanted), code
    assert made(text, choose, plain=False)[0] == code


@pytest.mark.parametrize("folder", ["legacy_app", "tests/codemod/kit"])
def test_whole_packages(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = conversion.convert(ROOT / folder, package="new").texts
    monkeypatch.setattr(module, "apply_edits", functools.partial(apply_edits, plain=False))
    assert quick == conversion.convert(ROOT / folder, package="new").texts


def test_a_rule_without_a_text_form_goes_to_libcst() -> None:
    assert splice("wrap_function") is None
    named = {file.stem for path in rules for file in Path(path).glob("*.py")}
    assert {"await_call", "rename_import"} <= {n for n in named - {"__init__"} if splice(n)}
