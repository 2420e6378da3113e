"""Methods and functions that the repository names in strings: other code looks them up by them.

`fields.Method("get_total")`, `methodcaller("total")`, `sort_by = "total"`, a job's `"shop.jobs.run"`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator

from migrator.index.definitions import Module, dotted, last_name
from migrator.index.project import Project
from migrator.index.walk import children

#: Methods that take strings for what they are.
_PLAIN_METHODS = frozenset(
    {
        "get", "pop", "setdefault", "getlist", "getall", "startswith", "endswith", "join", "split",
        "strip", "replace", "format", "encode", "decode", "count", "index", "find", "filter_by",
        "debug", "info", "warning", "error", "exception", "critical", "log", "strftime", "strptime",
        "add_argument", "add_option", "option", "argument", "command", "route", "print", "write",
        "execute", "has_key", "isoformat", "errorhandler", "blueprint", "execution_options",
    }
)  # fmt: skip
#: Functions that do.
_PLAIN_CALLS = frozenset(
    {
        "getattr", "setattr", "hasattr", "delattr", "isinstance", "print", "Column", "mapped_column",
        "ForeignKey", "ForeignKeyConstraint", "relationship", "backref", "Table", "Index",
        "UniqueConstraint", "CheckConstraint", "PrimaryKeyConstraint", "Enum", "deferred", "text",
        "literal_column", "column", "label", "url_for", "render_template", "flash", "abort",
        "redirect", "send_from_directory", "jsonify", "Blueprint", "Flask", "_", "_l", "gettext",
        "lazy_gettext", "ngettext", "getLogger", "open", "namedtuple", "TypeVar", "NewType", "Path",
    }
)  # fmt: skip
_PLAIN_KEYWORDS = frozenset({"methods", "endpoint", "help", "description", "doc", "message"})
_PLAIN_TARGETS = frozenset({"__all__", "__slots__", "__tablename__", "methods", "__bind_key__"})
#: The nodes that `_plain` tells parts of, and what the most of these are.
_HOLDERS: tuple[type[ast.AST], ...] = (
    ast.Dict, ast.Subscript, ast.Compare, ast.Expr, ast.FormattedValue, ast.MatchValue, ast.JoinedStr,
    ast.Call, ast.Assign, ast.arg, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef,
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z_]\w*")
#: What holds strings as a display does, and the strings themselves.
_WITH_STRINGS = frozenset({ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Subscript, ast.BinOp})


class Spoken:
    """`names`: the identifiers among the strings; `paths`: those with a dot or a colon in them.

    `in_templates`: the words of strings that are templates of Jinja.
    """

    def __init__(self, project: Project, apart: Container[str] = ()) -> None:
        self.names: set[str] = set()
        self.paths: set[str] = set()
        self.in_templates: set[str] = set()
        for module in project.modules.values():
            if module.name not in apart:
                for text in {*_texts(module)}:
                    if text.isidentifier():
                        self.names.add(text)
                        continue
                    if "{{" in text or "{%" in text:
                        self.in_templates.update(_WORD.findall(text))
                    parts = text.replace(":", ".").split(".")
                    if all(part.isidentifier() for part in parts):
                        self.names.update(parts)
                        if len(parts) > 1:
                            self.paths.add(".".join(parts))

    def says(self, key: str) -> bool:
        """Whether a function, by its key, is named: a method by its name, any by its path."""
        module, _, qualified = key.partition(":")
        owner, _, name = qualified.rpartition(".")
        if owner and "<locals>" not in owner and name in self.names and not name.startswith("__"):
            return True
        path = f"{module}.{qualified}"
        return name in self.names and any(
            path == told or path.endswith(f".{told}") for told in self.paths
        )


def _texts(module: Module) -> Iterator[str]:
    plain: set[int] = set()
    for kind in _HOLDERS:
        for node in module.of(kind):
            for part in _plain(node):
                if type(part) in _WITH_STRINGS:
                    plain.update(map(id, _strings(part)))
    for text in module.of(ast.Constant):
        if isinstance(text.value, str) and id(text) not in plain:
            yield text.value


def _plain(node: ast.AST) -> Iterator[ast.AST | None]:
    """The parts of a node whose strings name nothing that is looked up."""
    match node:
        case ast.Call(func=function, args=arguments, keywords=keywords):
            for keyword in keywords:
                if keyword.arg in _PLAIN_KEYWORDS:
                    yield keyword.value
            name = last_name(function)
            if (isinstance(function, ast.Attribute) and name in _PLAIN_METHODS) or (
                name in _PLAIN_CALLS and dotted(function)
            ):
                yield from arguments
                yield from (k.value for k in keywords)
        case ast.Dict(keys=keys):
            yield from keys
        case ast.Subscript(slice=index):
            yield index
        case ast.Compare(left=left, comparators=others):
            yield left
            yield from others
        case ast.Expr(value=value) | ast.FormattedValue(value=value) | ast.MatchValue(value=value):
            yield value
        case ast.JoinedStr(values=values):
            yield from values
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _PLAIN_TARGETS:
            yield value
        case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
            yield returns
        case _:
            pass


def _strings(node: ast.AST | None) -> Iterator[ast.Constant]:
    """The strings that a node is, or holds as a display does; not those inside of calls."""
    if isinstance(node, ast.Constant):
        yield node
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for element in node.elts:
            yield from _strings(element)
    elif isinstance(node, ast.Subscript | ast.BinOp):
        for child in children(node):
            yield from _strings(child)
