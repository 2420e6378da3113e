"""The recorder of lazy loads: which relationship was loaded late, for which query, from where.

It runs inside the *legacy* application, on sync SQLAlchemy 1.4 to 2.1, and needs nothing but
SQLAlchemy and the standard library: `migrator trace run` puts a copy of this package under another
name on the path of an environment where migrator is not installed. Imports are relative for that
reason, and nothing is imported before it is used: the pytest plugin is loaded in every test run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def recording(
    file: str | os.PathLike[str],
    *,
    root: str | os.PathLike[str] | None = None,
    append: bool = False,
) -> Iterator[None]:
    """Record the lazy loads of everything that runs meanwhile, in all threads; writes `file`.

    `root` (default: the current folder) is the application's: code outside of it, tests and
    installed packages are never named. With `append` the evidence that `file` holds is kept.
    """
    from .recorder import Recorder
    from .tracefile import write

    recorder = Recorder(Path(root) if root is not None else Path.cwd())
    recorder.start()
    try:
        yield
    finally:
        recorder.stop()
        write(Path(file), recorder.evidence(), append=append)
