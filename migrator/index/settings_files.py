"""Files of settings that `config.from_pyfile()` runs, whatever they are called: Python, though no modules."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAMED = re.compile(rb"from_pyfile\(\s*['\"]([^'\"]+)['\"]")


def settings_files(sources: Iterable[bytes], data: Iterable[str]) -> list[str]:
    """Those of the files `data` that a source names in such a call, relative to whatever folder."""
    named = {name.decode("utf-8", "replace") for text in sources for name in _NAMED.findall(text)}
    return [path for path in data if any(path == n or path.endswith(f"/{n}") for n in named)]
