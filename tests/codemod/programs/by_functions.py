"""Values that expressions bring: functions, containers, decorators, caches and signals."""

from __future__ import annotations

from tests.codemod.programs.effects import effect
from tests.codemod.programs.kinds import absent, needs
from tests.codemod.programs.routines import Routines
from tests.codemod.programs.text import SHOWN, Scope, Type, function, indented


class ByFunctions(Routines):
    """Each `e_` is a way."""

    def e_function(self, scope: Scope, type: Type, depth: int) -> str:
        made, name = self.define(scope, type, depth)
        return made.call(name)

    e_function2 = e_function3 = e_function

    def e_identity(self, scope: Scope, type: Type, depth: int) -> str:
        home = scope.rng.choice([m for m in scope.program.modules if m.level >= scope.module.level])
        name = scope.program.fresh("same")
        text, call = scope.rng.choice([
            (f"def {name}(x):\n    return x", "{}({})"),
            (f"def {name}(*args):\n    return args[0]", "{}({})"),
            (f"def {name}(*args, **kwargs):\n    return kwargs['x']", "{}(1, x={})"),
            (f"def {name}(x, y=None):\n    return x if y is None else y", "{}({})"),
            (f"def {name}(x, y=None):\n    return x if y is None else y", "{}(None, y={})"),
            (f"def {name}(**kwargs):\n    return kwargs.get('x')", "{}(**{{'x': {}}})"),
            (f"def {name}(x):\n    first, *_ = [x, 1]\n    return first", "{}(*[{}])"),
            (f"def {name}(f):\n    return f()", "{}(lambda: {})"),
            (f"def {name}(f, *args):\n    return f(*args)", "{}(lambda x: x, {})"),
            (f"{name} = lambda x: x", "{}({})"),
            (f"def {name}(x):\n    return {{'x': x, 'y': 1}}", "{}({})['x']"),
            (f"def {name}(x):\n    return x, 1", "{}({})[0]"),
            (f"def {name}(x):\n    yield x", "next({}({}))"),
            (f"def {name}(x):\n    yield from [x]", "[*{}({})][0]"),
        ])  # fmt: skip
        home.definitions.append(f"\n{text}\n")
        return call.format(
            scope.program.refer(scope.module, home, name, scope), self.some(scope, type, depth)
        )

    def e_container(self, scope: Scope, type: Type, depth: int) -> str:
        inner = self.some(scope, type, depth)
        for line in (
            "import functools, itertools, types, copy, contextlib",
            "from operator import itemgetter, attrgetter",
        ):
            needs(scope, line)
        return scope.rng.choice([
            "[{}][0]", "({}, 1)[0]", "{{'k': {}}}['k']", "{{'k': {}}}.get('k')", "dict(k={})['k']", "next(iter([{}]))",
            "[x for x in [{}]][0]", "types.SimpleNamespace(k={}).k", "itemgetter(0)([{}])", "list(zip([{}], [1]))[0][0]",
            "functools.reduce(lambda a, b: b, [0, {}])", "(lambda: {})()", "(lambda x: x)({})", "(lambda *xs: xs[-1])(1, {})",
            "next(x for x in ({},))", "list(map(lambda f: f(), [lambda: {}]))[0]", "{{**{{'a': 1}}, 'k': {}}}.pop('k')",
            "(1 and {})", "[*[{}]].pop()", "list(itertools.chain([{}]))[0]", "{{'k': lambda: {}}}['k']()",
            "functools.partial(lambda x: x, {})()", "list({{'k': {}}}.values())[0]", "[v for k, v in {{'k': {}}}.items()][0]",
            "dict([('k', {})])['k']", "max([(1, {})], key=itemgetter(0))[1]",
        ]).format(inner)  # fmt: skip

    def e_chosen(self, scope: Scope, type: Type, depth: int) -> str:
        one, other = self.some(scope, type, depth), self.some(scope, type, depth - 1)
        flag = scope.rng.choice(
            [
                absent(scope),
                f"not {absent(scope)}",
                "1 == 1",
                self.some(scope, Type(SHOWN), 0),
            ]
        )
        return f"({one} if {flag} else {other})"

    def e_partial(self, scope: Scope, type: Type, depth: int) -> str:
        made, name = self.define(scope, type, depth)
        needs(scope, "from functools import partial")
        return f"{made.call('partial', name)}()"

    def e_decorated(self, scope: Scope, type: Type, depth: int) -> str:
        program = scope.program
        made = self.routine(scope)
        wrapper = program.fresh("deco")
        first = made.home
        text = scope.rng.choice([
            "def {}(f):\n    @wraps(f)\n    def inner(*args, **kwargs):\n        return f(*args, **kwargs)\n    return inner",
            "def {}(f):\n    def inner(*args, **kwargs):\n        found = f(*args, **kwargs)\n        return found\n    return inner",
            "def {}(f):\n    @wraps(f)\n    def inner(*args, **kwargs):\n        try:\n            return f(*args, **kwargs)\n        except ZeroDivisionError:\n            return None\n    return inner",
            "def {}(f):\n    f.known = True\n    return f",
            "class {}:\n    def __init__(self, f):\n        self.f = f\n    def __call__(self, *args, **kwargs):\n        return self.f(*args, **kwargs)",
        ])  # fmt: skip
        first.imports["from functools import wraps"] = None
        first.definitions.append("\n" + text.format(wrapper) + "\n")
        name = program.fresh("make")
        lines = self.body(made, type, depth)
        made.home.definitions.append(f"\n@{wrapper}\n{function(name, made.heads(), lines)}\n")
        return made.call(program.refer(scope.module, made.home, name, scope))

    def e_generator(self, scope: Scope, type: Type, depth: int) -> str:
        made = self.routine(scope)
        inner = made.scope
        inner.in_generator = True
        name = scope.program.fresh("each")
        value = self.some(inner, type, depth)
        inner.emit(f"yield {value}")
        if scope.rng.random() < 0.3:
            effect(self.some, inner, depth - 1)
        made.home.definitions.append(f"\n{function(name, made.heads(), inner.lines)}\n")
        called = made.call(scope.program.refer(scope.module, made.home, name, scope))
        return scope.rng.choice(
            [
                "next({})",
                "list({})[0]",
                "[x for x in {}][-1]",
                "next(iter({}))",
                "[*{}][0]",
                "next(x for x in {})",
                "tuple({})[0]",
            ]
        ).format(called)

    def e_dispatched(self, scope: Scope, type: Type, depth: int) -> str:
        made, name = self.define(scope, type, depth)
        if made.home.level <= scope.module.level:
            return made.call(f"{{'a': {name}, 'b': None}}['a']")
        table = scope.program.fresh("TABLE")
        made.home.definitions.append(
            f"\n{table} = {{'a': {name.split('.')[-1].rstrip('_')}, 'b': None}}\n"
        )
        called = scope.program.refer(scope.module, made.home, table, scope)
        return made.call(f"{called}['a']")

    def e_put_in(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What a container takes in below its display, by one of its names."""
        made, name = self.define(scope, type, depth)
        table, other = scope.program.fresh("TABLE"), scope.program.fresh("other")
        if made.home.level <= scope.module.level:
            if scope.pure:
                return made.call(name)
            scope.emit(f"{other} = [len]")
            put = scope.rng.choice([name, f"lambda *given: {name}(*given)"])
            scope.emit(f"{other}.append({put})")
            return made.call(f"{other}[1]")
        function = name.split(".")[-1].rstrip("_")
        made.home.definitions.append(
            f"\n{table} = {{'a': len}}\n{other} = {table}\n"
            f"{scope.rng.choice([table, other])}['b'] = {function}\n"
        )
        return made.call(f"{scope.program.refer(scope.module, made.home, table, scope)}['b']")

    def e_cached(self, scope: Scope, type: Type, depth: int) -> str | None:
        if type.kind != SHOWN:
            return None
        made = self.routine(scope)
        if made.parameters:
            return None
        name = scope.program.fresh("make")
        made.home.imports["from functools import lru_cache"] = None
        lines = self.body(made, type, depth)
        made.home.definitions.append(
            f"\n@lru_cache(maxsize=None)\n{function(name, made.heads(), lines)}\n"
        )
        called = scope.program.refer(scope.module, made.home, name, scope)
        # What a cache keeps is not the next request's.
        if scope.pure:
            return made.call(called)
        scope.emit(f"{called}.cache_clear()")
        return made.call(called)

    def e_signal(self, scope: Scope, type: Type, depth: int) -> str:
        made = self.routine(scope)
        if made.parameters:
            return None  # type: ignore[return-value]
        signal, name = scope.program.fresh("signal"), scope.program.fresh("heard")
        made.home.imports["from blinker import Namespace"] = None
        lines = self.body(made, type, depth)
        made.home.definitions.append(
            f"\n{signal} = Namespace().signal('{signal}')\n\n\n@{signal}.connect\n{function(name, 'sender', lines)}\n"
        )
        return f"{scope.program.refer(scope.module, made.home, signal, scope)}.send(1)[0][1]"

    def e_global(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What a function puts into a variable of its module, read there."""
        made = self.routine(scope)
        if made.home is not scope.module or scope.pure:
            return None
        name, kept = scope.program.fresh("remember"), scope.program.fresh("KEPT")
        made.scope.emit(f"global {kept}")
        made.scope.emit(f"{kept} = {self.some(made.scope, type, depth)}")
        made.home.definitions.append(
            f"\n{kept} = None\n\n\n{function(name, made.heads(), made.scope.lines)}\n"
        )
        scope.emit(made.call(name))
        return kept

    def e_iterated(self, scope: Scope, type: Type, depth: int) -> str | None:
        """What an object gives that says itself what is looped over."""
        made = self.routine(scope)
        if made.parameters:
            return None
        name = scope.program.fresh("Each")
        made.scope.in_generator = True
        made.scope.emit(f"yield {self.some(made.scope, type, depth)}")
        text = indented(function("__iter__", "self", made.scope.lines))
        made.home.definitions.append(f"\nclass {name}:\n{text}\n")
        called = scope.program.refer(scope.module, made.home, name, scope)
        return scope.rng.choice(
            ["list({}())[0]", "next(iter({}()))", "[x for x in {}()][0]"]
        ).format(called)

    def e_dispatched_by_type(self, scope: Scope, type: Type, depth: int) -> str | None:
        """`functools.singledispatch`."""
        made = self.routine(scope)
        if made.parameters:
            return None
        name = scope.program.fresh("make")
        made.home.imports["from functools import singledispatch"] = None
        lines = self.body(made, type, depth)
        made.home.definitions.append(
            f"\n@singledispatch\n{function(name, 'what', lines)}\n\n\n"
            f"@{name}.register(str)\ndef {name}_text(what):\n    return {name}(len(what))\n"
        )
        called = scope.program.refer(scope.module, made.home, name, scope)
        return f"{called}({scope.rng.choice(['1', repr('text')])})"
