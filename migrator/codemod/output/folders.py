"""Writing a conversion: into a folder of its own, or over the source.

A folder written by us holds a manifest of what was written. A later run replaces exactly those
files: what somebody added beside them stays, and what somebody changed is not overwritten unasked.
"""

from __future__ import annotations

import hashlib
import keyword
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from migrator.codemod.output.files import OutputFile
from migrator.codemod.output.manifest import MANIFEST, manifest_bytes, read_manifest
from migrator.codemod.output.transaction import Busy, write_all
from migrator.errors import OutputError
from migrator.frozen import frozen

_SHOWN = 5


@frozen
class Written:
    """What a run wrote, by relative path; `same` were there already, byte for byte."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything had to be done."""
        return bool(self.created or self.changed or self.removed)


def check_out(root: Path, out: Path) -> None:
    """Raise OutputError where no package of `root` can be written to `out`, whatever is in it."""
    source, target = Path(os.path.realpath(root)), Path(os.path.realpath(out))
    if target == source:
        raise OutputError(
            f"--out {out} is PATH itself.",
            "The new package would overwrite the one that it is made from.",
            "Name another folder, or use --write to convert in place.",
        )
    if target.is_relative_to(source):
        raise OutputError(
            f"--out {out} lies inside PATH.",
            "The next run would read its own output.",
            "Name a folder beside PATH.",
        )
    if source.is_relative_to(target):
        raise OutputError(
            f"--out {out} holds PATH.",
            "The new package would be written around its own source.",
            "Name a folder beside PATH.",
        )
    name = target.name
    if not name.isidentifier() or keyword.iskeyword(name):
        guess = "".join(c if c.isalnum() else "_" for c in name).strip("_") or "target_app"
        if not guess.isidentifier() or keyword.iskeyword(guess):
            guess = f"{guess}_app" if guess.isidentifier() else f"app_{guess}"
        raise OutputError(
            f"--out {out}: {name!r} is no package name.",
            "The last part of DIR is the name by which the new package is imported.",
            f"Name it like {str(out.with_name(guess))!r}.",
        )
    if target.exists() and not target.is_dir():
        raise OutputError(
            f"--out {out} is a file.",
            "A package is a folder.",
            "Name a folder that doesn't exist yet.",
        )


def check_contents(out: Path, *, force: bool) -> None:
    """Raise OutputError where `out` can't be made or holds files and none of them is ours."""
    above = Path(os.path.realpath(out))
    while not os.path.lexists(above):
        above = above.parent
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise OutputError(
            f"--out {out} can't be written.",
            f"{above} is {'not writable' if above.is_dir() else 'a file'}.",
            "Name another folder, or change the permissions.",
        )
    if force or not out.is_dir() or (out / MANIFEST).is_file() or not any(out.iterdir()):
        return
    raise OutputError(
        f"--out {out} holds files that migrator did not write.",
        f"It is not empty and has no {MANIFEST}.",
        "Name another folder, or add --force to write into this one; other files in it stay.",
    )


def write_package(out: Path, files: Sequence[OutputFile], *, force: bool = False) -> Written:
    """Write the new package, all files or none.

    Raises OutputError, with everything as it was, where the folder is not ours, where files of an
    earlier run were changed by hand (unless `force`), or where the system does not let us.
    """
    out = Path(os.path.realpath(out))
    try:
        check_contents(out, force=force)
        plan, hashes = plan_package(out, files)
        if not force:
            _refuse_changed(out, plan)
        if not plan.differs:
            return plan
        wanted = {*plan.created, *plan.changed}
        manifest = OutputFile(MANIFEST, data=manifest_bytes(hashes))
        write_all(out, [*(f for f in files if f.path in wanted), manifest], plan.removed)
    except Busy as error:
        raise OutputError(
            f"--out {out} is in use.", "Another run is writing it.", "Wait for it to end."
        ) from error
    except OSError as error:
        raise unwritable(f"--out {out}", error) from error
    return plan


def write_in_place(root: Path, files: Sequence[OutputFile]) -> Written:
    """Write changed files over their originals, all or none; OutputError as `write_package`."""
    try:
        if files:
            write_all(Path(os.path.realpath(root)), [_owned(root, f) for f in files])
    except OSError as error:
        raise unwritable(f"{root}", error) from error
    return Written(changed=tuple(f.path for f in files))


def plan_package(out: Path, files: Sequence[OutputFile]) -> tuple[Written, dict[str, str]]:
    """What writing would do, and the hash of each file; nothing is written."""
    known = read_manifest(out)
    hashes = {f.path: _hash(f) for f in files}
    created, changed, same = [], [], []
    for file in files:
        there = _hash_of(out / file.path)
        if not there:
            created.append(file.path)
        elif there != hashes[file.path] or _mode_differs(out / file.path, file):
            changed.append(file.path)
        else:
            same.append(file.path)
    removed = [p for p in known if p not in hashes and os.path.lexists(out / p)]
    if known != hashes and not (created or changed or removed):
        changed.append(MANIFEST)
    return Written(tuple(created), tuple(changed), tuple(removed), tuple(same)), hashes


def unwritable(what: str, error: OSError) -> OutputError:
    """The error for what the system answered."""
    reason = error.strerror or str(error)
    return OutputError(
        f"{what} can't be written.",
        f"The system says: {reason}. Nothing was changed.",
        "Make room or change the permissions, or name another folder.",
    )


def _refuse_changed(out: Path, plan: Written) -> None:
    known = read_manifest(out)
    if not known:
        return
    edited = [
        p
        for p in (*plan.changed, *plan.removed)
        if p != MANIFEST and known.get(p) != _hash_of(out / p)
    ]
    if edited:
        more = f" and {len(edited) - _SHOWN} more" if len(edited) > _SHOWN else ""
        raise OutputError(
            f"--out {out} holds files that somebody else wrote or changed.",
            f"Writing would overwrite {', '.join(edited[:_SHOWN])}{more}.",
            "Move your changes to files of their own, or add --force to lose them.",
        )


def _hash(file: OutputFile) -> str:
    if file.link is not None:
        return f"link:{file.link}"
    if file.source is not None:
        return _hash_of(file.source)
    return f"sha256:{hashlib.sha256(file.data or b'').hexdigest()}"


def _hash_of(path: Path) -> str:
    """The hash of what stands at a path; "" for nothing."""
    if path.is_symlink():
        return f"link:{os.readlink(path)}"
    if not path.is_file():
        return "folder" if path.is_dir() else ""
    with path.open("rb") as opened:
        return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"


def _mode_differs(path: Path, file: OutputFile) -> bool:
    """Whether the executable bit is not what it should be; git keeps no others."""
    return file.link is None and bool(path.stat().st_mode & 0o100) != bool(file.mode & 0o100)


def _owned(root: Path, file: OutputFile) -> OutputFile:
    return replace(file, mode=(root / file.path).stat().st_mode & 0o7777)
