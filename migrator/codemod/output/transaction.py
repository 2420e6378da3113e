"""Writing many files as one: all of them or none, whatever interrupts.

Everything new is written beside the folder first and flushed to the disk, so that a full disk or a
Ctrl-C finds nothing begun. Only then files are renamed into place, with the old ones kept until the
last one is there. What a killed process leaves behind is undone by the next run.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from migrator.codemod.output.files import OutputFile

_JOURNAL = "journal.json"


class Busy(OSError):
    """Another process is writing the same folder."""


def write_all(target: Path, files: Sequence[OutputFile], remove: Sequence[str] = ()) -> None:
    """Write `files` below `target` and remove others, all or none.

    `target` may be missing or empty; its parents are made. Raises OSError with everything as it was
    before (Busy where another process is at it).
    """
    made = _make_parents(target.parent)
    stage = target.parent / f".{target.name}.migrator"
    try:
        with _locked(stage):
            recover(target, stage)
            for file in files:
                _stage(stage / "new", file)
            if not target.exists() or not any(target.iterdir()):
                (stage / "new").mkdir(exist_ok=True)
                with _undisturbed():
                    (stage / "new").rename(target)
                    _sync(target.parent)
                made.clear()
            else:
                _replace(target, stage, files, remove)
    finally:
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()


def recover(target: Path, stage: Path) -> None:
    """Undo what a killed process began; then the stage is empty."""
    journal = stage / _JOURNAL
    if journal.exists():
        with _undisturbed():
            _restore(target, stage, json.loads(journal.read_text()))
            journal.unlink()
    for name in ("new", "old"):
        shutil.rmtree(stage / name, ignore_errors=True)


def _replace(target: Path, stage: Path, files: Sequence[OutputFile], remove: Sequence[str]) -> None:
    """Rename staged files over those of a folder, or put everything back."""
    wanted = [f.path for f in files]
    replaced = [p for p in (*wanted, *remove) if os.path.lexists(target / p)]
    for path in replaced:
        _keep(target / path, stage / "old" / path)
    journal: dict[str, list[str]] = {
        "replaced": replaced,
        "created": [p for p in wanted if p not in set(replaced)],
        "folders": _missing_folders(target, wanted),
    }
    _write(stage / _JOURNAL, json.dumps(journal).encode())
    with _undisturbed():
        try:
            for folder in journal["folders"]:
                (target / folder).mkdir()
            for path in wanted:
                os.replace(stage / "new" / path, target / path)
            for path in remove:
                (target / path).unlink(missing_ok=True)
        except BaseException:
            _restore(target, stage, journal)
            (stage / _JOURNAL).unlink()
            raise
        (stage / _JOURNAL).unlink()
    for path in remove:
        _prune(target, (target / path).parent)


def _restore(target: Path, stage: Path, journal: dict[str, Any]) -> None:
    for path in journal["replaced"]:
        if os.path.lexists(stage / "old" / path):
            os.replace(stage / "old" / path, target / path)
    for path in journal["created"]:
        # The folder that it was to lie in may be somebody's file.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            (target / path).unlink()
    for folder in reversed(journal["folders"]):
        with contextlib.suppress(OSError):
            (target / folder).rmdir()


def _keep(path: Path, copy: Path) -> None:
    """A second name for a file, or a copy where the file system has no such thing."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, copy, follow_symlinks=False)
    except OSError:
        shutil.copy2(path, copy, follow_symlinks=False)


def _missing_folders(target: Path, paths: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for path in paths:
        parents = [p.as_posix() for p in Path(path).parents][:-1]
        found.update((p, None) for p in reversed(parents) if not (target / p).exists())
    return list(found)


def _prune(target: Path, folder: Path) -> None:
    """Take away folders that have become empty."""
    while folder != target:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _stage(folder: Path, file: OutputFile) -> None:
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if file.link is not None:
        path.symlink_to(file.link)
        return
    if file.source is not None:
        with file.source.open("rb") as source, path.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
            # What a browser has kept of a static file stays valid: its Last-Modified is this.
            about = os.fstat(source.fileno())
            os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
            os.fsync(copy.fileno())
    else:
        _write(path, file.data or b"")
    path.chmod(file.mode)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    """Make a rename in a folder last; not every system can."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _make_parents(folder: Path) -> list[Path]:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir()
    return missing[::-1]


@contextlib.contextmanager
def _locked(stage: Path) -> Iterator[None]:
    """Hold the stage for this process; it is gone afterwards, unless it still has to undo things."""
    stage.mkdir(exist_ok=True)
    number = os.open(stage, os.O_RDONLY)
    try:
        _lock(number)
        try:
            yield
        finally:
            if not (stage / _JOURNAL).exists():
                shutil.rmtree(stage, ignore_errors=True)
    finally:
        os.close(number)


def _lock(number: int) -> None:
    try:
        import fcntl
    except ImportError:  # pragma: no cover  # no such lock on this system: one process is assumed
        return
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Busy("another process is writing there") from error


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """A Ctrl-C waits until the few renames are done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[tuple[int, FrameType | None]] = []
    old = signal.signal(signal.SIGINT, lambda number, frame: waiting.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, old)
    if waiting and callable(old):
        old(*waiting[0])
