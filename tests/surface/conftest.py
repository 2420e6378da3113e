"""Small projects on disk, and the surface read from them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from migrator.index.project import Project
from migrator.surface import FrameChoice, Surface
from migrator.surface.read import read_surface

Read: TypeAlias = Callable[..., Surface]
Write: TypeAlias = Callable[[dict[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files below a fresh folder and return it."""

    def files_written(files: dict[str, str]) -> Path:
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return tmp_path

    return files_written


@pytest.fixture
def read(write: Write) -> Read:
    """The surface of an application with the given files; it must have one."""

    def surface(
        files: dict[str, str],
        app: str = "",
        frame: FrameChoice = "fastapi",
        keep: tuple[str, ...] = (),
    ) -> Surface:
        found = read_surface(Project(write(files)), app, frame, keep)
        assert found is not None
        return found

    return surface
