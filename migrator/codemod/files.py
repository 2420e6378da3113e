"""The files of the new package: converted texts, data as it was, links as links."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from migrator.codemod.convert import Conversion
from migrator.codemod.manifest import MANIFEST

_DEFAULT_MODE = 0o644


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file to write: exactly one of `data`, `source` (to copy) and `link` (its target) is set.

    `path` is relative, with forward slashes; `mode` are the permission bits.
    """

    path: str
    data: bytes | None = None
    source: Path | None = None
    link: str | None = None
    mode: int = _DEFAULT_MODE


def output_files(conversion: Conversion, out: Path) -> list[OutputFile]:
    """Every file of the package written to `out`, sorted by path."""
    root = conversion.project.root
    files: dict[str, OutputFile] = {}
    broken = [source.path for source in conversion.project.broken]
    for path in (*conversion.copies, *broken):
        if path == MANIFEST:
            continue
        files[path] = OutputFile(path, source=root / path, mode=_mode(root / path))
    modules = {m.path: m for m in conversion.project.modules.values()}
    for path, text in conversion.texts.items():
        module = modules.get(path)
        data = module.source.encode(text) if module is not None else text.encode()
        mode = _mode(root / path) if module is not None else _DEFAULT_MODE
        files[path] = OutputFile(path, data=data, mode=mode)
    for path, leads_out in conversion.project.files.links.items():
        files[path] = OutputFile(path, link=_link(root, out, path, leads_out))
    return [files[path] for path in sorted(files)]


def changed_files(conversion: Conversion) -> list[OutputFile]:
    """The source files whose text changes, for a conversion in place."""
    root = conversion.project.root
    found = []
    for module in conversion.project.modules.values():
        text = conversion.texts.get(module.path, module.source.text)
        if text != module.source.text:
            data = module.source.encode(text)
            found.append(OutputFile(module.path, data=data, mode=_mode(root / module.path)))
    return sorted(found, key=lambda f: f.path)


def _mode(path: Path) -> int:
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
