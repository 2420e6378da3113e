"""Which templates use what an extension adds to them; those that include or extend one do too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from migrator.index import templates as index
from migrator.index.project import Project
from migrator.index.template_files import as_rendered
from migrator.surface import extensions

_EXPRESSION = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
_REFERENCE = re.compile(
    r"{%-?\s*(?:extends|include|import|from)\s+\[?\s*((?:['\"][^'\"]+['\"][\s,]*)+)"
)
_STRING = re.compile(r"['\"]([^'\"]+)['\"]")
_NAME = re.compile(r"(?<![\w.'\"])([A-Za-z_]\w*)")
SUFFIXES = (".html", ".htm", ".xml", ".txt", ".jinja", ".jinja2", ".j2")


class Templates:
    """The project's templates by the name that `render_template` gives them."""

    def __init__(self, project: Project) -> None:
        self.texts: dict[str, str] = {}
        for name, paths in project.templates.items():
            if name.endswith(SUFFIXES):
                self.texts[name] = "\n".join(_text(project.root / path) for path in paths)
        self._unseen = index.Templates(project).unseen

    def using(self, dotted: Iterable[str]) -> Mapping[str, str]:
        """Templates that need one of the extensions, with the extension that each needs.

        One that no file is may need any.
        """
        words: dict[str, str] = {}
        roots: dict[str, str] = {}
        for name in dotted:
            distribution = name.partition(".")[0]
            for word in extensions.TEMPLATE_NAMES.get(distribution, ()):
                words.setdefault(word, distribution)
            # `{% extends "bootstrap/base.html" %}`: a template that the extension brings.
            roots.setdefault(distribution.removeprefix("flask_"), distribution)
        found = dict.fromkeys(self._unseen, next(iter(words.values()))) if words else {}
        references: dict[str, list[str]] = {}
        for name, text in self.texts.items():
            named = (r for m in _REFERENCE.finditer(text) for r in _STRING.findall(m[1]))
            references[name] = [*map(as_rendered, named)]
            for part in _EXPRESSION.findall(text):
                hit = next((w for w in _NAME.findall(part) if w in words), None)
                if hit is not None:
                    found.setdefault(name, words[hit])
            for reference in references[name]:
                root = reference.partition("/")[0]
                if reference not in self.texts and root in roots:
                    found.setdefault(name, roots[root])
        changed = True
        while changed:
            changed = False
            for name, others in references.items():
                if name not in found:
                    hit = next((o for o in others if o in found), None)
                    if hit is not None:
                        found[name] = found[hit]
                        changed = True
        return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
