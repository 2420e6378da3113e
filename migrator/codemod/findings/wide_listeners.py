"""Listeners on what both sides have: one process has both packages' listeners, sessions and tasks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.surface.application import is_test
from migrator.surface.scopes import Scopes
from migrator.surface.signals import receivers

_LISTENING = frozenset({"sqlalchemy.event.listens_for", "sqlalchemy.event.listen"})
#: What may be listened to by the class, and what each side has of its own.
_INSTEAD = {
    "Session": "db.session, or the sessionmaker",
    "Mapper": "the models, or their base class",
    "mapper": "the models, or their base class",
    "Engine": "db.engine",
    "Query": "db.Query, or a query class of the application's own",
}
#: What is sent for each task and each message; the others are a process's, once.
_OF_CELERY = frozenset(
    f"celery.signals.{name}"
    for name in (
        "after_task_publish", "before_task_publish", "task_failure", "task_internal_error",
        "task_postrun", "task_prerun", "task_received", "task_rejected", "task_retry",
        "task_revoked", "task_success", "task_unknown",
    )
)  # fmt: skip
#: Where a process keeps its receivers under names: what connects there, and what each side can have.
_BY_NAMES = {
    "pubsub.pub.subscribe": "a Publisher of the package's own",
    "pydispatch.dispatcher.connect": "a sender that is the package's own object",
    "zope.component.provideHandler": "a registry of the package's own, Components()",
    "zope.event.subscribers.append": "a list of the package's own",
}
#: What happens once, or may as well happen twice: settings of a new connection.
_HARMLESS = frozenset({"connect", "first_connect", "before_configured", "after_configured"})


def wide_listeners(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each listener that hears both sides of the mount."""
    project = conversion.project
    if conversion.surface is None or conversion.package in {"", project.package}:
        return
    yield from _signals(project)
    yield from _named(project)
    for module in project.modules.values():
        if not module.source.says("listen") or is_test(module):
            continue
        scopes = project.derived(Scopes, module)
        for node in module.of(ast.Call):
            given = {k.arg: k.value for k in node.keywords}
            match [*node.args, *(given[k] for k in ("target", "identifier") if k in given)]:
                case [target, ast.Constant(value=str(name)), *_] if (
                    name not in _HARMLESS and scopes.external(node.func) in _LISTENING
                ):
                    dotted = scopes.external(target)
                    instead = _INSTEAD.get(dotted.rpartition(".")[2])
                    if instead and dotted.startswith("sqlalchemy."):
                        yield _finding(module, node, dotted, name, instead)


def _signals(project: Project) -> Iterator[Finding]:
    """Receivers of Celery's signals that name no sender: they hear those of both sides.

    Others are kept apart in a process that has the mount: `migrator.runtime.mount.receivers`.
    """
    for module, node, name in receivers(project, _OF_CELERY):
        sent_by = any(
            call.func is node
            and (len(call.args) > 1 or any(k.arg == "sender" for k in call.keywords))
            for call in module.of(ast.Call)
        )
        if not sent_by:
            yield finding_at(
                module,
                node,
                "MIG111",
                f"This hears {name} of every application of the process: in a worker that imports both "
                "packages, both receivers hear what either side sends.",
                hint="Let it return where the task is none of its package's: by `sender.__module__`, or "
                "by the name of what is published, which is its sender.",
            )


def _named(project: Project) -> Iterator[Finding]:
    """What is connected by a name that the process has once."""
    libraries = {name.partition(".")[0] for name in _BY_NAMES}
    for module in project.modules.values():
        if is_test(module) or not any(map(module.source.says, libraries)):
            continue
        scopes = project.derived(Scopes, module)
        for node, name in scopes.calls:
            if name in _BY_NAMES:
                yield finding_at(
                    module,
                    node,
                    "MIG111",
                    f"{name}() keeps receivers for the whole process: under the mount, both packages' hear "
                    "what either side sends.",
                    hint=f"Use {_BY_NAMES[name]}: each side has its own then. Convert again.",
                )


def _finding(module: Module, node: ast.Call, dotted: str, name: str, instead: str) -> Finding:
    return finding_at(
        module,
        node,
        "MIG111",
        f"This listens to {name} of every {dotted.rpartition('.')[2]} of the process: under the mount, "
        "both packages' listeners hear what either side does.",
        hint=f"Listen to {instead}: each side has its own. Then convert again.",
        severity="info" if dotted.endswith(".Engine") else "error",
    )
