"""A folder that hands have changed since it was written, and a new conversion for it: git merges the two, file by file.

Three texts meet: what we wrote (the base), what stands there now, and what we would write now. The base stands in
`.migrator.bases.json` once a run has merged. Before that, git's history of the file has it, by the hash in the manifest.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from migrator.codemod.output.files import OutputFile
from migrator.codemod.output.hashes import hash_at, hash_of, hash_of_bytes
from migrator.codemod.output.manifest import read_bases, read_manifest
from migrator.errors import OutputError
from migrator.frozen import frozen
from migrator.index.git import git, git_bytes

_NAMES = ("changed by hand", "migrator wrote before", "migrator writes now")
_MARK = f"<<<<<<< {_NAMES[0]}".encode()
#: `git merge-file` answers with the number of conflicts, this one at the most; with more where it can't merge.
_MOST_CONFLICTS = 127


@frozen
class Merged:
    """What becomes of the files that hands have changed, by path.

    `texts`: both have changed them, and this is both. `left` stay as hands have left them, since we would write what we
    wrote before; `kept` are files of hands from now on, since nothing is made for their place any more. `bases` is what we
    would have written, for the next time. `conflicts` says in how many places of a file the two differ; they are marked.
    """

    texts: Mapping[str, bytes] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    bases: Mapping[str, bytes] = field(default_factory=dict)
    conflicts: Mapping[str, int] = field(default_factory=dict)


def changed_by_hand(out: Path, files: Sequence[OutputFile]) -> dict[str, OutputFile | None]:
    """The files that we wrote and somebody has changed since, each with what we would write there now, if anything."""
    made = {f.path: f for f in files}
    found: dict[str, OutputFile | None] = {}
    for path, written in read_manifest(out).items():
        there, file = hash_at(out / path), made.get(path)
        if there and there != written and (file is None or there != hash_of(file)):
            found[path] = file
    return found


def merge(out: Path, files: Sequence[OutputFile]) -> Merged:
    """Merge what we would write with what hands have changed in `out`; nothing is written.

    Raises OutputError where both have changed a file and no text can be made of that: what we wrote isn't known any
    more, it is no text, or the marks of an earlier conflict are still in it.
    """
    known, bases = read_manifest(out), read_bases(out)
    texts: dict[str, bytes] = {}
    next_bases: dict[str, bytes] = {}
    conflicts: dict[str, int] = {}
    left, kept = set(), set()
    for path, file in changed_by_hand(out, files).items():
        if file is None:
            kept.add(path)
            continue
        if file.link is None:
            next_bases[path] = _made(file)
        if hash_of(file) == known[path]:
            left.add(path)
            count = _marks(out / path)
        else:
            base = _base(out, path, known[path], bases.get(path))
            texts[path], count = _merged(out, path, base, file)
        if count:
            conflicts[path] = count
    return Merged(texts, frozenset(left), frozenset(kept), next_bases, conflicts)


def _made(file: OutputFile) -> bytes:
    return file.source.read_bytes() if file.source is not None else file.data or b""


def _marks(path: Path) -> int:
    """How many conflicts of an earlier merge nobody has resolved."""
    return 0 if path.is_symlink() or not path.is_file() else path.read_bytes().count(_MARK)


def _base(out: Path, path: str, wanted: str, kept: bytes | None) -> bytes:
    """What we wrote there the last time."""
    if shutil.which("git") is None:
        raise _unmergeable(
            out, path, "git merges, and there is none here.", "Install git, or add --force."
        )
    if kept is not None and hash_of_bytes(kept) == wanted:
        return kept
    words = ("--literal-pathspecs", "log", "--format=", "--raw", "--no-abbrev", "--", path)
    history = git(out, *words) or ""
    # `:100644 100644 <before> <after> M\tpath`
    blobs = dict.fromkeys(blob for line in history.splitlines() for blob in line.split()[2:4])
    for blob in blobs:
        data = git_bytes(out, "cat-file", "blob", blob)
        if data is not None and hash_of_bytes(data) == wanted:
            return data
    raise _unmergeable(
        out,
        path,
        "What migrator had written there is neither in git's history of the file nor in "
        ".migrator.bases.json, so nobody can say what was changed by hand.",
        "Put the change into PATH, or into a file of its own; or write with --force and make the change again. "
        "Commit what migrator writes before you change it.",
    )


def _merged(out: Path, path: str, base: bytes, file: OutputFile) -> tuple[bytes, int]:
    """The text of a three-way merge, and in how many places there is a conflict."""
    if _marks(out / path):
        raise _unmergeable(
            out, path,
            "The marks of an earlier conflict are still in it.",
            f"Resolve what stands between {_MARK.decode()!r} and '>>>>>>> {_NAMES[2]}', then run again.",
        )  # fmt: skip
    if file.link is not None or (out / path).is_symlink() or not (out / path).is_file():
        raise _unmergeable(
            out, path, "It is no file on both sides.", "Make it a file again, or add --force."
        )
    with tempfile.TemporaryDirectory() as folder:
        three = [Path(folder) / name for name in ("now", "before", "new")]
        for place, data in zip(three, ((out / path).read_bytes(), base, _made(file)), strict=True):
            place.write_bytes(data)
        names = [word for name in _NAMES for word in ("-L", name)]
        command = ["git", "merge-file", "--stdout", "--diff3", *names, *map(str, three)]
        done = subprocess.run(command, capture_output=True, check=False)
    if not 0 <= done.returncode <= _MOST_CONFLICTS:
        raise _unmergeable(
            out,
            path,
            f"git says: {done.stderr.decode(errors='replace').strip()}",
            "Take one of the two by hand: --force writes the new one.",
        )
    return done.stdout, done.returncode


def _unmergeable(out: Path, path: str, why: str, hint: str) -> OutputError:
    return OutputError(
        f"{path} in --out {out} was changed by hand and by the conversion, and can't be merged.",
        why,
        hint,
    )
