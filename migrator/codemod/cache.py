"""What earlier runs found out, kept in a folder of the user's.

A result is used again only where everything that it was made from is the same (`fingerprint`,
`Work.key`). A file that is damaged, half written, of another version or of another user is as good
as none: a cache is never the reason for an error. Reading one runs no code: the only classes that it
may name are the `frozen` classes of this package.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import os
import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from migrator.codemod import fingerprint
from migrator.codemod.uncollected import uncollected
from migrator.frozen import frozen, is_frozen

if TYPE_CHECKING:
    from migrator.codemod.work import MadeUnit, Rewritten
    from migrator.types.evaluations import Evaluations

_MAGIC = b"migrator cache 3\n"
_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# Results of earlier runs of migrator. It may be deleted at any time.
"""
#: After this long without use an entry is removed, in seconds.
_OLD = 30 * 24 * 3600
_SUFFIX = ".entry"
T = TypeVar("T")
#: A file's key, its new text, and its units.
Text: TypeAlias = tuple[str, str, bytes]


@frozen
class Entry:
    """One run: the digest of all that went in, what came out, and each file's key, new text and units.

    Units and `evaluations` are pickled apart: most runs need few or none of them.
    """

    key: str
    result: Any
    texts: dict[str, Text]
    evaluations: bytes


@dataclass(slots=True)
class Texts:
    """The new texts of the run before, by path, and those of this one; its evaluations as well."""

    before: dict[str, Text] = field(default_factory=dict)
    now: dict[str, Text] = field(default_factory=dict)
    evaluated: bytes = b""
    made: Evaluations | None = None

    def evaluations(self) -> Evaluations:
        """The evaluations of the run before."""
        # Where nothing has changed, none of the analysis is loaded.
        from migrator.types.evaluations import Evaluations

        found = self.unpacked(self.evaluated) if self.evaluated else None
        return found if isinstance(found, Evaluations) else Evaluations()

    def packed(self, value: object) -> bytes:
        """Plain data as bytes."""
        return pickled(value)

    def unpacked(self, data: bytes) -> Any:
        """The data again."""
        return _Reader(io.BytesIO(data)).load()

    def keep_evaluations(self, made: Evaluations) -> None:
        """Keep the evaluations for the next run."""
        self.made = made

    def text(self, path: str, key: str) -> str | None:
        """The text that was made of a file with the same key; it is kept for the next run as well."""
        found = self.before.get(path)
        if found is None or found[0] != key:
            return None
        self.now[path] = found
        return found[1]

    def units(self, path: str) -> Mapping[str, MadeUnit]:
        """What became of each unit of a file, by its key."""
        found = self.before.get(path)
        units: Mapping[str, MadeUnit] = self.unpacked(found[2]) if found is not None else {}
        return units

    def keep(self, path: str, key: str, made: Rewritten) -> None:
        """Keep a text and its units for the next run."""
        self.now[path] = (key, made.text, self.packed(made.units))


@uncollected()
def remembered(
    home: Path | None,
    root: Path,
    settings: Sequence[object],
    exclude: Sequence[str],
    make: Callable[[Texts | None], tuple[T, bool]],
) -> T:
    """What `make` makes of `root`, or made of it when everything was as it is now.

    `settings` are all else that the result depends on, as plain values. `make` gets the texts of the
    run before, and says whether its result may be kept. Without a `home`, nothing is kept.
    """
    tool = fingerprint.tool()
    if home is None or not tool:
        return make(None)[0]
    path = home / f"{_digest(os.path.realpath(root), *settings)}{_SUFFIX}"
    key = _digest(tool, fingerprint.folder(root, exclude), *settings)
    entry = _load(path)
    if entry is not None and entry.key == key:
        result: T = entry.result
        return result
    # A text's key says nothing of the tool that made it.
    texts = Texts(now={"": (tool, "", b"")})
    if entry is not None and entry.texts.get("") == texts.now[""]:
        texts = Texts(entry.texts, texts.now, entry.evaluations)
    made, good = make(texts)
    # A file that somebody changed meanwhile may have been read before or after that.
    if good and key == _digest(tool, fingerprint.folder(root, exclude), *settings):
        evaluated = texts.evaluated if texts.made is None else pickled(texts.made)
        _store(path, Entry(key, made, texts.now, evaluated))
    return made


def _digest(*values: object) -> str:
    return hashlib.sha256(repr(values).encode("utf-8", "surrogateescape")).hexdigest()


def _load(path: Path) -> Entry | None:
    try:
        with path.open("rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            data = file.read()
        start = len(_MAGIC) + 64
        payload = memoryview(data)[start:]
        digest = hashlib.sha256(payload).hexdigest().encode()
        if data[:start] != _MAGIC + digest:
            return None
        entry = _Reader(io.BytesIO(payload)).load()
        os.utime(path)
    except Exception:
        # Every exception: the digest shows damage, but not an entry of a class that has changed since,
        # and pickle names no complete list of what it raises then. The run goes on without it.
        return None
    return entry if isinstance(entry, Entry) else None


def _store(path: Path, entry: Entry) -> None:
    # Where nothing has changed, nothing is written.
    import tempfile

    payload = pickled(entry)
    digest = hashlib.sha256(payload).hexdigest().encode()
    # A full disk, a folder that can't be written: the next run takes as long as this one.
    with contextlib.suppress(OSError):
        _prepare(path.parent)
        number, name = tempfile.mkstemp(prefix="new-", dir=path.parent)
        try:
            with open(number, "wb") as file:
                file.write(_MAGIC + digest)
                file.write(payload)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise


def pickled(value: object) -> bytes:
    """A value as `Texts` and entries hold it."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _prepare(home: Path) -> None:
    """The folder, for this user alone and left out of backups, without what nobody asks for."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    tag = home / "CACHEDIR.TAG"
    if not tag.exists():
        tag.write_text(_TAG)
    for other in home.iterdir():
        ours = other.suffix == _SUFFIX or other.name.startswith("new-")
        if ours and time.time() - other.stat().st_mtime > _OLD:
            other.unlink(missing_ok=True)


class _Reader(pickle.Unpickler):
    """Makes plain values and `frozen` classes of this package, and runs nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("migrator.") and name.isidentifier():
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and is_frozen(found):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a cache.")
