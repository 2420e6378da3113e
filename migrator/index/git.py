"""What git knows of a folder."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> str | None:
    """What git prints in a folder, None where it refuses; raises FileNotFoundError without git."""
    data = git_bytes(folder, *arguments)
    return None if data is None else data.decode("utf-8", "replace")


def git_bytes(folder: Path, *arguments: str) -> bytes | None:
    """The bytes that git prints, as `git`.

    Without optional locks: a Ctrl-C would leave `index.lock` behind, and git unusable. And without a monitor of
    the file system, which is a program that the repository names.
    """
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(folder)]
    done = subprocess.run([*command, *arguments], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None
