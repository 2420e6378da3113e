"""Files of the repository that lie beside the scanned folder: scripts, `manage.py`, `wsgi.py`.

They import what the folder has and are no part of it: they are read, and never converted.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from migrator.index.apart import is_test, lies_with_tests
from migrator.index.binder import Binder
from migrator.index.definitions import Module
from migrator.index.files import excluded
from migrator.index.git import git
from migrator.index.project import Project
from migrator.index.source import read_source


def files_beside(root: Path, exclude: Sequence[str], listed: Sequence[str]) -> dict[Path, bytes]:
    """The files `listed` outside of `root`, with what is in them.

    Tests are left out, and what a glob of `exclude` names; of a package, what doesn't speak of it.
    """
    package = (root / "__init__.py").exists()
    said = re.compile(rb"\b%b\b" % re.escape(root.name.encode()) if package else rb"\bimport\b")
    found: dict[Path, bytes] = {}
    for path in listed:
        if lies_with_tests(path) or excluded(path, exclude):
            continue
        file = Path(os.path.normpath(root / path))
        data = data_of(file)
        if said.search(data):
            found[file] = data
    return found


def outside(root: Path) -> list[str]:
    """Paths of the Python files that git tracks outside of `root`, relative to it: `../bin/nightly.py`.

    Where git tracks none at all, these are the files in the folder that `root` lies in: what is further away may be
    anything.
    """
    try:
        # From the top of the work tree.
        listed = git(root, "ls-files", "-z", "--", ":/*.py")
    except FileNotFoundError:
        listed = None
    if not listed:
        return sorted(f"../{file.name}" for file in root.parent.glob("*.py"))
    return [path for path in listed.split("\0") if path.startswith("../")]


def importable_beside(root: Path) -> dict[str, str]:
    """The paths of modules outside of `root`, relative to it, by the names that imports may have for them.

    They may be found from any folder above: `from main import db`, `from shop.models import db`.
    """
    listed = [path for path in outside(root) if not lies_with_tests(path)]
    height = max((path.count("../") for path in listed), default=0)
    # A package is imported from the folder that it lies in.
    while height and (root.parents[height - 1] / "__init__.py").exists():
        height += 1
    found: dict[str, str] = {}
    for top in root.parents[:height]:
        for path in listed:
            whole = Path(os.path.normpath(root / path)).with_suffix("")
            whole = whole.parent if whole.name == "__init__" else whole
            if whole != top and whole.is_relative_to(top):
                found.setdefault(".".join(whole.relative_to(top).parts), path)
    return found


def data_of(file: Path) -> bytes:
    """What is in a file; nothing where it can't be read."""
    try:
        return file.read_bytes()
    except OSError:
        # A file that was deleted and is tracked still, a link that leads nowhere.
        return b""


def modules_beside(project: Project) -> list[Module]:
    """The modules beside a project that import something of it; it knows nothing of them.

    What they import of it has the name that the project has for it. Their own names are their paths, which are
    relative to the project's folder, as all paths are: `../bin/nightly.py`.
    """
    root = project.root.resolve()
    files = files_beside(root, project.exclude, outside(root))
    top = Path(os.path.commonpath([root.parent, *files]))
    found = (_module(_Names(project, root, top, file), file) for file in files)
    return [module for module in found if module is not None and not is_test(module)]


def _module(names: _Names, file: Path) -> Module | None:
    path = Path(os.path.relpath(file, names.root)).as_posix()
    source = read_source(names.top, file)
    if source.tree is None or path in names.project.unread:
        return None
    parts = source.path.removesuffix(".py").split("/")
    is_package = parts[-1] == "__init__"
    module = Module(".".join(parts[:-1] if is_package else parts), is_package, source)
    ours = [names.spoken(node, module) for node in module.of(ast.ImportFrom)]
    ours += [names.said(alias) for node in module.of(ast.Import) for alias in node.names]
    if not any(ours):
        return None
    module.source, module.name = replace(source, path=path), path
    Binder(module).bind()
    return module


class _Names:
    """What the names of modules mean in a file beside the project; `top` is the topmost folder that is looked at."""

    def __init__(self, project: Project, root: Path, top: Path, file: Path) -> None:
        self.project, self.root, self.top = project, root, top
        self._above = [root, *(f for f in root.parents if f.is_relative_to(top))]
        self._file = file

    def spoken(self, node: ast.ImportFrom, module: Module) -> bool:
        """Whether an import is of the project; it gets the name that the project has, or one that it has not."""
        name = module.absolute(node.module, node.level)
        found = self._of(name)
        node.module, node.level = found or self._foreign(name), 0
        return found is not None

    def said(self, alias: ast.alias) -> bool:
        """The same of `import a.b`, and of `import a.b as c`."""
        found = self._of(alias.name)
        if found is None or not (alias.asname or found == alias.name):
            alias.name = self._foreign(alias.name)
            return False
        alias.name = found
        return True

    def _foreign(self, name: str) -> str:
        """The name of a module of somebody else's, as no module of the project is called."""
        return f"beside:{name}" if name.partition(".")[0] in self.project.tops else name

    def _of(self, name: str) -> str | None:
        """The project's name for a module; None for one of somebody else's."""
        project = self.project
        if not self._is_near(name.partition(".")[0]):
            return None
        if not project.package:
            return name if name in project.modules or name in project.folders else None
        for number in range(max(1, len(self._above) - 1)):
            whole = ".".join(f.name for f in self._above[number::-1])
            if name == whole or name.startswith(f"{whole}."):
                return f"{project.package}{name.removeprefix(whole)}"
        return None

    def _is_near(self, first: str) -> bool:
        """Whether no other folder of that name is nearer: a repository may hold several."""
        for folder in self._file.parents:
            near = folder / first
            if near.is_dir() or near.with_suffix(".py").is_file():
                return near in self._above or near.is_relative_to(self.root)
            if folder == self.top:
                break
        return True
