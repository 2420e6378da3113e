"""What statements read of a query's objects: every way from the query on, to the function's end."""

from __future__ import annotations

import ast

from migrator.eager.read_expressions import Expressions, called_name
from migrator.eager.read_values import NOTHING, Held, Paths, Reads, meet_all
from migrator.eager.row_items import target_of
from migrator.index.walk import children, walk

_MAX_RETURNS = 3
#: What the blocks of a compound statement are made of.
_PARTS = (ast.stmt, ast.ExceptHandler, ast.match_case)


class Reading(Expressions):
    """Adds statements to the walk."""

    def all(self) -> Reads:
        self._begin(self.info.node.body)
        self._end()
        for paths, value in self.frame.returns:
            behind = self._callers(value) if value is not None else frozenset()
            self.exits.append(paths | behind)
        found = meet_all(self.exits) or frozenset()
        paths = frozenset(p for p in found if p[-1] != NOTHING)
        return Reads(paths, self.raises, self.places)

    def _callers(self, held: Held) -> Paths:
        """What every caller reads of the objects that it gets."""
        if self.depth >= _MAX_RETURNS:
            return frozenset()
        calls = self.certain.calls_of(self.info)
        found: list[Paths] = []
        for key, node in calls or ():
            reads = self.certain.behind(key, node, held, self.lead, self.depth + 1)
            self.raises |= reads.raises
            self.places = {**reads.places, **self.places}
            found.append(reads.paths)
        return meet_all(found) or frozenset()

    # -- where it begins -------------------------------------------------------------------

    def _begin(self, body: list[ast.stmt]) -> None:
        """Run the statement that holds the source, and what follows it."""
        for index, statement in enumerate(body):
            if not self._holds(statement):
                continue
            inner = next((b for b in _blocks(statement) if any(map(self._holds, b))), None)
            if inner is None:
                self.statement(statement)
            else:
                self._inside(statement, inner)
            self.block(body[index + 1 :])
            return

    def _inside(self, statement: ast.stmt, inner: list[ast.stmt]) -> None:
        """The rest of a compound statement, from the source in one of its blocks on."""
        match statement:
            case ast.Try() | ast.TryStar():
                alone = inner is statement.body and self._is_given(inner[-1])
                guarded = bool(statement.finalbody)
                self.frame.guarded += guarded
                self._begin(inner)
                if inner is statement.body:
                    self.block(statement.orelse)
                    if not alone:
                        # What is behind the source may raise before it has read anything.
                        self._handlers(statement, frozenset())
                self.frame.guarded -= guarded
                self.block(statement.finalbody)
            case ast.With() | ast.AsyncWith():
                self.frame.guarded += 1
                self._begin(inner)
                self.frame.guarded -= 1
                self._end()
            case ast.If():
                self._begin(inner)
            case ast.For() | ast.While() if inner is statement.orelse:
                self._begin(inner)
            case _:
                self._begin(inner)
                # The next round asks the query anew.
                self._end()

    def _is_given(self, statement: ast.stmt) -> bool:
        """Whether a statement does nothing with the objects but give them on."""
        return getattr(statement, "value", None) is self.source

    # -- statements ------------------------------------------------------------------------

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if self.now is None:
                return
            self.statement(statement)

    def _is_quiet(self, *nodes: ast.AST) -> bool:
        return self.certain.quiet.part(self.frame.key, nodes)

    def statement(self, node: ast.stmt) -> None:
        header = [c for c in children(node) if not isinstance(c, _PARTS)]
        if not self._is_quiet(*(header if _blocks(node) else [node])):
            self._end()
            return
        match node:
            case ast.Expr(value=ast.Call() as call) if called_name(call) == "abort":
                self.eval(call)
                self._raise()
            case ast.Assign():
                value = self.eval(node.value)
                for target in node.targets:
                    self._assign(target, value)
            case ast.AnnAssign() if node.value is not None:
                self._assign(node.target, self.eval(node.value))
            case ast.Return():
                value = self.eval(node.value) if node.value is not None else None
                if self.now is not None:
                    self.frame.returns.append((self.now, None if self.frame.guarded else value))
                self.now = None
            case ast.Raise():
                self._each(node)
                self._raise()
            case ast.If():
                self.eval(node.test)
                self.fork(
                    self._absent(node.test),
                    lambda: self.block(node.body),
                    lambda: self.block(node.orelse),
                )
            case ast.For():
                self._for(node)
            case ast.Continue() if self.frame.rounds and self.now is not None:
                self.frame.rounds[-1].append(self.now)
                self.now = None
            case ast.Continue() | ast.Break():
                self._end()
            case ast.With():
                self._each(node)
                self.frame.guarded += 1
                self.block(node.body)
                self.frame.guarded -= 1
                self._end()
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                self.frame.env.pop(node.name, None)
            case ast.While() | ast.Match() | ast.AsyncFor() | ast.AsyncWith():
                self._perhaps(node)
            case _:
                self._each(node)
                self._forget(node)

    def _raise(self) -> None:
        if self.now is not None:
            self.raises = True
        self.now = None

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        before = self.now
        self.frame.guarded += bool(node.finalbody)
        self.block(node.body)
        self.block(node.orelse)
        if before is not None:
            self._handlers(node, before)
        self.frame.guarded -= bool(node.finalbody)
        self.block(node.finalbody)

    def _handlers(self, node: ast.Try | ast.TryStar, before: Paths) -> None:
        ends = [self.now]
        for handler in node.handlers:
            self.now = before
            self.block(handler.body)
            ends.append(self.now)
        self.now = meet_all(ends)
        self._forget(node)

    def _for(self, node: ast.For) -> None:
        held = self.eval(node.iter)
        leaves = any(isinstance(n, ast.Break | ast.Return) for n in walk(node))
        if held is None or not held.many or leaves or self.now is None:
            return self._perhaps(node)
        if not self._is_quiet(node):
            return self._end()
        self.frame.rounds.append([])
        target = target_of(node.target)
        self.each_of(held, target, lambda: self.block(node.body), self.frame.rounds[-1])
        self.frame.rounds.pop()
        self._forget(node)
        self.block(node.orelse)
        return None

    def _perhaps(self, node: ast.AST) -> None:
        """Code that runs any number of times: it only must not write."""
        if not self._is_quiet(node):
            return self._end()
        if any(isinstance(n, ast.Return) for n in walk(node)) and self.now is not None:
            self.frame.returns.append((self.now, None))
        self.raises |= any(isinstance(n, ast.Raise) for n in walk(node))
        return self._forget(node)


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    """The blocks of a compound statement; of a function or class none."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    found = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    found += [h.body for h in getattr(node, "handlers", ())]
    found += [c.body for c in getattr(node, "cases", ())]
    return [block for block in found if block]
