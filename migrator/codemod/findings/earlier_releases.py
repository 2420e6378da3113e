"""Releases that the repository asks for, and that the converted code can't run on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from migrator.codemod.convert import Conversion
from migrator.codemod.finding import Finding
from migrator.index.requirements import PYTHON, Needed, needed_by, requirements_files

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version


def earlier_releases(conversion: Conversion) -> Iterator[Finding]:
    """A finding for each file that asks for such, a note where nothing but a smaller step lies between."""
    root = conversion.project.root.resolve()
    if not requirements_files(root):
        return
    ours = _ours()
    found: dict[tuple[Path, Literal["error", "info"]], list[Needed]] = {}
    for needed in _refused(needed_by(root, ours), ours):
        severity: Literal["error", "info"] = "error" if _far(needed, ours[needed.name]) else "info"
        found.setdefault((needed.file, severity), []).append(needed)
    for (file, severity), refused in found.items():
        yield Finding(
            os.path.relpath(file, root),
            refused[0].line,
            1,
            "MIG126",
            f"This asks for {_listed({n.name: n.releases for n in refused})}. The converted code runs on "
            f"{_listed({n.name: ours[n.name] for n in refused})}, and so does the legacy application "
            "where one process has both.",
            hint="Take the legacy application there first, while nothing else changes.",
            severity=severity,
        )


def _far(needed: Needed, wanted: SpecifierSet) -> bool:
    """Whether the step to our releases is one that changes what code may say: 1.4 to 2.0, not 3.1.2 to 3.1.3."""
    size = 2 if needed.name == PYTHON else 1
    last, first = max(_tried(needed.releases, wanted)), min(_tried(wanted, wanted))
    return last.release[:size] < first.release[:size]


def _listed(releases: Mapping[str, SpecifierSet]) -> str:
    return ", ".join(f"{name}{admitted}" for name, admitted in releases.items())


def _ours() -> dict[str, SpecifierSet]:
    """What a converted application and the mount need, as this toolkit's own distribution says it."""
    # These take their time to import, and most runs read no such file.
    from importlib import metadata

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    try:
        said = metadata.distribution("migrator")
    except metadata.PackageNotFoundError:
        return {}  # Run from its source, without an installation.
    needed = [Requirement(line) for line in said.requires or ()]
    found = {
        r.name: r.specifier
        for r in needed
        if r.marker is None or r.marker.evaluate({"extra": "mount"})
    }
    return {**found, PYTHON: SpecifierSet(said.metadata["Requires-Python"])}


def _refused(needed: list[Needed], ours: Mapping[str, SpecifierSet]) -> Iterator[Needed]:
    """The first line for each distribution that admits no release of ours.

    Where another line admits no earlier ones, it is the application's, and this one is of an environment beside it.
    """
    for name, wanted in ours.items():
        first = min(_tried(wanted, wanted))
        refused: list[Needed] = []
        for line in (n for n in needed if n.name == name):
            admitted = _tried(line.releases, wanted)
            if admitted and min(admitted) >= first:
                break
            if admitted and not any(map(wanted.contains, admitted)):
                refused.append(line)
        else:
            yield from refused[:1]


def _tried(releases: SpecifierSet, wanted: SpecifierSet) -> list[Version]:
    """Of the bounds of both, of the releases that follow them, the very first and the very last: what is admitted."""
    from packaging.version import Version

    # `===` compares texts, and may name anything.
    named = (s for both in (releases, wanted) for s in both if s.operator != "===")
    bounds = [Version(s.version.removesuffix(".*")) for s in named]
    tried = [*bounds, *(Version(f"{bound.base_version}.1") for bound in bounds)]
    return [
        v for v in (*tried, Version("0"), Version("9999")) if releases.contains(v, prereleases=True)
    ]
