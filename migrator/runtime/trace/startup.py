"""Starts the recorder in every Python below `migrator trace run`, and writes its part at the end."""

from __future__ import annotations

import atexit
import os
import uuid
from pathlib import Path

#: The name under which the command copies this package.
COPY = "_migrator_trace_recorder"
#: The environment: the folder that each process leaves its part in, the application's root.
PARTS, ROOT = "MIGRATOR_TRACE_PARTS", "MIGRATOR_TRACE_ROOT"

#: What a Python imports when it starts; a sitecustomize of the environment's own comes after it.
SITECUSTOMIZE = f"""\
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
try:
    from {COPY}.startup import start

    start()
except ImportError:
    pass  # no SQLAlchemy here
_path, sys.path[:] = sys.path[:], [p for p in sys.path if os.path.abspath(p) != _here]
_ours = sys.modules.pop("sitecustomize", None)
try:
    import sitecustomize
except ImportError:
    sys.modules["sitecustomize"] = _ours
finally:
    sys.path[:] = _path
"""


def start() -> None:
    """Record until the interpreter ends; raises ImportError where there is no SQLAlchemy."""
    from .recorder import Recorder
    from .tracefile import write

    parts = Path(os.environ[PARTS])
    recorder = Recorder(Path(os.environ[ROOT]))
    recorder.start()

    @atexit.register
    def finish() -> None:
        recorder.stop()
        write(parts / f"{uuid.uuid4().hex}.json", recorder.evidence())
