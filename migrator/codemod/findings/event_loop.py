"""What stops the event loop, or is no more one thing, and can't be written otherwise by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.codemod.findings.alarms import ALARMS, alarms
from migrator.codemod.findings.apart_from_requests import ApartFromRequests
from migrator.codemod.findings.sleeping_retries import RETRIES, sleeping_retries
from migrator.codemod.threading_names import COUNTERPARTS
from migrator.index.definitions import Module, Variable
from migrator.index.project import Project
from migrator.surface.scopes import Scopes
from migrator.types.facts import Fact

#: Locks between processes: who waits for one waits in C code, or asleep.
_BETWEEN_PROCESSES = (
    "filelock.", "portalocker.", "fasteners.", "multiprocessing.Lock", "multiprocessing.RLock",
    "multiprocessing.Semaphore", "multiprocessing.BoundedSemaphore", "multiprocessing.Condition",
    "fcntl.flock", "fcntl.lockf", "redis.lock.",
)  # fmt: skip
#: Threads that take turns in a loop of their own.
_GREEN = ("gevent.", "eventlet.")
#: What is looked for among the calls: beginnings of names.
_LOOKED_FOR = (*_BETWEEN_PROCESSES, *_GREEN, *RETRIES, *ALARMS)
#: Methods that many an object has.
_OF_CONTAINERS = frozenset((*dir(dict), *dir(list), *dir(set), *dir(str)))
#: What excludes others, or hands something to them.
_SHARED = frozenset().union(*COUNTERPARTS.values()) - {
    *("get_ident", "local", "ThreadPoolExecutor", "as_completed", "wait")
}


def loop_findings(conversion: Conversion) -> Iterator[Finding]:
    """Notes and findings about waiting and locking, in the order of the modules."""
    if conversion.surface is None:
        return
    apart = ApartFromRequests(conversion)
    yield from _waiting(conversion, apart)
    calls = _may_be_called(conversion.project)
    skipped = conversion.apart | conversion.converted
    for module in conversion.project.modules.values():
        if module.name in skipped:
            continue
        if calls:
            scopes = conversion.project.derived(Scopes, module)
            for node, name in scopes.calls:
                if name.startswith(_BETWEEN_PROCESSES):
                    yield _between_processes(module, node, name)
                elif name.startswith(_GREEN):
                    yield _green(module, node, name)
            yield from sleeping_retries(module, scopes, apart)
            yield from alarms(module, scopes, apart)
        if conversion.package not in {"", conversion.project.package}:
            yield from _twice(conversion, module)


def _may_be_called(project: Project) -> bool:
    """Whether an import says the beginning of such a name, or begins with it: nothing else leads to one."""
    said: set[str] = set()
    for module in project.modules.values():
        for statement in module.of(ast.Import):
            # `import a.b` binds `a`.
            said.update(a.name if a.asname else a.name.partition(".")[0] for a in statement.names)
        for chosen in module.of(ast.ImportFrom):
            home = chosen.module or ""
            said.update(home if a.name == "*" else f"{home}.{a.name}" for a in chosen.names)
    return any(
        name.startswith(looked) or looked.startswith(f"{name}.")
        for name in said
        for looked in _LOOKED_FOR
    )


def _waiting(conversion: Conversion, apart: ApartFromRequests) -> Iterator[Finding]:
    moved = {
        id(edit.node)
        for edits in conversion.plan.edits.values()
        for edit in edits
        if any(action.rule == "in_thread" for action in edit.actions)
    }
    names = _told_by_name(conversion)
    for key, facts in conversion.state.facts.items():
        if conversion.decisions.get(key) is None:  # the code of a module, for one
            continue
        module = conversion.project.functions[key].module
        for fact in facts:
            if fact.kind == "unresolved" and fact.name in names:
                if (
                    isinstance(fact.node, ast.Call)
                    and key not in apart
                    and not _own_futures(module, fact)
                ):
                    yield _may_wait(module, fact.node, fact.name, names[fact.name])
            elif fact.kind == "blocks" and id(fact.node) not in moved and key not in apart:
                assert isinstance(fact.node, ast.Call)
                yield finding_at(
                    module,
                    fact.node,
                    "MIG112",
                    f"{fact.name} keeps the event loop waiting, and every request with it: it gets or calls "
                    "code or objects of the application, which need the request's own thread.",
                    hint="Give it plain values, or call it from a function that a queue runs.",
                    severity="info",
                )


def _told_by_name(conversion: Conversion) -> dict[str, str]:
    """Methods that wait, by their names, where nothing of the repository's is called so.

    Of an object that nothing is known of, the name is all there is to go by.
    """
    found = {"result": "the result() of another one's future"}
    for path in sorted(conversion.state.waiting.own):
        name = path.rpartition(".")[2]
        if name not in _OF_CONTAINERS:
            found[name] = path
    own = {f.name for f in conversion.project.functions.values()}
    return {name: path for name, path in found.items() if name not in own}


def _own_futures(module: Module, fact: Fact) -> bool:
    """Whether it may be a future of executors that are converted, which let others go on."""
    text = module.source.text
    return fact.name == "result" and ("ThreadPoolExecutor" in text or "as_completed" in text)


def _may_wait(module: Module, node: ast.Call, name: str, path: str) -> Finding:
    return finding_at(
        module,
        node,
        "MIG112",
        f"What {name}() is asked of is not known: if this is {path}, it keeps the event loop "
        "waiting, and every request with it.",
        hint="Annotate what it is asked of with its class; `waiting` in [tool.migrator] names the "
        "methods that wait.",
        severity="info",
    )


def _between_processes(module: Module, node: ast.Call, name: str) -> Finding:
    return finding_at(
        module,
        node,
        "MIG113",
        f"{name} locks out other processes, and the next request of this one as well, which would "
        "stop the event loop while the first one holds it.",
        hint="Lock by the database (`with_for_update()`, `pg_advisory_xact_lock`), or give the lock "
        "up before the database is asked; a comment `# migrator: keep[MIG113] why` says so.",
    )


def _green(module: Module, node: ast.Call, name: str) -> Finding:
    return finding_at(
        module,
        node,
        "MIG115",
        f"{name} counts on a loop of its own to switch, which never runs beside asyncio's: what is "
        "spawned doesn't start, a timeout doesn't end anything, what was patched stops everybody.",
        hint="Use `threading.Thread` and the timeouts that calls have, and patch nothing in the "
        "process that serves the converted application. Then convert again.",
    )


def _twice(conversion: Conversion, module: Module) -> Iterator[Finding]:
    for binding in module.bindings.values():
        match binding:
            case Variable(value=ast.Call(func=func) as node):
                home, _, name = conversion.project.external(module, func).rpartition(".")
                if home in COUNTERPARTS and name in _SHARED:
                    yield finding_at(
                        module,
                        node,
                        "MIG114",
                        f"Under the mount, each of the two packages has a {name} of its own here, as each "
                        "process has: what one side does, the other doesn't wait for.",
                        hint="Move the endpoints that share it at once, or lock by the database.",
                        severity="info",
                    )
