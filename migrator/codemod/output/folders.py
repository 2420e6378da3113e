"""Writing a conversion: into a folder of its own, or over the source.

A folder written by us holds a manifest of what was written. A later run replaces exactly those
files: what somebody added beside them stays, and what somebody changed is not overwritten unasked,
but merged, if that is asked for.
"""

from __future__ import annotations

import keyword
import os
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from migrator.codemod.output.files import OutputFile, mode_of
from migrator.codemod.output.hashes import hash_at, hash_of
from migrator.codemod.output.manifest import (
    BASES,
    MANIFEST,
    bases_bytes,
    manifest_bytes,
    read_bases,
    read_manifest,
)
from migrator.codemod.output.merging import Merged, merge
from migrator.codemod.output.transaction import Busy, write_all
from migrator.errors import OutputError
from migrator.frozen import frozen

_SHOWN = 5


@frozen
class Written:
    """What a run wrote, by relative path; `same` were there already, byte for byte.

    Of what hands had changed: `merged` are the files that hold both changes now, `left` those that stay as they were,
    `kept` those in whose place nothing is made any more. `conflicts`: in how many places of a file both differ.
    """

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    conflicts: Mapping[str, int] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether anything had to be done."""
        return bool(self.created or self.changed or self.removed or self.merged)


@frozen
class Plan:
    """What a run would do, and the files that it would write."""

    written: Written
    files: tuple[OutputFile, ...]


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


def write_package(
    out: Path, files: Sequence[OutputFile], *, force: bool = False, merging: bool = False
) -> Written:
    """Write the new package, all files or none.

    Raises OutputError, with everything as it was, where the folder is not ours, where files of an
    earlier run were changed by hand (unless `force` overwrites them, or `merging` keeps the changes), or
    where the system does not let us.
    """
    out = Path(os.path.realpath(out))
    try:
        check_contents(out, force=force)
        plan = plan_package(out, files, merging=merging)
        if not force:
            _refuse_changed(out, plan.written)
        if plan.written.differs:
            write_all(out, plan.files, plan.written.removed)
    except Busy as error:
        raise OutputError(
            f"--out {out} is in use.", "Another run is writing it.", "Wait for it to end."
        ) from error
    except OSError as error:
        raise unwritable(f"--out {out}", error) from error
    return plan.written


def write_in_place(root: Path, files: Sequence[OutputFile]) -> Written:
    """Write changed files over their originals, all or none; OutputError as `write_package`."""
    try:
        if files:
            write_all(Path(os.path.realpath(root)), [_owned(root, f) for f in files])
    except OSError as error:
        raise unwritable(f"{root}", error) from error
    return Written(changed=tuple(f.path for f in files))


def plan_package(out: Path, files: Sequence[OutputFile], *, merging: bool = False) -> Plan:
    """What writing would do; nothing is written. Raises OutputError where `merging` can't be done."""
    hands = merge(out, files) if merging else Merged()
    known, hashes = read_manifest(out), {f.path: hash_of(f) for f in files}
    created, changed, merged, same, wanted = [], [], [], [], []
    for made in files:
        if made.path in hands.left:
            continue
        text = hands.texts.get(made.path)
        file = made
        if text is not None:
            file = OutputFile(made.path, data=text, mode=mode_of(out / made.path))
        there = hash_at(out / file.path)
        if not there:
            created.append(file.path)
        elif there == hash_of(file) and not _mode_differs(out / file.path, file):
            same.append(file.path)
            continue
        elif text is None:
            changed.append(file.path)
        else:
            merged.append(file.path)
        wanted.append(file)
    removed = [
        p for p in known if p not in hashes and p not in hands.kept and os.path.lexists(out / p)
    ]
    if (known, read_bases(out)) != (hashes, hands.bases):
        if not wanted and not removed:
            changed.append(MANIFEST)
        wanted.append(OutputFile(MANIFEST, data=manifest_bytes(hashes)))
        if hands.bases:
            wanted.append(OutputFile(BASES, data=bases_bytes(hands.bases)))
        elif (out / BASES).is_file():
            removed.append(BASES)
    written = Written(
        tuple(created), tuple(changed), tuple(removed), tuple(same), tuple(merged),
        tuple(sorted(hands.left)), tuple(sorted(hands.kept)), hands.conflicts,
    )  # fmt: skip
    return Plan(written, tuple(wanted))


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
        if p not in (MANIFEST, BASES) and known.get(p) != hash_at(out / p)
    ]
    if edited:
        more = f" and {len(edited) - _SHOWN} more" if len(edited) > _SHOWN else ""
        ours = [p for p in edited if p in known]
        raise OutputError(
            f"--out {out} holds files that somebody else wrote or changed.",
            f"Writing would overwrite {', '.join(edited[:_SHOWN])}{more}.",
            "Add --merge to keep the changes, or --force to lose them."
            if ours
            else "Move them, or add --force to lose them.",
        )


def _mode_differs(path: Path, file: OutputFile) -> bool:
    """Whether the executable bit is not what it should be; git keeps no others."""
    return file.link is None and bool(path.stat().st_mode & 0o100) != bool(file.mode & 0o100)


def _owned(root: Path, file: OutputFile) -> OutputFile:
    return replace(file, mode=(root / file.path).stat().st_mode & 0o7777)
