"""What identifies the contents of a file, in the manifest and on the disk."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from migrator.codemod.output.files import OutputFile


def hash_of(file: OutputFile) -> str:
    """The hash of what is to be written."""
    if file.link is not None:
        return f"link:{file.link}"
    if file.source is not None:
        return hash_at(file.source)
    return hash_of_bytes(file.data or b"")


def hash_at(path: Path) -> str:
    """The hash of what stands at a path; "" for nothing."""
    if path.is_symlink():
        return f"link:{os.readlink(path)}"
    if not path.is_file():
        return "folder" if path.is_dir() else ""
    with path.open("rb") as opened:
        return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"


def hash_of_bytes(data: bytes) -> str:
    """The hash of a file with these bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
