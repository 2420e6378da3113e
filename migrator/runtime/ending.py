"""The end of a server's process: with what `atexit` was given and the jobs of threads, as gunicorn's workers end.

uvicorn sends itself the SIGTERM again that it has stopped for, which ends Python where it is:
https://github.com/Kludex/uvicorn/pull/1600.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from pathlib import Path
from typing import Any

#: Whose processes have no handler of their own for SIGTERM.
_SERVERS = {"uvicorn", "gunicorn", "fastapi"}


def end_as_python_does() -> None:
    """To be called when the application's lifespan ends: let uvicorn return, and the process exit.

    Not in a script that calls `uvicorn.run()`: it may have a handler, which is to have the signal.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    captured: Any = getattr(server, "_captured_signals", None)
    if isinstance(captured, list) and _is_servers():
        captured[:] = [number for number in captured if number != signal.SIGTERM]


def _is_servers() -> bool:
    """Whether a server's command is what runs here, or has started this process."""
    if multiprocessing.parent_process() is not None:
        return True
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return not _SERVERS.isdisjoint(
        {getattr(spec, "name", "").partition(".")[0], Path(sys.argv[0]).stem}
    )


__all__ = ["end_as_python_does"]
