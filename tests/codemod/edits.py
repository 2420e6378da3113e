"""Random edits of a package, as somebody may make them between two runs of the codemod."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable
from pathlib import Path

Lines = list[str]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def edit(root: Path, rng: random.Random) -> str:
    """Change one file below `root`; says what was done, "" where it came to nothing."""
    if rng.random() < 0.05 and (pages := sorted(root.rglob("templates/**/*.html"))):
        path = rng.choice(pages)
        path.write_text(path.read_text() + rng.choice(_TEMPLATE))
        return f"template {path.relative_to(root)}"
    paths = [p for p in sorted(root.rglob("*.py")) if "def " in p.read_text()]
    path = rng.choice(paths)
    if rng.random() < 0.05:
        return _file(path)
    text = path.read_text()
    functions = [
        n
        for n in ast.walk(ast.parse(text))
        if isinstance(n, Function) and n.body[0].lineno > n.lineno
    ]
    if not functions:
        return ""
    function = rng.choice(functions)
    change = rng.choices([c for c, _ in _CHANGES], [weight for _, weight in _CHANGES])[0]
    changed = change(text, function, rng)
    try:
        compile(changed, str(path), "exec")
    except SyntaxError:
        return ""
    if changed == text:
        return ""
    path.write_text(changed)
    return f"{change.__name__.strip('_')} {path.relative_to(root)}:{function.name}"


def _file(path: Path) -> str:
    """One more file, which says what another one does; the next time it is gone."""
    added = path.with_name("added.py")
    if added.exists():
        added.unlink()
        return f"removed {added.name}"
    added.write_bytes(path.read_bytes())
    return f"added {added.name}, a copy of {path.name}"


def _insert(text: str, function: Function, rng: random.Random) -> str:
    """A new statement: a query, a commit, a call, a return."""
    tree = ast.parse(text)
    classes = sorted(set(re.findall(r"\b([A-Z]\w+)\.query\b", text))) or ["Order"]
    called = sorted(
        {
            n.func.id
            for n in ast.walk(tree)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
    )
    names = [a.arg for a in function.args.args] or ["self"]
    new = rng.choice(_NEW).format(
        cls=rng.choice(classes), call=rng.choice(called or ["print"]), name=rng.choice(names)
    )
    return _before(text, rng.choice(_statements(function)), new)


def _remove(text: str, function: Function, rng: random.Random) -> str:
    return _replaced(text, rng.choice(_statements(function)), lambda _, pad: [f"{pad}pass\n"])


def _wrap(text: str, function: Function, rng: random.Random) -> str:
    head = rng.choice(["if True:", "for _ in range(2):", "while True:", "with suppress(KeyError):"])
    return _replaced(
        text,
        rng.choice(_statements(function)),
        lambda lines, pad: [f"{pad}{head}\n", *(f"    {line}" for line in lines)],
    )


def _repeat(text: str, function: Function, rng: random.Random) -> str:
    return _replaced(text, rng.choice(_statements(function)), lambda lines, _: [*lines, *lines])


def _other_body(text: str, function: Function, rng: random.Random) -> str:
    """The body of another function of the file."""
    others = [
        n
        for n in ast.walk(ast.parse(text))
        if isinstance(n, Function) and n.body[0].lineno > n.lineno and n.name != function.name
    ]
    if not others:
        return text
    other, lines = rng.choice(others), text.splitlines(keepends=True)
    body = lines[other.body[0].lineno - 1 : other.end_lineno]
    shift = function.body[0].col_offset - other.body[0].col_offset
    body = [" " * shift + line if shift > 0 else line[-shift:] for line in body]
    lines[function.body[0].lineno - 1 : function.end_lineno] = body
    return "".join(lines)


def _return(text: str, function: Function, rng: random.Random) -> str:
    """Another result."""
    returns = [n for n in ast.walk(function) if isinstance(n, ast.Return)]
    if not returns:
        return text
    new = rng.choice(["return None\n", "return [1]\n", "return db.session\n", "return str(1)\n"])
    return _replaced(text, rng.choice(returns), lambda _, pad: [f"{pad}{new}"])


def _parameter(text: str, function: Function, rng: random.Random) -> str:
    head = re.compile(rf"(def {function.name}\()")
    return head.sub(r"\1extra=None, *, other=None, " if not function.args.args else r"\1", text, 1)


def _decorate(text: str, function: Function, rng: random.Random) -> str:
    pad = " " * function.col_offset
    lines = text.splitlines(keepends=True)
    lines.insert(
        function.lineno - 1, f"{pad}@{rng.choice(['staticmethod', 'property', 'wraps'])}\n"
    )
    return "".join(lines)


def _drop(text: str, function: Function, rng: random.Random) -> str:
    """A plain value in the function's place."""
    if function.decorator_list:
        return text
    name = function.name
    return _replaced(text, function, lambda _, pad: [f"{pad}{name} = None\n"])


