"""What lies below a folder: source to read, data to copy, links, and what can be neither.

A symbolic link is never followed: what it leads to inside the folder is found where it is, and what
lies outside is not ours to read. Every link is recorded as what it is.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

#: Folders that hold no source of the application's own.
_SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".mypy_cache", ".eggs",
     "site-packages", "dist-packages"}
)  # fmt: skip
#: What `venv` puts into the folder of an environment, whatever that is called.
_OF_ENVIRONMENTS = frozenset(
    {"pyvenv.cfg", "bin", "include", "lib", "lib64", "scripts", "share", ".gitignore"}
)
#: How the names of files end that may be OpenAPI documents.
DOCUMENTS = (".yaml", ".yml", ".json")


@dataclass(slots=True)
class Files:
    """Relative paths with forward slashes, sorted by folder.

    `links` maps a symbolic link (of a file or a folder) to whether it leads out of the folder or
    nowhere; `odd` are pipes, sockets and devices, which can't be read without harm.
    """

    python: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    links: dict[str, bool] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


def list_files(root: Path, exclude: Sequence[str]) -> Files:
    """Everything below `root` but caches, environments and what a glob of `exclude` names."""
    files = Files()
    real = os.path.realpath(root)
    for folder, names, entries in os.walk(root):
        here = Path(folder).relative_to(root).as_posix()
        prefix = "" if here == "." else f"{here}/"
        names[:] = sorted(
            n
            for n in names
            if n not in _SKIPPED_FOLDERS
            and not n.endswith(".egg-info")
            and not _is_environment(os.path.join(folder, n))
            and not excluded(prefix + n, exclude)
        )
        for name in [n for n in names if os.path.islink(os.path.join(folder, n))]:
            # os.walk lists linked folders and does not enter them.
            files.links[prefix + name] = not _inside(real, os.path.join(folder, name))
        for name in sorted(entries):
            if not name.endswith((".pyc", ".pyo")) and not excluded(prefix + name, exclude):
                _sort(files, prefix + name, os.path.join(folder, name), real)
    return files


def _is_environment(folder: str) -> bool:
    """Whether a folder is an environment of Python's, into which nothing of the application's was put."""
    if os.path.exists(os.path.join(folder, "conda-meta")):
        return True
    if not os.path.exists(os.path.join(folder, "pyvenv.cfg")):
        return False
    return _OF_ENVIRONMENTS.issuperset(name.lower() for name in os.listdir(folder))


def excluded(path: str, globs: Sequence[str]) -> bool:
    """Whether a glob names a relative path, one of its folders, or (without a slash) its last part."""
    parts = path.split("/")
    for glob in globs:
        wanted = glob.strip("/").removesuffix("/**")
        if "/" not in wanted and any(fnmatchcase(part, wanted) for part in parts):
            return True
        if any(fnmatchcase("/".join(parts[:size]), wanted) for size in range(1, len(parts) + 1)):
            return True
    return False


def _sort(files: Files, relative: str, path: str, real: str) -> None:
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        files.links[relative] = not _inside(real, path)
    elif not stat.S_ISREG(mode):
        files.odd.append(relative)
    elif relative.endswith(".py"):
        files.python.append(relative)
    else:
        files.data.append(relative)


def _inside(real: str, path: str) -> bool:
    """Whether a link leads to something that exists below the folder."""
    target = os.path.realpath(path)
    return os.path.exists(target) and (target == real or target.startswith(real + os.sep))
