"""One module's new text: the plan's edits applied, imports added, and the result compiled."""

from __future__ import annotations

import ast
import sys
import warnings

from migrator.codemod.finding import Finding
from migrator.codemod.renaming import Renaming
from migrator.codemod.rewriting.context import Context
from migrator.codemod.rewriting.hidden import Hidden
from migrator.codemod.rewriting.imports import add_imports
from migrator.codemod.rewriting.kept_units import KeptUnits
from migrator.codemod.rewriting.tree import apply_edits
from migrator.codemod.work import Rewritten, Work
from migrator.errors import EditError, MigratorError
from migrator.index.source import Source


def rewritten(work: Work, renaming: Renaming) -> Rewritten:
    """Rewrite one module; never raises for what a rule does."""
    source = work.module.source

    def renamed(name: str) -> str:
        return renaming.name(name) or name

    def absolute(statement: ast.ImportFrom) -> str:
        if not statement.level:
            return statement.module or ""  # by its new name
        return renamed(work.module.absolute(statement.module, statement.level))

    context = Context(
        dict(work.taken), renamed, absolute, hidden=Hidden(work.module), text=source.text
    )
    for home, name, local in work.needed:
        context.bind(home, name, local)
    kept = None
    if work.before is not None:
        kept = KeptUnits(work.around(renaming), work.before)
    try:
        assert source.tree is not None
        text = apply_edits(source.text, source.tree, work.edits, context, kept)
        text = add_imports(text, context)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Not only parsed: `await` in the wrong place parses.
            compile(text, source.path, "exec", dont_inherit=True)
        source.encode(text)
    except Exception as error:
        # A fault in one rule must cost one file, not the run.
        return Rewritten(source.text, _not_compiled(source) or _fault(source.path, error))
    return Rewritten(text, units=kept.made if kept is not None else {})


def _not_compiled(source: Source) -> Finding | None:
    """What Python's compiler refuses in the original, where its parser did not: `return` in a class."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source.text, source.path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return Finding(
            source.path, error.lineno or 1, 1, "MIG101",
            f"This file can't be compiled by Python {sys.version_info[0]}.{sys.version_info[1]}: "
            f"{error.msg}. It is copied as it is.",
            hint="Correct the syntax, or run migrator on the Python that the code is written for.",
        )  # fmt: skip
    return None


def _fault(path: str, error: Exception) -> Finding:
    if not isinstance(error, MigratorError):
        from libcst import ParserSyntaxError

        # libcst's error for a text of one word fails when it is shown.
        said = error.message if isinstance(error, ParserSyntaxError) else str(error)
        error = EditError(
            f"Rewriting this file failed with {type(error).__name__}: {said}.",
            "This is a fault in migrator; the file was left as it was.",
            "Please report it, with the file if you can.",
        )
    return Finding(path, 1, 1, error.code, f"{error.what} {error.why}", hint=error.hint)
