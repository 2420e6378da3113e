"""The folder that the demo works in: a copy of the sample application, and room for the rest.

Nothing is written into the checkout: the copy has its own instance folder, and what is kept with
`--keep` can be run as it stands.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from migrator.errors import CheckoutNeeded, OutputError

LEGACY = "legacy_app"
TARGET = "target_app"
CASES = "cases"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything lies, all below `folder`."""

    folder: Path

    @property
    def legacy(self) -> Path:
        """The application that is converted."""
        return self.folder / LEGACY

    @property
    def target(self) -> Path:
        """What becomes of it."""
        return self.folder / TARGET

    @property
    def cases(self) -> Path:
        """The requests that both are asked."""
        return self.folder / CASES


def checkout() -> Path:
    """The folder that holds the sample application and its cases; raises CheckoutNeeded."""
    for root in (Path(__file__).parents[2], Path.cwd()):
        if (root / LEGACY / "__init__.py").is_file() and (root / CASES).is_dir():
            return root
    raise CheckoutNeeded(
        f"There is no {LEGACY}/ with its {CASES}/.",
        "The demo shows the sample application of the repository, which no wheel carries.",
        "Run it in a clone: git clone the repository, then `make demo` in it.",
    )


@contextlib.contextmanager
def workspace(root: Path, keep: Path | None) -> Iterator[Workspace]:
    """A folder with a copy of the sample application, removed at the end unless it is to be kept.

    Raises OutputError where `keep` can't be used, before anything is written.
    """
    if keep is not None:
        yield _filled(root, _empty(keep))
        return
    folder = Path(tempfile.mkdtemp(prefix="migrator-demo-"))
    try:
        yield _filled(root, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _empty(keep: Path) -> Path:
    folder = keep.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(
            f"--keep {keep} is there already and is no empty folder.",
            "The demo would mix its files with those in it.",
            "Name a folder that doesn't exist yet.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"--keep {keep} can't be made.",
            f"The system says: {error.strerror or error}.",
            "Name another folder.",
        ) from None
    return folder


def _filled(root: Path, folder: Path) -> Workspace:
    unwanted = shutil.ignore_patterns("__pycache__", "instance")
    shutil.copytree(root / LEGACY, folder / LEGACY, ignore=unwanted)
    shutil.copytree(root / CASES, folder / CASES)
    return Workspace(folder)
