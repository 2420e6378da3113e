"""A folder with modules, on the disk and read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from migrator.index.project import Project


def project(folder: Path, texts: Mapping[str, str], name: str = "src") -> Project:
    """The project `folder/name` of these files."""
    root = folder / name
    for file, text in texts.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Project(root)
