"""What git knows of the folder to convert: where it lies, and whether a conversion could be undone."""

from __future__ import annotations

from pathlib import Path

from migrator.errors import DirtyTreeError
from migrator.index.git import git

_HINT = "Commit or stash first, use --out DIR, or add --force."
_SHOWN = 3


def check_clean(root: Path) -> None:
    """Raise DirtyTreeError unless `root` lies in a git work tree without uncommitted changes.

    Files that git does not know count only below `root`: nothing else is written.
    """
    try:
        top = git(root, "rev-parse", "--show-toplevel")
        if top is None:
            raise DirtyTreeError(
                f"--write would change {root} in place.",
                "It lies in no git repository, so that nothing could undo it.",
                "Use --out DIR, or add --force.",
            )
        changed = git(root, "status", "--porcelain", "--untracked-files=no") or ""
        unknown = git(root, "status", "--porcelain", "--", ".") or ""
    except FileNotFoundError:
        raise DirtyTreeError(
            f"--write would change {root} in place.",
            "There is no git here to tell whether that could be undone.",
            "Install git, use --out DIR, or add --force.",
        ) from None
    paths = dict.fromkeys(line[3:] for line in (changed + unknown).splitlines())
    if paths:
        shown = ", ".join(list(paths)[:_SHOWN])
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        raise DirtyTreeError(
            f"--write would change {root} in place.",
            f"Its git repository has changes that are not committed: {shown}{more}.",
            _HINT,
        )


def place(root: Path) -> str:
    """Where `root` lies in its git work tree, `src/shop/`; "" for its top, or without a work tree."""
    try:
        return (git(root, "rev-parse", "--show-prefix") or "").removesuffix("\n")
    except FileNotFoundError:
        return ""
