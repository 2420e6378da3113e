"""Rewriting files in several processes.

The processes are forked when the analysis is done, so that each of them has all of it, and nothing
but the new texts travels. Where a system can't fork safely, one process does everything.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from migrator.codemod.renaming import Renaming
from migrator.codemod.rewriting.module import rewritten
from migrator.codemod.uncollected import uncollected
from migrator.codemod.work import Rewritten, Work
from migrator.errors import WorkerDied

#: Characters of source below which a process costs more than it brings.
SHARE = 60_000
#: macOS has `fork`, but its system libraries don't survive it.
_CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"

_Progress = Callable[[str, int, int], None]
_Done = tuple[str, Rewritten]


def rewrite_all(
    works: Sequence[Work], renaming: Renaming, jobs: int, progress: _Progress | None
) -> dict[str, Rewritten]:
    """What becomes of each file, by path. Raises WorkerDied where a process was ended.

    `jobs` is how many processes there may be, 0 for as many as this process may use cores.
    """
    size = sum(len(work.module.source.text) for work in works)
    jobs = min(jobs or _cores(), size // SHARE, len(works)) if _CAN_FORK else 1
    done = _here(works, renaming) if jobs < 2 else _elsewhere(works, renaming, jobs)
    found: dict[str, Rewritten] = {}
    for path, result in done:
        found[path] = result
        if progress is not None:
            progress(path, len(found), len(works))
    return found


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _here(works: Sequence[Work], renaming: Renaming) -> Iterator[_Done]:
    for work in works:
        yield work.module.path, rewritten(work, renaming)


def _elsewhere(works: Sequence[Work], renaming: Renaming, jobs: int) -> Iterator[_Done]:
    # What each child would load for itself.
    from migrator.codemod.rewriting import parsed, splice  # noqa: F401

    readers: dict[Connection, BaseProcess] = {}
    missing = {work.module.path for work in works}
    # In the children as well: a collection would copy the pages that all processes share.
    with uncollected(), warnings.catch_warnings():
        # The progress bar's thread holds nothing that a child needs.
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*fork")
        try:
            for part in _parts(works, jobs):
                reader, process = _started(part, renaming, list(readers))
                readers[reader] = process
            while readers:
                for ready in wait(list(readers)):
                    assert isinstance(ready, Connection)
                    try:
                        path, result = ready.recv()
                    except EOFError:
                        ready.close()
                        readers.pop(ready).join()
                        continue
                    missing.discard(path)
                    yield path, result
        finally:
            for reader, process in readers.items():
                process.kill()
                process.join()
                reader.close()
    if missing:
        raise WorkerDied(
            f"A process that rewrote files has ended before its time ({len(missing)} left to do).",
            "Something killed it, as systems do when memory runs out. Nothing was written.",
            "Run it again with --jobs 1.",
        )


def _parts(works: Sequence[Work], jobs: int) -> list[list[Work]]:
    """Shares of about the same size, the largest files first."""
    shares: list[list[Work]] = [[] for _ in range(jobs)]
    sizes = [0] * jobs
    for work in sorted(works, key=lambda w: -len(w.module.source.text)):
        least = sizes.index(min(sizes))
        shares[least].append(work)
        sizes[least] += len(work.module.source.text)
    return shares


def _started(
    works: Sequence[Work], renaming: Renaming, others: Sequence[Connection]
) -> tuple[Connection, BaseProcess]:
    reader, writer = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("fork")
    process = context.Process(
        target=_work, args=(works, renaming, writer, [reader, *others]), daemon=True
    )
    process.start()
    # The child alone holds it now: its end is the end of the pipe.
    writer.close()
    return reader, process


def _work(
    works: Sequence[Work], renaming: Renaming, writer: Connection, others: Sequence[Connection]
) -> None:
    """What a child does: it says nothing on its own account, and ends with its parent.

    It leaves without flushing the standard streams: a thread of the parent's, such as the progress
    bar's, may have held their locks when the child was forked, and nobody gives them back here.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        # Whoever reads must be the parent alone, or its death would go unnoticed.
        other.close()
    try:
        for done in _here(works, renaming):
            writer.send(done)
        writer.close()
    finally:
        os._exit(0)
