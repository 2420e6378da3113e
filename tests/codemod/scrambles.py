"""Random code that nobody would write: parts of a package's own code, put where they don't belong."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

#: A field of a node that holds an expression which is read, and that expression.
_Place: TypeAlias = tuple[ast.AST, str, ast.expr]
#: Expressions that stand in places of their own only.
_PARTS = (ast.Starred, ast.FormattedValue, ast.JoinedStr)


class Scrambler:
    """Changes trees at random, with expressions and statements out of `trees`."""

    def __init__(self, trees: Sequence[ast.Module], rng: random.Random) -> None:
        self.rng = rng
        nodes = [node for tree in trees for node in ast.walk(tree)]
        self.expressions = [n for n in nodes if isinstance(n, ast.expr) and _is_read(n)]
        self.statements = [n for n in nodes if isinstance(n, ast.stmt)]

    def scrambled(self, tree: ast.Module) -> str:
        """The source of the tree after some changes; "" where that is no Python."""
        tree = copy.deepcopy(tree)
        for _ in range(self.rng.choice([1, 2, 4, 8])):
            self.rng.choice(_CHANGES)(self, [*ast.walk(tree)])
        try:
            text = ast.unparse(ast.fix_missing_locations(tree))
            compile(text, "scrambled", "exec")
        except (SyntaxError, ValueError, RecursionError):
            return ""
        return text

    def _expression(self) -> ast.expr:
        return copy.deepcopy(self.rng.choice(self.expressions))

    def _place(self, nodes: Sequence[ast.AST]) -> _Place:
        return self.rng.choice([*_places(nodes)])

    def _block(self, nodes: Sequence[ast.AST]) -> list[ast.stmt]:
        return self.rng.choice([*_blocks(nodes)])

    def _function(self, nodes: Sequence[ast.AST]) -> ast.FunctionDef:
        return self.rng.choice([n for n in nodes if isinstance(n, ast.FunctionDef)])

    # -- the changes -----------------------------------------------------------------------

    def another_expression(self, nodes: Sequence[ast.AST]) -> None:
        node, name, _ = self._place(nodes)
        setattr(node, name, self._expression())

    def around_an_expression(self, nodes: Sequence[ast.AST]) -> None:
        node, name, inner = self._place(nodes)
        other, load = self._expression(), ast.Load()
        item, loop = ast.Name("item", ast.Store()), self.rng.choice([[], [copy.deepcopy(inner)]])
        attribute = self.rng.choice(["query", "all", "first", "session", "id", "customer"])
        made: list[ast.expr] = [
            ast.IfExp(other, inner, copy.deepcopy(inner)),
            ast.BoolOp(ast.Or(), [inner, other]),
            ast.ListComp(inner, [ast.comprehension(item, other, loop, 0)]),
            ast.GeneratorExp(inner, [ast.comprehension(item, other, loop, 0)]),
            ast.DictComp(inner, copy.deepcopy(other), [ast.comprehension(item, other, [], 0)]),
            ast.Lambda(ast.arguments([], [], None, [], [], None, []), inner),
            ast.Call(inner, [other], []),
            ast.Subscript(inner, other, load),
            ast.NamedExpr(item, inner),
            ast.Tuple([inner, other], load),
            ast.Starred(inner, load),
            ast.Await(inner),
            ast.Attribute(inner, attribute, load),
        ]
        setattr(node, name, self.rng.choice(made))

    def one_more_statement(self, nodes: Sequence[ast.AST]) -> None:
        block = self._block(nodes)
        new = copy.deepcopy(self.rng.choice(self.statements))
        block.insert(self.rng.randrange(len(block) + 1), new)

    def one_statement_less(self, nodes: Sequence[ast.AST]) -> None:
        block = self._block(nodes)
        if len(block) > 1:
            del block[self.rng.randrange(len(block))]

    def around_a_statement(self, nodes: Sequence[ast.AST]) -> None:
        block = self._block(nodes)
        index = self.rng.randrange(len(block))
        inner, other = block[index], self._expression()
        made: list[ast.stmt] = [
            ast.If(other, [inner], []),
            ast.While(other, [inner], []),
            ast.For(ast.Name("item", ast.Store()), other, [inner], []),
            ast.With([ast.withitem(other, None)], [inner]),
            ast.Try([inner], [ast.ExceptHandler(None, None, [ast.Pass()])], [], []),
            ast.Try([inner], [], [], [ast.Expr(other)]),
            ast.Match(other, [ast.match_case(ast.MatchAs(None, "item"), None, [inner])]),
        ]
        block[index] = self.rng.choice(made)

    def names_exchanged(self, nodes: Sequence[ast.AST]) -> None:
        names = [n for n in nodes if isinstance(n, ast.Name)]
        self.rng.choice(names).id = self.rng.choice(names).id

    def another_head(self, nodes: Sequence[ast.AST]) -> None:
        function, other = self._function(nodes), self._function(nodes)
        match self.rng.randrange(5):
            case 0:
                function.decorator_list += copy.deepcopy(other.decorator_list)
            case 1:
                function.decorator_list = [self._expression()]
            case 2:
                function.args = copy.deepcopy(other.args)
            case 3:
                function.name = other.name
            case _:
                function.body.append(ast.Expr(ast.Yield(self._expression())))

    def a_function_inside(self, nodes: Sequence[ast.AST]) -> None:
        self._function(nodes).body.insert(0, copy.deepcopy(self._function(nodes)))


_CHANGES: list[Callable[[Scrambler, Sequence[ast.AST]], None]] = [
    Scrambler.another_expression,
    Scrambler.around_an_expression,
    Scrambler.one_more_statement,
    Scrambler.one_statement_less,
    Scrambler.around_a_statement,
    Scrambler.names_exchanged,
    Scrambler.another_head,
    Scrambler.a_function_inside,
]


def _is_read(node: ast.expr) -> bool:
    read = isinstance(getattr(node, "ctx", None), ast.Load | None)
    return read and not isinstance(node, _PARTS)


def _places(nodes: Sequence[ast.AST]) -> Iterator[_Place]:
    for node in nodes:
        if not isinstance(node, _PARTS):
            for name, value in ast.iter_fields(node):
                if isinstance(value, ast.expr) and _is_read(value):
                    yield node, name, value


def _blocks(nodes: Sequence[ast.AST]) -> Iterator[list[ast.stmt]]:
    for node in nodes:
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield value
