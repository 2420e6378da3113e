"""What there is to say of whole files: those that can't be read or parsed, generated ones, links."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding
from migrator.index.requirements import PYTHON, needed_by
from migrator.index.source import Source

#: What Python 3 says of Python 2.
_PYTHON_2 = re.compile(
    r"Missing parentheses in call to '(print|exec)'|leading zeros in decimal integer literals"
)
#: `except A, B:` is Python 3.14 as well, where the second name is a class.
_PYTHON_2_SOURCE = re.compile(
    r"^[ \t]*(print[ \t]+[\"'\w]|exec[ \t]+[\"'\w]|except[ \t]+[\w.]+[ \t]*,[ \t]*[a-z_]\w*[ \t]*:"
    r"|raise[ \t]+\w+[ \t]*,)",
    re.M,
)
_GENERATED = re.compile(r"^\s*(#|\"\"\"|''').*@generated\b", re.M)
_HEAD = 2000
#: Where the parser's sentence ends and its advice or its file name begins.
_AFTER_REASON = re.compile(r" \(|\. ")


def file_findings(conversion: Conversion) -> list[Finding]:
    """Findings about files, in no order."""
    project = conversion.project
    broken = [source for source in project.broken if source.path not in project.unread]
    asked = _asked_for(project.root.resolve()) if broken else ""
    found = [_broken(source, asked) for source in broken]
    found += [_faulty(path, said) for path, said in project.unread.items()]
    for module in project.modules.values():
        before = module.source.text
        changed = conversion.texts.get(module.path, before) != before
        if changed and _GENERATED.search(before[:_HEAD]):
            found.append(
                Finding(
                    module.path, 1, 1, "MIG104",
                    "This file is generated, and was converted: its generator would undo that.",
                    hint="Change the generator, or keep it from running.",
                )
            )  # fmt: skip
    for path, leads_out in project.files.links.items():
        if leads_out:
            found.append(
                Finding(
                    path, 1, 1, "MIG105",
                    "This symbolic link leads out of the folder, or nowhere: it is kept as a link "
                    "and not followed.",
                    hint="Put the file itself there if it is to be converted.",
                    severity="error" if path.endswith(".py") else "info",
                )
            )  # fmt: skip
    for path in project.files.odd:
        found.append(
            Finding(
                path, 1, 1, "MIG106",
                "This is no regular file (a pipe, a socket or a device): it is left out.",
                severity="info",
            )
        )  # fmt: skip
    if conversion.converted:
        first = next(m for m in project.modules.values() if m.name in conversion.converted)
        found.append(
            Finding(
                first.path, 1, 1, "MIG107",
                f"{len(conversion.converted)} modules are converted already: they stay as they are.",
                hint="Convert the legacy package again instead.",
                severity="info",
            )
        )  # fmt: skip
    if conversion.apart:
        first = next(m for m in project.modules.values() if m.name in conversion.apart)
        found.append(
            Finding(
                first.path, 1, 1, "MIG108",
                f"{len(conversion.apart)} modules test or migrate the legacy application: they "
                "stay as they are, and their queries are not counted.",
                hint="Run them with the legacy package; --exclude leaves them out of the new one.",
                severity="info",
            )
        )  # fmt: skip
    return found


def _faulty(path: str, said: str) -> Finding:
    return Finding(
        path, 1, 1, "MIG903",
        f"Reading this file failed with {said}. This is a fault in migrator; the file was left as it was.",
        hint="Please report it, with the file if you can.",
    )  # fmt: skip


def _asked_for(root: Path) -> str:
    """Which Python the repository asks for, where it is not the one that runs this."""
    running = ".".join(map(str, sys.version_info[:3]))
    for needed in needed_by(root, {PYTHON}):
        if not needed.releases.contains(running, prereleases=True):
            return f" ({needed.file.name} asks for Python {needed.releases})"
    return ""


def _broken(source: Source, asked: str) -> Finding:
    if not source.text:
        return Finding(
            source.path, 1, 1, "MIG103",
            f"This file can't be read as text: {source.error}.",
            hint="Correct its encoding, or the coding line at its top.",
        )  # fmt: skip
    reason = _AFTER_REASON.split(source.error)[0]
    if _PYTHON_2.search(source.error) or _PYTHON_2_SOURCE.search(source.text):
        return Finding(
            source.path, source.error_line, 1, "MIG102",
            f"This file is Python 2: {reason}. It is copied as it is.",
            hint="Take it to Python 3 first.",
        )  # fmt: skip
    return Finding(
        source.path, source.error_line, 1, "MIG101",
        f"This file can't be parsed by Python {sys.version_info[0]}.{sys.version_info[1]}: {reason}. "
        "It is copied as it is.",
        hint=f"Correct the syntax, or run migrator on the Python that the code is written for{asked}.",
    )  # fmt: skip