def _copy(text: str, function: Function, rng: random.Random) -> str:
    """The same function once more."""
    return _replaced(text, function, lambda lines, _: [*lines, "\n", *lines])


def _rename(text: str, function: Function, rng: random.Random) -> str:
    """Another name for a function or a class, in this file alone."""
    names = sorted(set(re.findall(r"^(?:class|def) (\w+)", text, re.MULTILINE)))
    if not names:
        return text
    name = rng.choice(names)
    return re.sub(rf"\b{name}\b", f"{name}Again", text)


def _relationship(text: str, function: Function, rng: random.Random) -> str:
    """Another loader for a relationship."""
    found = [m.start() for m in re.finditer(r"relationship\(", text)]
    if not found:
        return text
    at = rng.choice(found) + len("relationship(")
    end = text.index(")", at)
    lazy = rng.choice(["select", "joined", "dynamic"])
    return f'{text[:end]}, lazy="{lazy}"{text[end:]}' if "lazy" not in text[at:end] else text


def _shift(text: str, function: Function, rng: random.Random) -> str:
    """A comment above everything: every line gets another number."""
    lines = text.splitlines(keepends=True)
    at = function.body[0].lineno - 1
    lines.insert(at, " " * function.body[0].col_offset + "# a comment\n")
    return "".join(lines)


def _import(text: str, function: Function, rng: random.Random) -> str:
    return _before(text, function.body[0], "from flask import current_app, g, session")


def _top(text: str, function: Function, rng: random.Random) -> str:
    """Another statement at the top level of the module."""
    statements = ast.parse(text).body
    names = sorted({n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)})
    new = rng.choice(_TOP).format(name=rng.choice(names), function=function.name)
    return _before(text, rng.choice(statements), new)


