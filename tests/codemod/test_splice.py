"""Changes made as text are what libcst makes of them, byte for byte, in every place."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

from migrator.codemod import convert as conversion
from migrator.codemod.context import Context
from migrator.codemod.rewrite import apply_edits, splice
from migrator.codemod.rules import __path__ as rules
from migrator.colour.plan import Edit
from migrator.errors import MigratorError
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
""".strip().splitlines()

CALLS = [
    "g()", "g( )", "g(1)", "g(1, *b, **c)", "g (1)", "g(\n    1,\n    k=2,\n)", "g(  # why\n    1)",
    "a.g(1)", "a[0](1)", "(a or b)(1)", "g(i for i in j)", "a.b(\n  1\n).g(2)", "(\n    a\n    .g(1)\n)",
    "g('é')(1)", "g(g(1), g(g(2)))", "a.\\\n    g(1)",
]  # fmt: skip
ATTRIBUTES = ["a.b", "a . b", "a.b.c", "(a).b", "a(1).b", "(a\n  .b)", "a[0].b"]
WRAPPING = ["await_call", "unbridge_call", "bridge_call", "call_either", "call_sync", "reload"]


def made(text: str, kind: type[ast.expr], rule: str, *, plain: bool) -> tuple[str, object]:
    tree = ast.parse(text)
    edits = [Edit(n, (Action(rule),)) for n in ast.walk(tree) if isinstance(n, kind)]
    context = Context()
    try:
        return apply_edits(text, tree, edits, context, plain=plain), context.needed
    except MigratorError as error:
        return error.code, {}


def agrees(place: str, filling: str, kind: type[ast.expr], rule: str) -> None:
    body = place.replace("\\n", "\n").replace("X", filling).replace("\n", "\n    ")
    text = f"def around():\n    {body}\n"
    try:
        ast.parse(text)
    except SyntaxError:
        return
    assert made(text, kind, rule, plain=True) == made(text, kind, rule, plain=False), (rule, text)


@pytest.mark.parametrize("place", PLACES)
def test_calls_in_every_place(place: str) -> None:
    for number, call in enumerate(CALLS):
        agrees(place, call, ast.Call, WRAPPING[number % len(WRAPPING)])
        agrees(place, call, ast.Call, "await_call")


@pytest.mark.parametrize("rule", WRAPPING)
def test_calls_of_every_kind(rule: str) -> None:
    for call in CALLS:
        agrees("y = f(X, k=X)", call, ast.Call, rule)


@pytest.mark.parametrize("place", PLACES)
def test_attributes_in_every_place(place: str) -> None:
    for attribute in ATTRIBUTES:
        agrees(place, attribute, ast.Attribute, "awaitable_attribute")


@pytest.mark.parametrize("folder", ["legacy_app", "tests/codemod/kit"])
def test_whole_packages(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = conversion.convert(ROOT / folder, package="new").texts
    monkeypatch.setattr(conversion, "apply_edits", functools.partial(apply_edits, plain=False))
    assert quick == conversion.convert(ROOT / folder, package="new").texts


def test_a_rule_without_a_text_form_goes_to_libcst() -> None:
    assert splice("fetch") is None
    named = {file.stem for path in rules for file in Path(path).glob("*.py")}
    assert {"await_call", "rename_import"} <= {n for n in named - {"__init__"} if splice(n)}
