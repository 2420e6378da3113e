"""What is the folder's own and was not followed: nobody awaits it, though it may be asynchronous by now.

An import of a module by another name than it has in the folder is taken for one of another distribution. And
where all that was found out about a call is nothing, the code is left as it was.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding, finding_at
from migrator.frozen import frozen
from migrator.index.definitions import ClassInfo, FunctionInfo, Module, can_be_said
from migrator.index.project import Project
from migrator.surface.application import is_test


def lost_imports(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each folder whose modules are imported as if it were on the path, and for each blind call."""
    project = conversion.project
    yield from _blind_calls(conversion)
    meant = _Meant(project)
    found: dict[str, list[_Lost]] = {}
    for module in project.modules.values():
        if is_test(module) or module.name in conversion.apart | conversion.converted:
            continue
        for lost in _lost(project, module, meant):
            found.setdefault(lost.folder, []).append(lost)
    for folder, imports in found.items():
        first, *more = imports
        others = f", and so are {len(more)} more imports" if more else ""
        place = folder.replace(".", "/")
        yield finding_at(
            first.module,
            first.statement,
            "MIG127",
            f"`{first.name}` is imported as another distribution's{others}, but {first.found.path} has it: "
            f"{place}/ is on `sys.path` where this code runs. What it does was not followed, and nobody awaits it.",
            hint=f"Convert {place}/ by itself{_or_by_name(first.found.name)}.",
        )


def _blind_calls(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each call that nothing is known of, of what has the name of an asynchronous function."""
    state, project = conversion.state, conversion.project
    for facts in state.facts.values():
        for fact in facts:
            if fact.kind != "blind" or not isinstance(fact.node, ast.Call):
                continue
            named = [k for k in state.named.get(fact.name, ()) if _is_awaited(conversion, k)]
            module = project.modules[facts.key.partition(":")[0]]
            if named and module.name not in conversion.converted:
                yield finding_at(
                    module,
                    fact.node,
                    "MIG127",
                    f"What `{fact.name}` is here was not found out, and {named[0].partition(':')[2]} is asynchronous "
                    "by now: nobody awaits it.",
                    hint=f"Where it is that function, write `await call({fact.name}, ...)`, from migrator.runtime.db, "
                    "in the converted code.",
                )


def _is_awaited(conversion: Conversion, key: str) -> bool:
    decision = conversion.decisions.get(key)
    return decision is not None and (decision.awaited or decision.streams)


def _or_by_name(module: str) -> str:
    said = f", or import it by the name that it has here: `{module}`"
    return said if can_be_said(module) else ""


@frozen
class _Lost:
    """An import, the dotted name in it, and the module that it means, which lies in `folder`."""

    module: Module
    statement: ast.stmt
    name: str
    found: Module
    folder: str


class _Meant:
    """The modules that a name may mean where a folder of the project is on the path."""

    def __init__(self, project: Project) -> None:
        self.ending: dict[str, list[Module]] = {}
        for module in project.modules.values():
            if not is_test(module):
                self.ending.setdefault(module.name.rpartition(".")[2], []).append(module)

    def of(self, name: str) -> Module | None:
        """The one module whose name ends so; None for none, and where several do."""
        same = [
            m for m in self.ending.get(name.rpartition(".")[2], ()) if m.name.endswith(f".{name}")
        ]
        return same[0] if len(same) == 1 else None


def _lost(project: Project, module: Module, meant: _Meant) -> Iterator[_Lost]:
    asked: list[tuple[ast.stmt, str, list[str]]] = [
        (node, node.module or "", [alias.name for alias in node.names])
        for node in module.of(ast.ImportFrom)
        if not node.level
    ]
    asked.extend((node, a.name, []) for node in module.of(ast.Import) for a in node.names)
    for statement, name, names in asked:
        if not name or name.partition(".")[0] in project.tops:
            continue
        for whole, wanted in ((name, names), *((f"{name}.{n}", []) for n in names)):
            found = meant.of(whole)
            folder = found.name.removesuffix(f".{whole}") if found is not None else ""
            # A package is seldom on the path: `web/flask.py` is not what `import flask` means.
            if found is not None and (
                ("." in whole and folder not in project.modules)
                or (_defines(found, wanted) and not _imports(found, whole))
            ):
                yield _Lost(module, statement, whole, found, folder)
                break


def _imports(module: Module, name: str) -> bool:
    """Whether a file imports its own name: `utils/requests.py` means the distribution by it, as others do."""
    if module.is_package:
        return False  # It has modules below it.
    tops = [a.name for node in module.of(ast.Import) for a in node.names]
    tops += [node.module or "" for node in module.of(ast.ImportFrom) if not node.level]
    return name in (top.partition(".")[0] for top in tops)


def _defines(module: Module, names: list[str]) -> bool:
    """Whether the module itself defines all of these: one of another distribution may be called as it is."""
    own = (FunctionInfo, ClassInfo)
    return bool(names) and all(isinstance(module.bindings.get(n), own) for n in names)
