"""Texts that name modules of the legacy package: what imports by them imports the legacy ones.

Also those in settings that `config.from_pyfile()` reads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding
from migrator.codemod.findings.celery_tasks import task_decorator
from migrator.codemod.renaming import naming_texts
from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.index.settings_files import settings_files
from migrator.surface.application import is_test

#: They take a name that both packages share.
_LOGGERS = frozenset({"getLogger", "get_logger"})


def modules_in_texts(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each file, at the first of its texts that follow nothing."""
    project = conversion.project
    if conversion.package in {"", project.package}:
        return
    for module in project.modules.values():
        if is_test(module) or module.name in conversion.apart:
            continue
        found = list(_named(project, module))
        if not found:
            continue
        yield _told(
            module.path,
            found,
            "Make it of `__name__` or `__package__`, which each package has of its own; say so with "
            "`# migrator: keep[MIG121] why` where nothing is imported by it.",
        )
    sources = [
        m.source.text.encode("utf-8", "surrogateescape")
        for m in project.modules.values()
        if m.source.says("from_pyfile")
    ]
    for path in settings_files(sources, conversion.copies):
        if found := list(_set(project, path)):
            yield _told(path, found, "Name the module of the new package, in its copy of the file.")


def _told(path: str, found: list[ast.Constant], hint: str) -> Finding:
    first, *more = sorted(found, key=lambda node: (node.lineno, node.col_offset))
    others = f", as {len(more)} more texts here do" if more else ""
    said = f"{first.value!r} names a module of the legacy package{others}: what is imported by it is the legacy one."
    return Finding(path, first.lineno, first.col_offset + 1, "MIG121", said, hint=hint)


def _set(project: Project, path: str) -> Iterator[ast.Constant]:
    """The same in a file of settings, which is copied as it is."""
    try:
        tree = ast.parse((project.root / path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and _names_module(project, node.value, given=False):
            yield node


def _named(project: Project, module: Module) -> Iterator[ast.Constant]:
    found = [n for n in module.of(ast.Constant) if _names_module(project, n.value, given=True)]
    if not found:
        return
    followed: set[int] = set()
    given: set[int] = set()
    for call in module.of(ast.Call):
        followed.update(map(id, naming_texts(call)))
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        (followed if name in _LOGGERS else given).update(map(id, call.args))
    for statement in module.of(ast.Expr):
        followed.add(id(statement.value))  # a docstring
    for node in found:
        if id(node) not in followed and _names_module(project, node.value, id(node) in given):
            yield node


def _names_module(project: Project, text: object, given: bool) -> bool:
    """Whether it is `package.module`, or a class, a task or the like in one; a function where it is `given`.

    A top name alone may be any word.
    """
    if not isinstance(text, str) or not ("." in text or ":" in text):
        return False
    if text in project.modules:
        return True
    head, sign, tail = text.rpartition(":" if ":" in text else ".")
    if head not in project.modules or not (sign == ":" or "." in head):
        return False
    # What begins with a module's name is put together: f"{...}", "shop.plugins.%s".
    if not tail or tail[0] in "{%":
        return sign == "."
    key = f"{head}:{tail}"
    if sign == ":":
        return tail in project.modules[head].bindings
    function = project.functions.get(key)
    # A task goes by its module's name, and is asked for by it: in Beat's schedule, in routes.
    is_task = function is not None and task_decorator(function) is not None
    return key in project.classes or is_task or (given and function is not None)
