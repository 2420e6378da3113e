"""Celery's tasks of one name in both packages: in a process that imports both, one of them may run for both.

Celery hands each application's tasks on to all others of the process (`shared=True`), in no order, and gives a name once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import FunctionInfo, Module
from migrator.index.project import Project
from migrator.surface.application import is_test

_OF_CELERY = "celery"


def uses_celery(project: Project) -> bool:
    """Whether any module has to do with Celery."""
    return any(module.source.says(_OF_CELERY) for module in project.modules.values())


def task_decorator(function: FunctionInfo) -> ast.expr | None:
    """What makes a task of a function: `@app.task`, `@shared_task`, with arguments or without."""
    decorators = function.node.decorator_list
    return next((d for d in decorators if _last_name(d) in ("task", "shared_task")), None)


def tasks_of_one_name(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each module that has such tasks: a note where nothing calls them there and then."""
    project, surface = conversion.project, conversion.surface
    if surface is None or conversion.package in {"", project.package} or not uses_celery(project):
        return
    called = {
        key
        for facts in conversion.state.facts.values()
        for fact in facts
        if fact.kind == "call"
        for key in fact.callees
    }
    in_context = surface.frame == "flask" and any(
        m.source.says(_OF_CELERY) and m.source.says("app_context(")
        for m in project.modules.values()
    )
    for module in project.modules.values():
        if is_test(module) or not module.source.says("task"):
            continue
        if in_context:
            yield from _of_nobody(module, called)
        found = [(f, d) for f in module.functions if (d := _named(f)) is not None]
        # Other queues' tasks are no tasks of Celery's.
        found = [(f, d) for f, d in found if _may_be_celery(surface.decorated.get(f.key, ()))]
        if not found:
            continue
        at = sorted(found, key=lambda pair: (pair[0].key not in called, pair[1].lineno))
        (function, decorator), *more = at
        others = f", as have {len(more)} more tasks here" if more else ""
        is_called = function.key in called
        when = "is called there and then" if is_called else "would be called there and then"
        yield finding_at(
            module,
            decorator,
            "MIG123",
            f"{function.node.name} has one name in both packages{others}. In a process that imports both, "
            f"Celery keeps either: where it {when}, a side may run the other one's.",
            hint="Say `shared=False` beside the name, in the legacy package (a shared_task takes none: "
            "make it a task of the application's). Then convert again.",
            severity="error" if is_called else "info",
        )


def _of_nobody(module: Module, called: set[str]) -> Iterator[Finding]:
    """Shared tasks that are called there and then, where tasks run in the context of an application of Flask's."""
    for function in module.functions:
        decorator = task_decorator(function)
        if decorator is None or _last_name(decorator) != "shared_task":
            continue
        if function.key in called:
            yield finding_at(
                module,
                decorator,
                "MIG123",
                f"{function.node.name} is a task of the Celery that was made last, which under the mount is the "
                "converted application's: where the legacy side calls it there and then, it runs in the "
                "context of that application, whose sessions are none of its own, and fails.",
                hint="Make it a task of the package's own Celery (`@celery.task`), or call a plain function "
                "that the task calls as well. Then convert again.",
            )


def _last_name(decorator: ast.expr) -> str:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _named(function: FunctionInfo) -> ast.Call | None:
    decorator = task_decorator(function)
    if not isinstance(decorator, ast.Call):
        return None
    given = {k.arg: k.value for k in decorator.keywords}
    match given.get("shared"):
        case ast.Constant(value=False):
            return None
    # A name that is made of `__name__` or the like is the package's own.
    return decorator if isinstance(given.get("name"), ast.Constant) else None


def _may_be_celery(keys: tuple[str, ...]) -> bool:
    """Whether none of the decorators is known to be somebody else's."""
    tasks = [
        key for key in keys if key.rpartition(".")[2] in ("task", "shared_task") and ":" not in key
    ]
    return all(_OF_CELERY in key.lower() for key in tasks)
