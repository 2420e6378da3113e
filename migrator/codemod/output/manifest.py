"""The manifest of a folder that we wrote: which files are ours, and what was in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

#: It lies in the folder itself.
MANIFEST = ".migrator.json"


def read_manifest(folder: Path) -> dict[str, str]:
    """Hashes by relative path; empty where there is no manifest that can be read."""
    try:
        read = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {str(k): str(v) for k, v in read["files"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}


def manifest_bytes(hashes: Mapping[str, str]) -> bytes:
    """The manifest's text. No time and no absolute path: the same source gives the same bytes."""
    made = {"written_by": "migrator codemod", "version": 1, "files": dict(hashes)}
    return (json.dumps(made, indent=1, sort_keys=True) + "\n").encode()
