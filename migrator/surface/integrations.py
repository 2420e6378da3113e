"""Parts of other distributions that ask Flask by themselves, and are given no application.

`make_versioned(plugins=[FlaskPlugin()])` notes who has changed a row, `sentry_sdk.init(integrations=
[FlaskIntegration()])` who has met an error: by Flask's request and by Flask-Login's user. Outside of a
request of Flask's they find none, and say nothing of it. Their names say what they are made for.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from migrator.index.definitions import Module
from migrator.index.project import Project
from migrator.surface.application import is_test
from migrator.surface.extensions import is_made_for_flask
from migrator.surface.model import Finding


def imported(project: Project) -> Iterator[tuple[Module, ast.stmt, str]]:
    """Each import of one, with its name."""
    own = {name.partition(".")[0] for name in project.modules}
    for module in project.modules.values():
        if not module.source.says("lask") or is_test(module):
            continue
        for statement, dotted in _names(module):
            if dotted.partition(".")[0] not in own and is_made_for_flask(dotted):
                yield module, statement, dotted


def _names(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    for statement in module.of(ast.ImportFrom):
        if not statement.level:
            for alias in statement.names:
                yield statement, f"{statement.module}.{alias.name}"
    for plain in module.of(ast.Import):
        for alias in plain.names:
            yield plain, alias.name


def asking(project: Project, told: Collection[str]) -> list[Finding]:
    """A finding for each where FastAPI is the frame; `told` are those that others tell of."""
    first: dict[str, tuple[Module, ast.stmt]] = {}
    for module, statement, dotted in imported(project):
        if dotted not in told:
            first.setdefault(dotted, (module, statement))
    return [
        Finding(
            module.path,
            statement.lineno,
            statement.col_offset,
            "MIG429",
            f"{dotted} asks Flask for its request or its user: in converted endpoints it finds none.",
            "",
            "Use what the distribution has for FastAPI, or keep Flask as the frame.",
        )
        for dotted, (module, statement) in first.items()
    ]
