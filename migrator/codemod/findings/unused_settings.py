"""Names in the settings that the code says nothing of: what they were to do is not done."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding

_SPELLED = "Write it as the code's imports spell it, or take it out."


def unused_settings(
    conversion: Conversion, file: Path, waiting: Sequence[str], keep_parts: Sequence[str]
) -> Iterator[Finding]:
    """A finding for each name of `waiting` and `keep-parts` in `file` that matches nothing."""
    path = Path(os.path.relpath(file, conversion.project.root)).as_posix()
    calls = {
        fact.name
        for facts in conversion.state.facts.values()
        for fact in facts
        if fact.kind == "blocks"
    }
    for name in waiting:
        if not any(_is_meant(call, name) for call in calls):
            yield Finding(
                path, 1, 1, "MIG193",
                f"[tool.migrator] waiting names {name}: no call in the code is seen to be one of it.",
                hint=f"{_SPELLED} A method is one of objects whose class the code tells: by making "
                "them, or by an annotation.",
            )  # fmt: skip
    imported = set(_imported(conversion)) if keep_parts else set()
    for name in keep_parts:
        if not any(f"{i}.".startswith(f"{name}.") or name.startswith(f"{i}.") for i in imported):
            yield Finding(
                path, 1, 1, "MIG193",
                f"[tool.migrator] keep-parts names {name}: the code imports nothing of it.",
                hint=_SPELLED,
            )  # fmt: skip


def _is_meant(call: str, name: str) -> bool:
    return call.rpartition(".")[0] == name[:-2] if name.endswith(".*") else call == name


def _imported(conversion: Conversion) -> Iterator[str]:
    """The dotted names that imports name, inside functions too."""
    for module in conversion.project.modules.values():
        for node in module.of(ast.Import):
            yield from (alias.name for alias in node.names)
        for source in module.of(ast.ImportFrom):
            home = module.absolute(source.module, source.level)
            yield from (f"{home}.{alias.name}" for alias in source.names)
