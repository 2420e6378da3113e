"""Where the results of earlier runs are kept: with the user's other caches, never in a repository.

What lies in a repository may have been written by anybody.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "MIGRATOR_CACHE_DIR"


def cache_home() -> Path | None:
    """The folder that `MIGRATOR_CACHE_DIR` names, or the platform's own; None where there is none."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(os.path.abspath(given))
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return (
            Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
            / "migrator"
            / "Cache"
        )
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "migrator"
    set_up = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The specification: a relative path is to be ignored.
    return (set_up if set_up.is_absolute() else home / ".cache") / "migrator"
