"""The codemod as a function: a folder goes in, the texts of the new package come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from migrator.codemod.asgi import asgi_source
from migrator.codemod.converted import converted_modules
from migrator.codemod.finding import Finding
from migrator.codemod.framework import framework, left_by_colours, shields
from migrator.codemod.renaming import Renaming, plan_renaming
from migrator.codemod.taken import taken
from migrator.codemod.threading_names import threading_edits
from migrator.codemod.uncollected import uncollected
from migrator.codemod.work import Kept, Rewritten, Work
from migrator.colour.decide import Decisions
from migrator.eager.place import Eager, place
from migrator.index.apart import modules_apart
from migrator.index.models import Models
from migrator.index.project import Project
from migrator.plan.make import make_plan
from migrator.plan.model import Edit, Plan
from migrator.plan.own_names import own_name_edits
from migrator.queries.step import Action
from migrator.surface import Frame, FrameChoice, Surface
from migrator.surface.documents import documents
from migrator.surface.model import PlannedActions
from migrator.surface.plan_names import flask_names
from migrator.surface.read import read_surface
from migrator.trace.evidence import Trace
from migrator.types.analysis import analyse
from migrator.types.state import State

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
    #: Names of the checks that failed: what they would have told is missing.
    unchecked: set[str] = field(default_factory=set)
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
    apart, converted = modules_apart(project), converted_modules(project)
    # Without an application the blueprints and the imports of Flask stay: FastAPI is asked for.
    on: Frame = "fastapi" if frame == "fastapi" else "flask"
    on = surface.frame if surface is not None else on
    state = analyse(project, models, entries, apart, on, kept, waiting, library=surface is None)
    decisions = Decisions(state, library=surface is None, **framework(project, surface))
    if surface is not None and package:
        left = left_by_colours(project, surface, decisions, converted)
        surface = surface.leaving(left)
    placements = place(state, decisions, trace, root.name, eager)
    plan = make_plan(state, decisions, placements)
    renaming = plan_renaming(project, package) if package else {}
    conversion = Conversion(project, plan, state, decisions, surface, package)
    conversion.converted = converted
    conversion.apart = apart
    _add_edits(conversion, keep_db_names)
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
    works = _works(conversion, names, renaming)
    texts = _rewritten(works, Renaming(project, package or project.package), kept, jobs, progress)
    for module in project.modules.values():
        new = texts.get(module.path, Rewritten(module.source.text))
        conversion.texts[module.path] = new.text
        if new.fault is not None:
            conversion.failed.add(module.name)
            conversion.findings.append(new.fault)
    if surface is not None and package:
        _rename_in_documents(conversion, surface)
        for site in (surface.site, *surface.others):
            conversion.texts[f"{site.entry}.py"] = asgi_source(
                project, site, package, surface.frame
            )
    return conversion


def _add_edits(conversion: Conversion, keep_db_names: bool) -> None:
    """Plan what follows neither from a function's colour nor from the surface."""
    project, edits = conversion.project, conversion.plan.edits
    for key, above in shields(project, conversion.surface, conversion.decisions).items():
        info = project.functions[key]
        edit = Edit(info.node, (Action("unbridged", {"above": above}),))
        edits.setdefault(info.module.name, []).append(edit)
    untouched = conversion.converted | conversion.apart
    own_names = () if keep_db_names else own_name_edits(project, untouched)
    for module, node, action in (*own_names, *threading_edits(project, untouched)):
        edits.setdefault(module, []).append(Edit(node, (action,)))


def _works(conversion: Conversion, names: PlannedActions, renaming: PlannedActions) -> list[Work]:
    """What is to be done in each module: by the plan, with Flask's names, with the package's name."""
    project, plan = conversion.project, conversion.plan
    works = []
    for module in project.modules.values():
        edits: list[Edit] = []
        if module.name not in conversion.converted:
            edits.extend(plan.edits.get(module.name, ()))
        own = names if module.name not in conversion.apart else {}
        for actions in (own, renaming):
            edits.extend(Edit(node, (action,)) for node, action in actions.get(module.name, ()))
        if edits:
            needed = tuple(sorted(plan.imports.get(module.name, ())))
            works.append(Work(module, tuple(edits), taken(project, module), needed))
    return works


def _rename_in_documents(conversion: Conversion, surface: Surface) -> None:
    """OpenAPI documents by which connexion finds functions name the new package's modules."""
    project, package = conversion.project, conversion.package
    if not surface.site.connexion or package == project.package:
        return
    new_name = Renaming(project, package).dotted
    for document in documents(project):
        text = document.renamed(new_name)
        if text != document.text:
            conversion.documents[document.path] = document.text
            conversion.texts[document.path] = text


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
    if kept is not None:
        missing = [replace(work, before=kept.units(work.module.path)) for work in missing]
    if missing:
        # libcst takes as long to import as a thousand lines take to convert.
        from migrator.codemod.jobs import rewrite_all

        found.update(rewrite_all(missing, renaming, jobs, progress))
    for work in missing:
        path = work.module.path
        if kept is not None and keys[path] and found[path].fault is None:
            kept.keep(path, keys[path], found[path])
    return found
