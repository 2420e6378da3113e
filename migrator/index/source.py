"""Reading source files: bytes to text with what must survive a rewrite (encoding, BOM, newlines)."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import field
from pathlib import Path

from migrator.frozen import frozen


@frozen
class Source:
    """One Python file. `tree` is None where it can't be parsed, and `error` says why.

    `path` is relative to the scanned folder, with forward slashes. `text` has newlines as in the
    file; `line` of `error` counts from 1.
    """

    path: str
    text: str
    encoding: str
    bom: bool
    tree: ast.Module | None
    error: str = ""
    error_line: int = 0
    _said: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def says(self, words: str) -> bool:
        """Whether the words stand anywhere in the text; looked for once, whoever asks."""
        if words not in self._said:
            self._said[words] = words in self.text
        return self._said[words]

    def encode(self, text: str) -> bytes:
        """`text` as bytes in this file's own encoding, BOM included."""
        data = text.encode(self.encoding)
        return b"\xef\xbb\xbf" + data if self.bom else data


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def lines_of(text: str) -> list[str]:
    """The lines of a source text with their ends, as Python's own parser counts them.

    `str.splitlines` also splits at form feeds and other characters that end no line of code.
    """
    return _LINE.findall(text)


def read_source(root: Path, path: Path) -> Source:
    """Read and parse one file; never raises for what is in it."""
    relative = path.relative_to(root).as_posix()
    try:
        data = path.read_bytes()
    except OSError as error:
        return Source(relative, "", "utf-8", False, None, f"can't be read: {error.strerror}", 1)
    bom = data.startswith(b"\xef\xbb\xbf")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        return Source(relative, "", "utf-8", bom, None, f"can't be decoded: {error}", 1)
    if encoding == "utf-8-sig":
        encoding = "utf-8"
    try:
        with warnings.catch_warnings():
            # A file's own invalid escapes are its author's business.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return Source(relative, text, encoding, bom, None, str(error), line)
    return Source(relative, text, encoding, bom, tree)
