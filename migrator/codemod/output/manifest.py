"""What a folder that we wrote says of itself: which files are ours, and what we put in those that hands have changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: It lies in the folder itself.
MANIFEST = ".migrator.json"
#: Beside it, where hands have changed files of ours: these files as we last made them.
BASES = ".migrator.bases.json"


def read_manifest(folder: Path) -> dict[str, str]:
    """Hashes by relative path; empty where there is no manifest that can be read."""
    try:
        return {str(k): str(v) for k, v in _files(folder / MANIFEST).items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}


def read_bases(folder: Path) -> dict[str, bytes]:
    """What we last put into files that hands have changed, by relative path; empty where nothing says so."""
    try:
        lines = _files(folder / BASES).items()
        return {str(k): "\n".join(v).encode("utf-8", "surrogateescape") for k, v in lines}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}


def manifest_bytes(hashes: Mapping[str, str]) -> bytes:
    """The manifest's text. No time and no absolute path: the same source gives the same bytes."""
    return _dumped(dict(hashes))


def bases_bytes(bases: Mapping[str, bytes]) -> bytes:
    """The text of what `read_bases` reads: line by line, so that a review shows what has changed."""
    texts = {path: data.decode("utf-8", "surrogateescape") for path, data in bases.items()}
    return _dumped({path: text.split("\n") for path, text in texts.items()})


def _files(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))["files"]  # type: ignore[no-any-return]


def _dumped(files: Mapping[str, object]) -> bytes:
    made = {"written_by": "migrator codemod", "version": 1, "files": files}
    return (json.dumps(made, indent=1, sort_keys=True) + "\n").encode()
