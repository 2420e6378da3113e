"""Digests of everything that a conversion is made from: this tool, and the folder it reads."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import migrator
from migrator.codemod.output.manifest import MANIFEST
from migrator.index.beside import files_beside, outside
from migrator.index.files import DOCUMENTS, list_files
from migrator.index.installed import READ
from migrator.index.requirements import requirements_files
from migrator.index.settings_files import settings_files
from migrator.index.template_files import named_folders, template_files

#: Libraries whose parsers decide what is read and written.
_PARSERS = ("libcst", "jinja2")


@cache
def tool() -> str:
    """A digest of migrator's own sources, of Python, of the parsers and of whose names a star gives.

    "" where the sources can't be read: then nothing says that two runs are of the same tool.
    """
    home = os.path.dirname(migrator.__file__)
    sources = sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(home)
        for name in names
        if name.endswith(".py")
    )
    if not sources:
        return ""
    hasher = hashlib.sha256()
    _feed(
        hasher,
        (sys.version, sys.implementation.cache_tag or "", *map(_version, (*_PARSERS, *READ))),
    )
    for path in sources:
        _feed(hasher, (os.path.relpath(path, home),))
        with open(path, "rb") as file:
            hasher.update(hashlib.sha256(file.read()).digest())
    return hasher.hexdigest()


def folder(root: Path, exclude: Sequence[str] = ()) -> str:
    """A digest of what the codemod reads below `root`, of the names of what it copies, and of what is required.

    Of data it reads templates, files of settings that a source
    names, and, where connexion is mentioned, what may be an OpenAPI document. It reads what lies beside
    `root` and may call it.
    """
    files = list_files(root, exclude)
    hasher, real = hashlib.sha256(), root.resolve()
    # Links and excluded files are not read, but whether these two are there is.
    _feed(hasher, (root.name, *(str((root / n).exists()) for n in ("__init__.py", MANIFEST))))
    read: list[str] = []
    for paths in (files.python, files.data, files.odd):
        _feed(hasher, ("files", *paths))
    _feed(hasher, (f"{path} {out}" for path, out in files.links.items()))
    connexion = False
    folders = []
    for path in files.python:
        data = _data(root / path)
        folders.append(named_folders(real, path, data.decode("utf-8", "replace")))
        connexion = connexion or b"connexion" in data
        read += settings_files([data], files.data)
        hasher.update(hashlib.sha256(data).digest())
    for name, paths in template_files(real, files.data, folders).items():
        _feed(hasher, (name, *paths))
        read += paths
    if connexion:
        read += [p for p in files.data if p.endswith(DOCUMENTS)]
    listed = outside(real)
    _feed(hasher, ("outside", *listed))
    for file, data in files_beside(real, exclude, listed).items():
        _feed(hasher, ("beside", str(file)))
        hasher.update(hashlib.sha256(data).digest())
    for path in (*read, *map(str, requirements_files(real))):
        _feed(hasher, (path,))
        hasher.update(hashlib.sha256(_data(root / path)).digest())
    return hasher.hexdigest()


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        return f"can't be read: {error.strerror}".encode()


def _feed(hasher: hashlib._Hash, texts: Iterable[str]) -> None:
    for text in texts:
        data = text.encode("utf-8", "surrogateescape")
        hasher.update(b"%d:%b" % (len(data), data))
    hasher.update(b";")


def _version(name: str) -> str:
    """Which release of a distribution is there: the name of the folder beside it that says so."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return ""
    beside = os.listdir(os.path.dirname(os.path.dirname(spec.origin)))
    folders = (n for n in beside if n.lower().startswith(f"{name}-") and n.endswith(".dist-info"))
    if told := " ".join(sorted(folders)):
        return told
    # It is installed in another way. This takes longer to import than everything else here takes.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""
