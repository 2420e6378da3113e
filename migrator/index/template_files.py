"""Which files are templates, and the names that they are rendered by.

Flask looks in `templates` beside the application's module, and beside a blueprint's. `template_folder` and Jinja's loaders
name other folders, which may lie outside of the one that is scanned. Whose a folder is isn't asked: a name that
several have is as good as any of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from migrator.index.files import list_files

_FOLDER = "templates"
#: What a folder follows, and how far behind it may stand.
_SAID = re.compile(r"template_folder\s*=|Loader\(")
_REACH = 160
_TEXT = re.compile(r"""["']([\w./ -]+)["']""", re.ASCII)


def named_folders(root: Path, path: str, text: str) -> set[str]:
    """The folders that a source names as such of templates, relative to `root`: `pages`, `../templates`.

    A path in it may be relative to its own folder, to `root`, or to the folder that `root` lies in.
    """
    found: set[str] = set()
    for name in {*_names(text)}:
        for base in (os.path.dirname(path), "", ".."):
            folder = os.path.normpath(os.path.join(base, name.strip("/"))).replace(os.sep, "/")
            above = Path(os.path.abspath(root)).is_relative_to(os.path.abspath(root / folder))
            if not above and (root / folder).is_dir():
                found.add(folder)
    return found


def _names(text: str) -> Iterator[str]:
    for said in _SAID.finditer(text):
        behind = text[said.end() : said.end() + _REACH].partition("static_")[0]
        yield from _TEXT.findall(behind)
    if "templ" in text.lower():
        yield from (name for name in _TEXT.findall(text) if "templ" in name.lower())


def template_files(
    root: Path, data: Iterable[str], named: Iterable[set[str]]
) -> dict[str, list[str]]:
    """The paths of templates, relative to `root`, by each name that one may be rendered by.

    `data` are the files below `root`, `named` the folders that its sources name. The folder `templates` beside `root`,
    which an application in a script has, is asked for what no other one has.
    """
    found: dict[str, list[str]] = {}
    folders = sorted(set[str]().union(*named))
    for path in data:
        parts = path.split("/")
        inside = (n + 1 for n, part in enumerate(parts[:-1]) if part == _FOLDER)
        names = ["/".join(parts[n:]) for n in inside]
        names += [path.removeprefix(f"{f}/") for f in folders if path.startswith(f"{f}/")]
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append(path)
    for folder in folders:
        for name in _outside(root, folder):
            found.setdefault(name, []).append(f"{folder}/{name}")
    for name in _outside(root, f"../{_FOLDER}"):
        found.setdefault(name, [f"../{_FOLDER}/{name}"])
    return found


def _outside(root: Path, folder: str) -> list[str]:
    outside = folder.startswith("../") and (root / folder).is_dir()
    return list_files(root / folder, ()).data if outside else []


def as_rendered(name: str) -> str:
    """A name as Jinja reads it (`split_template_path`): without empty parts and dots."""
    return "/".join(part for part in name.split("/") if part not in {"", "."})
