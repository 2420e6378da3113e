"""The codemod as a function: a folder goes in, the texts of the new package come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migrator.codemod.asgi import asgi_source
from migrator.codemod.converted import converted_modules
from migrator.codemod.finding import Finding
from migrator.codemod.renaming import Renaming, plan_renaming
from migrator.codemod.threading_names import threading_edits
from migrator.codemod.uncollected import uncollected
from migrator.codemod.work import Kept, Rewritten, Work
from migrator.colour.decide import Decisions
from migrator.eager.place import Eager, place
from migrator.index.apart import modules_apart
from migrator.index.definitions import ClassInfo, FunctionInfo, Import, Module, Variable
from migrator.index.models import Models
from migrator.index.project import Project
from migrator.plan.make import make_plan
from migrator.plan.model import Edit, Plan
from migrator.plan.own_names import own_name_edits
from migrator.queries.step import Action, Refusal
from migrator.surface import (
    AsyncSafe,
    DecoratorKind,
    Frame,
    FrameChoice,
    Opaque,
    Surface,
    TransparentWrapper,
    class_views,
)
from migrator.surface.decorated import Decorated
from migrator.surface.documents import documents
from migrator.surface.plan_names import flask_names
from migrator.surface.read import read_surface
from migrator.surface.runner import Runner
from migrator.trace.evidence import Trace
from migrator.types.analysis import analyse
from migrator.types.state import State

CONTEXTUAL = Refusal(
    "MIG525",
    "it uses an extension, whose sync code may call back",
    "Nothing has to be done; do without the extension to make it native.",
)
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Conversion:
    """The result: new texts by relative path, files to copy as they are, and what was found."""

    project: Project
    plan: Plan
    state: State
    decisions: Decisions
    surface: Surface | None = None
    package: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    copies: list[str] = field(default_factory=list)
    #: What stood in the OpenAPI documents of `texts`.
    documents: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    #: Names of the modules whose edits failed: their text is what it was.
    failed: set[str] = field(default_factory=set)
    #: Names of the modules that an earlier conversion made: nothing in them is converted again.
    converted: frozenset[str] = frozenset()
    #: Names of the modules that test or migrate the application: nothing in them is converted.
    apart: frozenset[str] = frozenset()


@uncollected()
def convert(
    root: Path,
    *,
    application: str = "",
    frame: FrameChoice = "auto",
    package: str = "",
    exclude: Sequence[str] = (),
    trace: Trace | None = None,
    eager: Eager = "static",
    keep_db_names: bool = False,
    keep_parts: Sequence[str] = (),
    waiting: Sequence[str] = (),
    progress: Progress | None = None,
    jobs: int = 1,
    kept: Kept | None = None,
    unread: Mapping[str, str] | None = None,
) -> Conversion:
    """Convert the package or folder `root`; nothing is written.

    `application` is `module:attribute` or `module:factory`; without it the application is looked
    for. `frame` is what the converted application is one of: of FastAPI, of Flask, or, with "auto",
    of FastAPI where nothing of it needs Flask. `package` is the new package's name, "" to keep the
    names as they are and to write no `asgi.py`. `exclude` are globs of what is not read. `trace` is
    the evidence of lazy loads that loader options are placed by; `eager` says whether they are
    placed by the code as well. With `keep_db_names`, `db.Column` and the like stay as they are.
    `keep_parts` names what the converted application is given as the legacy one was. `waiting` names
    calls of other distributions that wait. `jobs` is how many processes rewrite files, 0 for one a core; the result is the same. `kept` are the texts of
    an earlier run, and gets those of this one. `unread` are files that a fault of ours was about: they are
    copied as they are.
    Raises UsageError where the application can't be found by the name given, or is ambiguous, and
    WorkerDied where a process ended before its time.
    """
    root = root.resolve()
    project = Project(root, exclude, unread)
    if kept is not None:
        project.bodies.watch(project.modules.values())
    models = Models(project)
    surface = read_surface(project, application, frame, tuple(keep_parts))
    entries = {k: e.kind for k, e in surface.entries.items()} if surface is not None else {}
    apart = modules_apart(project)
    # Without an application the blueprints and the imports of Flask stay: FastAPI is asked for.
    on: Frame = "fastapi" if frame == "fastapi" else "flask"
    on = surface.frame if surface is not None else on
    state = analyse(project, models, entries, apart, on, kept, waiting)
    decisions = Decisions(state, library=surface is None, **_framework(project, surface))
    if surface is not None and package:
        surface = surface.leaving(_left_by_colours(project, surface, decisions))
    placements = place(state, decisions, trace, root.name, eager)
    plan = make_plan(state, decisions, placements)
    renaming = plan_renaming(project, package) if package else {}
    for key, above in _shields(project, surface, decisions).items():
        info = project.functions[key]
        edit = Edit(info.node, (Action("unbridged", {"above": above}),))
        plan.edits.setdefault(info.module.name, []).append(edit)
    conversion = Conversion(project, plan, state, decisions, surface, package)
    conversion.converted = converted_modules(project)
    conversion.apart = apart
    if not keep_db_names:
        for module_name, node, action in own_name_edits(project, conversion.converted | apart):
            plan.edits.setdefault(module_name, []).append(Edit(node, (action,)))
    for module_name, node, action in threading_edits(project, conversion.converted | apart):
        plan.edits.setdefault(module_name, []).append(Edit(node, (action,)))
    conversion.copies.extend(project.data)
    conversion.findings.extend(
        Finding(
            project.modules[note.module].path,
            *(note.line, note.column, note.code, note.message, note.symbol),
            severity="info",
        )
        for note in placements.notes
    )
    names = surface.actions if surface is not None else flask_names(project, frame)
    works = []
    for module in project.modules.values():
        edits: list[Edit] = []
        if module.name not in conversion.converted:
            edits.extend(plan.edits.get(module.name, ()))
        own = names if module.name not in apart else {}
        for actions in (own, renaming):
            edits.extend(Edit(node, (action,)) for node, action in actions.get(module.name, ()))
        if edits:
            needed = tuple(sorted(plan.imports.get(module.name, ())))
            works.append(Work(module, tuple(edits), _taken(project, module), needed))
    texts = _rewritten(works, Renaming(project, package or project.package), kept, jobs, progress)
    for module in project.modules.values():
        new = texts.get(module.path, Rewritten(module.source.text))
        conversion.texts[module.path] = new.text
        if new.fault is not None:
            conversion.failed.add(module.name)
            conversion.findings.append(new.fault)
    if surface is not None and surface.site.connexion and package not in ("", project.package):
        new_name = Renaming(project, package).dotted
        for document in documents(project):
            text = document.renamed(new_name)
            if text != document.text:
                conversion.documents[document.path] = document.text
                conversion.texts[document.path] = text
    if surface is not None and package:
        for site in (surface.site, *surface.others):
            conversion.texts[f"{site.entry}.py"] = asgi_source(
                project, site, package, surface.frame
            )
    return conversion


def _left(project: Project, surface: Surface) -> dict[str, Refusal]:
    """The functions that stay on the mount; of a class-based view that is every method.

    Not those that a view which is converted inherits.
    """
    left = dict(surface.left)
    kept = {
        method
        for endpoint in surface.endpoints
        if endpoint.function not in left and endpoint.function in project.classes
        for method in class_views.functions(project, endpoint.function)
    }
    for key, refusal in surface.left.items():
        cls = project.classes.get(key)
        if cls is not None:
            own = [method.key for method in cls.methods.values()]
            left.update((method, refusal) for method in own if method not in kept)
    return left


def _left_by_colours(
    project: Project, surface: Surface, decisions: Decisions
) -> dict[str, Refusal]:
    """The views that are asynchronous already, and do what nobody can await in them."""
    found: dict[str, Refusal] = {}
    for endpoint in surface.endpoints:
        for key in class_views.functions(project, endpoint.function):
            decision = decisions.get(key)
            if decision is not None and decision.mode == "left" and decision.reason is not None:
                found.setdefault(endpoint.function, decision.reason)
    return found


def _class_views(project: Project, decorated: dict[str, Refusal], on_flask: bool) -> None:
    """Methods of class-based views that are taken for plain ones: for what is around their class.

    The view function that Flask makes of a class is a plain one, whoever gets it.
    """
    handed = frozenset() if on_flask else class_views.handed_over(project)
    for cls in project.classes.values():
        if not class_views.is_view(project, cls):
            continue
        why = (None if on_flask else decorated.get(cls.key)) or class_views.forced_sync(
            project, cls, on_flask
        )
        if why is None and not handed.isdisjoint({cls.key, ""}):
            why = Refusal(
                "MIG519",
                f"the view function of {cls.name} is handed to other code, which may call it",
                "Give it to add_url_rule alone.",
            )
        if why is not None:
            for method in class_views.methods(project, cls):
                decorated.setdefault(method.key, why)


def _shields(
    project: Project, surface: Surface | None, decisions: Decisions
) -> dict[str, list[int]]:
    """Where a decorator that takes plain functions stands around one that awaits, by function.

    The places are those of the decorators below which it does.
    """
    functions, around = _decorators(project, surface)
    found: dict[str, list[int]] = {}
    for key, names in functions.items():
        if key not in project.functions:
            continue
        plain = False
        for index, name in enumerate(names):
            kind = around.get(name)
            if isinstance(kind, Opaque):
                plain = True
            elif isinstance(kind, TransparentWrapper):
                wrapper = decisions.get(kind.wrapper)
                if plain and wrapper is not None and wrapper.asynchronous:
                    found.setdefault(key, []).append(index)
                plain = False
            elif isinstance(kind, AsyncSafe):
                plain = False
    return found


def _decorators(
    project: Project, surface: Surface | None
) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, DecoratorKind]]:
    """The decorators of each function, and what each of them does."""
    if surface is not None:
        return surface.decorated, surface.decorators
    read = Decorated(project, Runner(project))
    return read.functions, read.kinds


def _framework(project: Project, surface: Surface | None) -> dict[str, Any]:
    """What the surface tells the decisions: what is left, and what stands around functions."""
    functions, around = _decorators(project, surface)
    wrapped: dict[str, tuple[str, ...]] = {}
    opaque: dict[str, Refusal] = {}
    decorated: dict[str, Refusal] = {}
    hidden: set[str] = set()
    on_flask = surface is not None and surface.frame == "flask"
    for key, names in functions.items():
        kinds = [around[n] for n in names if n in around]
        inner = tuple(k.wrapper for k in kinds if isinstance(k, TransparentWrapper))
        if inner:
            wrapped[key] = inner
        told = (isinstance(k, TransparentWrapper) for k in kinds if _tells(k, on_flask))
        if not next(told, True):
            hidden.add(key)
        for name in names:
            kind = around.get(name)
            if isinstance(kind, Opaque):
                # SQLAlchemy calls its listeners inside a flush.
                target = opaque if name.startswith("sqlalchemy.") else decorated
                target[key] = Refusal(
                    "MIG514",
                    f"its decorator takes plain functions: {kind.reason}",
                    "Make the decorator await what it wraps.",
                )
                for given in kind.given:
                    reason = f"what calls it can't be followed: {kind.reason}"
                    decorated[given] = Refusal("MIG514", reason, target[key].hint)
    _class_views(project, decorated, on_flask)
    for key in surface.contextual if surface is not None else ():
        opaque.setdefault(key, CONTEXTUAL)
    decorated.update(surface.plain if surface is not None else {})
    left = _left(project, surface) if surface is not None else {}
    return {
        "left": left,
        "wrapped_by": wrapped,
        "hidden": hidden,
        "opaque": opaque,
        "decorated": decorated,
        "starts": surface.site.starts if surface is not None else frozenset(),
    }


def _tells(kind: DecoratorKind, on_flask: bool) -> bool:
    """Whether a decorator decides if callers of what it gives get an awaitable."""
    if isinstance(kind, AsyncSafe):
        return kind.waits and on_flask
    return isinstance(kind, TransparentWrapper | Opaque)


def _rewritten(
    works: Sequence[Work],
    renaming: Renaming,
    kept: Kept | None,
    jobs: int,
    progress: Progress | None,
) -> dict[str, Rewritten]:
    """What becomes of each file, by path: as it was kept, or rewritten now."""
    found: dict[str, Rewritten] = {}
    keys = {work.module.path: work.key(renaming) for work in works} if kept is not None else {}
    for path, key in keys.items():
        text = kept.text(path, key) if kept is not None and key else None
        if text is not None:
            found[path] = Rewritten(text)
    missing = [work for work in works if work.module.path not in found]
    if missing:
        # libcst takes as long to import as a thousand lines take to convert.
        from migrator.codemod.jobs import rewrite_all

        found.update(rewrite_all(missing, renaming, jobs, progress))
    for path, key in keys.items():
        if kept is not None and key and found[path].fault is None:
            kept.keep(path, key, found[path].text)
    return found


def _taken(project: Project, module: Module) -> dict[str, frozenset[str]]:
    """Each name of the module with the dotted names of what it stands for."""
    names: dict[str, frozenset[str]] = {}
    for name, binding in module.bindings.items():
        targets: set[str] = set()
        if isinstance(binding, Import):
            targets.add(f"{binding.module}.{binding.name}" if binding.name else binding.module)
            found = project.lookup(module, name)
            if isinstance(found, ClassInfo | FunctionInfo):
                targets.add(found.key.replace(":", "."))
            elif isinstance(found, Variable):
                targets.add(f"{found.module}.{found.name}")
        else:
            targets.add(f"{module.name}.{name}")
        names[name] = frozenset(targets)
    return names
