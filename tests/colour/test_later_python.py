"""An expression that this Python doesn't know, such as a t-string: what is in it is not overlooked."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tests.colour.conftest import HEAD, Analyse, modes


class _TemplateStr(ast.expr):
    """What a later Python has for a t-string, here for an f-string."""

    _fields = ("values",)


class _Later(ast.NodeTransformer):
    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        made = _TemplateStr()
        made.__dict__["values"] = node.values
        return ast.copy_location(made, node)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    parse = ast.parse

    def parsed(text: Any, *args: Any, **options: Any) -> ast.AST:
        tree: ast.AST = parse(text, *args, **options)
        ours = isinstance(text, str) and text.startswith(HEAD)
        return _Later().visit(tree) if ours and isinstance(tree, ast.Module) else tree

    monkeypatch.setattr(ast, "parse", parsed)


@pytest.mark.usefixtures("later")
def test_a_query_in_it_is_found(analyse: Analyse) -> None:
    made = analyse(
        "def count():\n    return User.query.count()\n\n"
        "def use():\n    return f'{count()}'\n\n"
        "def plain():\n    return f'{len([])}'\n\n"
        "def query():\n    return User.query\n\n"
        "def kept():\n    return f'{query()}'\n"
    )
    assert modes(made) == {
        "count": "native",
        "use": "native",
        "plain": "plain",
        "query": "bridged",
        "kept": "bridged",
    }
    assert "bridge(lambda: f'{unbridge(count())}')" in made.texts["app.py"]