def _without(text: str, function: Function, rng: random.Random) -> str:
    """One of the module's imports or functions is gone."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef)
    found = [n for n in ast.parse(text).body if isinstance(n, kinds)]
    found = [n for n in found if not getattr(n, "decorator_list", ())]
    return _replaced(text, rng.choice(found), lambda *_: []) if found else text


def _in_class(text: str, function: Function, rng: random.Random) -> str:
    """Another statement in the body of a class."""
    classes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef)]
    if not classes:
        return text
    return _before(text, rng.choice(rng.choice(classes).body), rng.choice(_IN_CLASS))


def _class(text: str, function: Function, rng: random.Random) -> str:
    """A class is gone, or there is one more."""
    classes = [n for n in ast.parse(text).body if isinstance(n, ast.ClassDef)]
    if not classes:
        return text
    cls, name = rng.choice(classes), f"{rng.choice(classes).name}Too"
    if rng.random() < 0.5:
        return _replaced(text, cls, lambda *_: [])
    again = rng.choice([cls.name, "object"])
    return f"{text}\n\nclass {name}({again}):\n    added = db.Column(db.Integer)\n"


def _column(text: str, function: Function, rng: random.Random) -> str:
    """A column more, or another one."""
    found = [m.start() for m in re.finditer(r"\w+ = db\.Column\(", text)]
    if not found:
        return text
    start = text.rindex("\n", 0, rng.choice(found)) + 1
    pad = " " * (len(text[start:]) - len(text[start:].lstrip()))
    return f"{text[:start]}{pad}total = db.Column(db.{rng.choice(['Integer', 'Text'])})\n{text[start:]}"


def _route(text: str, function: Function, rng: random.Random) -> str:
    """Another rule for a view, other methods, or another view."""
    found = [m.end() for m in re.finditer(r"\.route\(", text)]
    if not found:
        return text
    at = rng.choice(found)
    end = text.index(")", at)
    kind = rng.randrange(3)
    if kind == 0:
        return f"{text[:at]}'/added' + {text[at:]}" if "'" in text[at:end] else text
    if kind == 1:
        return f"{text[:end]}, methods=['GET', 'POST']{text[end:]}"
    whole = text[text.rindex("@", 0, at) : end + 1]
    return f"{text}\n\n{whole}\ndef added_view(**values):\n    return {function.name}()\n"


def _setting(text: str, function: Function, rng: random.Random) -> str:
    """Another setting of the application."""
    new = rng.choice(["SQLALCHEMY_RECORD_QUERIES", "SERVER_NAME", "URL_PREFIX"])
    lines = text.splitlines(keepends=True)
    made = [i for i, line in enumerate(lines) if re.match(r"\s+app = ", line)]
    if not made:
        return f"{text}\n\n{new} = True\n"
    pad = re.match(r"\s*", lines[made[0]])
    assert pad is not None
    return "".join(
        [*lines[: made[0] + 1], f'{pad[0]}app.config["{new}"] = True\n', *lines[made[0] + 1 :]]
    )


_CHANGES: list[tuple[Callable[[str, Function, random.Random], str], int]] = [
    (_insert, 8), (_remove, 5), (_wrap, 3), (_repeat, 1), (_other_body, 3), (_return, 3),
    (_parameter, 1), (_decorate, 1), (_rename, 1), (_drop, 1), (_copy, 1), (_relationship, 1), (_shift, 1), (_import, 1),
    (_top, 6), (_without, 3), (_in_class, 2), (_class, 1), (_column, 1), (_route, 2), (_setting, 1),
]  # fmt: skip
_NEW = [
    "changed = 1", "return {cls}.query.all()", "found = {cls}.query.first()", "db.session.commit()",
    "{name} = {cls}.query", "{call}({name})", "return {call}", "return {name}", "yield {name}",
    "for one in {cls}.query: {call}(one)", "{name}.found = {cls}.query.get(1)", "{call}({cls}.query)",
    "g.found = {name}", "setattr({name}, 'found', {call})", "key = lambda: {cls}.query.count()",
    "return {name}.found", "db.session.add({name})", "raise KeyError({name})", "global db",
]  # fmt: skip
_TOP = [
    "import json", "from os import path as {name}", "from flask import session", "from flask import g as {name}",
    "from shop.models import db as database", "from shop.models import Order as {name}", "from .models import *",
    "def {name}(order=None): return order", "def added(order): return order.customer.name", "{name} = None",
    "def added(one): return {name}(one)", "@{name}\ndef added(): return {function}()", "def get(one): return {function}",
    "try:\n    from shop.tools import show as {name}\nexcept ImportError:\n    {name} = None",
]  # fmt: skip
_IN_CLASS = [
    "added = None", "def added(self): return self.query.first()", "query = None", "__abstract__ = True",
    "@property\ndef customer(self): return None", "def all(self): return []",
]  # fmt: skip
_TEMPLATE = [
    "{{ user.posts.count() }}\n",
    "{% for order in orders %}{{ order.customer.name }}{% endfor %}\n",
    "<p></p>\n",
]


def _statements(function: Function) -> list[ast.stmt]:
    return [n for n in ast.walk(function) if isinstance(n, ast.stmt) and n is not function]


def _before(text: str, statement: ast.stmt, new: str) -> str:
    return _replaced(
        text, statement, lambda lines, pad: [*(f"{pad}{one}\n" for one in new.split("\n")), *lines]
    )


def _replaced(text: str, node: ast.stmt, make: Callable[[Lines, str], Lines]) -> str:
    lines = text.splitlines(keepends=True)
    start, end = node.lineno - 1, node.end_lineno or node.lineno
    lines[start:end] = make(lines[start:end], " " * node.col_offset)
    return "".join(lines)
