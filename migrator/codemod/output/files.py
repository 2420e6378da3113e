"""The files of the new package: converted texts, data as it was, links as links."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from migrator.codemod.output.manifest import BASES, MANIFEST
from migrator.frozen import frozen

if TYPE_CHECKING:
    from migrator.codemod.convert import Conversion

_DEFAULT_MODE = 0o644


@frozen
class OutputFile:
    """One file to write: exactly one of `data`, `source` (to copy) and `link` (its target) is set.

    `path` is relative, with forward slashes; `mode` are the permission bits.
    """

    path: str
    data: bytes | None = None
    source: Path | None = None
    link: str | None = None
    mode: int = _DEFAULT_MODE


@frozen
class Package:
    """What a conversion writes: the new bytes of files by path, and what is kept as it is.

    `own` are the paths that the source has too, and `changed` those of them whose bytes are others
    now. `links` say of each symbolic link whether it leads out of the folder or nowhere.
    """

    data: Mapping[str, bytes]
    own: frozenset[str]
    changed: tuple[str, ...]
    copies: tuple[str, ...]
    links: Mapping[str, bool]


def package_of(conversion: Conversion) -> Package:
    """Everything that is to be written, wherever that will be."""
    project = conversion.project
    modules = {m.path: m for m in project.modules.values()}
    data = {
        path: modules[path].source.encode(text) if path in modules else text.encode()
        for path, text in conversion.texts.items()
    }
    changed = [
        p for p, m in modules.items() if conversion.texts.get(p) not in (None, m.source.text)
    ]
    copied = (*conversion.copies, *(source.path for source in project.broken))
    return Package(
        data,
        frozenset(data).intersection(modules),
        tuple(sorted(changed)),
        tuple(path for path in copied if path not in (MANIFEST, BASES)),
        project.files.links,
    )


def output_files(root: Path, package: Package, out: Path) -> list[OutputFile]:
    """Every file of the package that is made of `root` and written to `out`, sorted by path."""
    files = {
        path: OutputFile(path, source=root / path, mode=mode_of(root / path))
        for path in package.copies
    }
    for path, data in package.data.items():
        mode = mode_of(root / path) if path in package.own else _DEFAULT_MODE
        files[path] = OutputFile(path, data=data, mode=mode)
    for path, leads_out in package.links.items():
        files[path] = OutputFile(path, link=_link(root, out, path, leads_out))
    return [files[path] for path in sorted(files)]


def changed_files(root: Path, package: Package) -> list[OutputFile]:
    """The source files whose text changes, for a conversion in place, sorted by path."""
    return [
        OutputFile(path, data=package.data[path], mode=mode_of(root / path))
        for path in package.changed
    ]


def mode_of(path: Path) -> int:
    """The permission bits of a file, and what a new one gets where there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return _DEFAULT_MODE


def _link(root: Path, out: Path, path: str, leads_out: bool) -> str:
    """The target of a link at its new place: inside the folder as it was, outside adjusted."""
    target = os.readlink(root / path)
    folder = PurePosixPath(path).parent
    if not leads_out and os.path.isabs(target):
        return os.path.relpath(os.path.realpath(root / path), os.path.realpath(root / folder))
    meant = Path(os.path.normpath(root / folder / target))
    if not leads_out or os.path.isabs(target) or meant.is_relative_to(root):
        return target
    return os.path.relpath(meant, out / folder)
