"""What annotations hold for the libraries that read them: `Annotated[str, BeforeValidator(known)]`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.index.definitions import dotted


def annotations_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """What is said of its parameters and of its result."""
    given = node.args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    for said in (*(p.annotation for p in every if p is not None), node.returns):
        if said is not None:
            yield said


def handed_in(annotation: ast.expr) -> Iterator[ast.expr]:
    """The expressions in it that are no types: calls, and what stands beside an annotated type."""
    match annotation:
        case ast.Call() | ast.Lambda():
            yield annotation
        case ast.Subscript(value=value, slice=ast.Tuple(elts=[kind, *others])) if (
            dotted(value).rpartition(".")[2] == "Annotated"
        ):
            yield from handed_in(kind)
            yield from others
        case _:
            for part in ast.iter_child_nodes(annotation):
                if isinstance(part, ast.expr):
                    yield from handed_in(part)


def named_in_texts(annotation: ast.expr) -> Iterator[tuple[ast.Constant, ast.expr]]:
    """Each text in it, with the names that its own `handed_in` say: a text is evaluated later."""
    for text in ast.walk(annotation):
        if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
            continue
        try:
            said = ast.parse(text.value, mode="eval").body
        except SyntaxError:
            continue  # a value of a Literal, say
        for part in handed_in(said):
            for node in ast.walk(part):
                if isinstance(node, ast.Name | ast.Attribute):
                    yield text, node
