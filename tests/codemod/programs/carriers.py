"""Ways of a value from where it is made to where it is used; these are statements, which write names."""

from __future__ import annotations

from tests.codemod.programs.effects import effect
from tests.codemod.programs.kinds import absent, needs
from tests.codemod.programs.pages import Pages
from tests.codemod.programs.text import ONE, QUERY, ROWS, SHOWN, Scope, Type, function, indented


class Carriers(Pages):
    """Each `s_` is a way, beside the `e_` of expressions."""

    def __init__(self, above: str = "") -> None:
        super().__init__()
        names = sorted(dir(self))
        # As often as all others together.
        names += [above] * sum(n[:2] in ("e_", "s_") for n in names) if above in names else []
        ways = [(name, getattr(self, name)) for name in names]
        self._expressions = [way for name, way in ways if name.startswith("e_")]
        self._statements = [way for name, way in ways if name.startswith("s_")]

    def carry(self, scope: Scope, type: Type, depth: int) -> str | None:
        ways = self._expressions if scope.pure else self._expressions + self._statements
        found: str | None = scope.rng.choice(ways)(scope, type, depth)
        return found

    def s_name(self, scope: Scope, type: Type, depth: int) -> str:
        name = scope.program.fresh("v")
        scope.emit(f"{name} = {self.some(scope, type, depth)}")
        scope.names[name] = type
        return name

    s_name2 = s_name3 = s_name

    def s_named(self, scope: Scope, type: Type, depth: int) -> str:
        value = self.some(scope, type, depth)
        name = scope.program.fresh("v")
        scope.names[name] = type
        lines = scope.rng.choice([
            ["{0}, _ = {1}, 1"], ["{0}, *_ = [{1}, 1, 2]"], ["*_, {0} = 1, {1}"], ["{0} = _ = {1}"], ["({0}, _), _ = ({1}, 1), 2"],
            ["{0} = None", "{0} = {1}"], ["if ({0} := {1}) is not None:", "    pass"], ["for {0} in [{1}]:", "    pass"],
            ["box{0} = {{}}", "box{0}['k'] = {1}", "{0} = box{0}['k']"], ["box{0} = []", "box{0}.append({1})", "{0} = box{0}[0]"],
            ["while True:", "    {0} = {1}", "    break"], ["try:", "    {0} = {1}", "finally:", "    pass"],
            ["try:", "    {0} = {1}", "except KeyError:", "    {0} = None", "else:", "    pass"],
            ["match [{1}]:", "    case [{0}]:", "        pass"], ["match {{'k': {1}}}:", "    case {{'k': {0}}}:", "        pass"],
            ["temp{0} = {1}", "{0} = temp{0}", "del temp{0}"], ["{0} = {1}", "assert {0} is not None"], ["{0}: object = {1}"],
            ["for _ in range(1):", "    {0} = {1}", "else:", "    pass"], ["def late{0}(x={1}):", "    return x", "{0} = late{0}()"],
            ["def late{0}():", "    return {1}", "{0} = late{0}()"], ["def late{0}():", "    nonlocal {0}", "    {0} = {1}", "{0} = None", "late{0}()"],
            ["late{0} = lambda: {1}", "{0} = late{0}()"], ["class Box{0}:", "    pass", "box{0} = Box{0}()", "box{0}.k = {1}", "{0} = box{0}.k"],
            ["class Box{0}:", "    pass", "setattr(Box{0}, 'k', {1})", "{0} = getattr(Box{0}, 'k')"],
            ["g.k{0} = {1}", "{0} = g.k{0}"], ["with suppress(KeyError):", "    {0} = {1}"], ["with nullcontext({1}) as {0}:", "    pass"],
            ["def late{0}():", "    yield {1}", "for {0} in late{0}():", "    pass"], ["[{0}] = [x for x in [{1}]]"],
            ["def late{0}(*args, **kwargs):", "    return (*args, *kwargs.values())[0]", "{0} = late{0}({1})"],
            ["box{0} = dict(k={1})", "box{0}.update(j=1)", "{0} = box{0}.pop('k')"], ["box{0} = [{1}]", "{0} = box{0}.pop()"],
            ["if {2}:", "    {0} = None", "else:", "    {0} = {1}"],
            ["box{0} = defaultdict(list)", "box{0}['k'].append({1})", "{0} = box{0}['k'][0]"],
            ["{0} = None", "for each{0} in [{1}, {1}]:", "    if {2}:", "        continue", "    {0} = each{0}", "    break"],
            ["{0} = None", "for each{0} in ({1},):", "    if each{0} is not None:", "        {0} = each{0}", "        break"],
            ["{0} = None", "while True:", "    if {2}:", "        {0} = None", "        continue", "    {0} = {1}", "    break"],
            ["box{0} = deque()", "box{0}.append({1})", "{0} = box{0}.popleft()"], ["box{0} = {{}}", "{0} = box{0}.setdefault('k', {1})"],
        ])  # fmt: skip
        needs(scope, "from contextlib import contextmanager, nullcontext, suppress")
        needs(scope, "from collections import defaultdict, deque")
        needs(scope, "from flask import g")
        nothing = absent(scope)
        text = [line.format(name, value, nothing) for line in lines]
        if any("nonlocal" in line for line in text):
            # The name has to be there before the function.
            text = [text[3], *text[:3], text[4]]
        for line in text:
            scope.emit(line)
        return name

    s_named2 = s_named3 = s_named4 = s_named

    def s_closure(self, scope: Scope, type: Type, depth: int) -> str:
        inner = scope.block("def NAME():")
        name = scope.program.fresh("inner")
        inner.lines[0] = f"def {name}():"
        inner.emit(f"return {self.some(inner, type, depth)}")
        scope.end(inner)
        return scope.rng.choice(
            [
                "{}()",
                "(lambda: {}())()",
                "[f() for f in [{}]][0]",
                "{{'k': {}}}['k']()",
                "next(map(lambda f: f(), [{}]))",
            ]
        ).format(name)

    def s_context(self, scope: Scope, type: Type, depth: int) -> str:
        made = self.routine(scope)
        inner = made.scope
        inner.in_generator = True
        name, value = scope.program.fresh("around"), scope.program.fresh("v")
        given = self.some(inner, type, depth)
        if scope.rng.random() < 0.5:
            block = inner.block("try:")
            block.emit(f"yield {given}")
            inner.end(block)
            block = inner.block("finally:")
            effect(self.some, block, 0)
            inner.end(block)
        else:
            inner.emit(f"yield {given}")
        made.home.imports["from contextlib import contextmanager, nullcontext, suppress"] = None
        made.home.definitions.append(
            f"\n@contextmanager\n{function(name, made.heads(), inner.lines)}\n"
        )
        called = made.call(scope.program.refer(scope.module, made.home, name, scope))
        scope.emit(f"with {called} as {value}:")
        scope.names[value] = type
        if scope.rng.random() < 0.5:
            block = Scope(scope.program, scope.module, scope.sessions)
            block.names = dict(scope.names)
            effect(self.some, block, depth - 1)
            for line in block.lines:
                scope.emit(indented(line))
        else:
            scope.emit("    pass")
        return value

    def s_loop(self, scope: Scope, type: Type, depth: int) -> str | None:
        if type.kind != SHOWN:
            return None
        entity = scope.rng.choice(["Customer", "Order", "Line"])
        box, item = scope.program.fresh("box"), scope.program.fresh("x")
        rows = self.some(
            scope,
            scope.rng.choice([Type(ROWS, entity), Type(ROWS, entity), Type(QUERY, entity)]),
            depth,
        )
        scope.emit(f"{box} = []")
        inner = scope.block(f"for {item} in {rows}:")
        inner.names[item] = Type(ONE, entity)
        if scope.rng.random() < 0.2:
            effect(self.some, inner, 0)
        inner.emit(f"{box}.append({self.some(inner, type, depth - 1)})")
        if scope.rng.random() < 0.2:
            inner.emit(scope.rng.choice(["break", f"if len({box}) > 1:\n    break", "continue"]))
        scope.end(inner)
        return scope.rng.choice(["{}", "{}[-1]", "len({})", "str({})"]).format(box)

    def s_effect_first(self, scope: Scope, type: Type, depth: int) -> str:
        value = self.s_name(scope, type, depth)
        effect(self.some, scope, depth - 1)
        return value

    s_effect_first2 = s_effect_first

    def s_raised(self, scope: Scope, type: Type, depth: int) -> str:
        """What an exception takes out of where it is raised."""
        made = self.routine(scope)
        error, name = scope.program.fresh("Found"), scope.program.fresh("v")
        made.home.definitions.append(
            f"\nclass {error}(Exception):\n    def __init__(self, value):\n"
            "        super().__init__()\n        self.value = value\n"
        )
        function_name = scope.program.fresh("raise")
        made.scope.emit(f"raise {error}({self.some(made.scope, type, depth)})")
        text = function(function_name, made.heads(), made.scope.lines)
        made.home.definitions.append(f"\n{text}\n")
        called = scope.program.refer(scope.module, made.home, function_name, scope)
        kind = scope.program.refer(scope.module, made.home, error, scope)
        scope.emit("try:")
        scope.emit(f"    {made.call(called)}")
        scope.emit(f"except {kind} as error:")
        scope.emit(f"    {name} = error.value")
        scope.names[name] = type
        return name
