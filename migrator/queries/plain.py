"""What other distributions' objects may hold: plain data alone, or whatever was put into them."""

from __future__ import annotations

import sys

from migrator.queries.types import OPAQUE, UNKNOWN, Opaque, Type

#: Packages that every application has: what they make holds data of their own ...
_OWN_OBJECTS = frozenset(
    {"flask", "werkzeug", "sqlalchemy", "jinja2", "markupsafe", "click", "requests"}
)
#: ... but for these names of theirs, which hand out what others have given them.
_HOLDERS = frozenset(
    {
        "Context", "InstanceState", "Local", "LocalStack", "Request", "Result", "Row", "RowMapping",
        "ScalarResult", "copy_current_request_context", "get_current_context", "get_history",
        "inspect", "instance_state",
    }
)  # fmt: skip
#: Modules of Python's that make numbers, texts, times, files and the like.
_DATA_MODULES = frozenset(
    {
        "base64", "binascii", "calendar", "cmath", "codecs", "colorsys", "csv", "datetime",
        "decimal", "difflib", "email", "fnmatch", "fractions", "getpass", "gettext", "glob", "gzip",
        "hashlib", "hmac", "html", "http", "io", "ipaddress", "json", "keyword", "locale",
        "logging", "math", "mimetypes", "os", "pathlib", "platform", "pprint", "re", "secrets",
        "shlex", "shutil", "smtplib", "socket", "sqlite3", "ssl", "stat", "statistics", "string",
        "struct", "subprocess", "tempfile", "textwrap", "time", "tomllib", "traceback",
        "unicodedata", "urllib", "uuid", "warnings", "xml", "zipfile", "zlib", "zoneinfo",
    }
)  # fmt: skip
#: Builtins that give plain data, whatever they get.
_DATA = frozenset(
    {
        "abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "callable", "chr",
        "complex", "delattr", "dir", "float", "format", "hasattr", "hash", "hex", "id", "input",
        "int", "isinstance", "issubclass", "len", "memoryview", "oct", "open", "ord", "print",
        "range", "repr", "setattr", "str",
    }
)  # fmt: skip
_ERRORS = ("Error", "Exception", "ExceptionGroup", "Exit", "Interrupt", "Warning")


def is_error(name: str) -> bool:
    """Whether a class is an exception, by its name."""
    return name.endswith(_ERRORS)


def is_data(name: str) -> bool:
    """Whether what a foreign class or function makes holds nothing of the repository's.

    A queue, an exception, a namespace or a context variable gives what was put into it.
    """
    package, _, rest = name.partition(".")
    last = name.rpartition(".")[2]
    if not rest:
        return True
    if is_error(last):
        return False
    if package == "builtins":
        return rest in _DATA
    if package in sys.stdlib_module_names:
        return package in _DATA_MODULES
    return package in _OWN_OBJECTS and last not in _HOLDERS and "current_app." not in name


def within(value: Opaque) -> Type:
    """What an attribute, an item or a method of a foreign object may give."""
    return OPAQUE if is_data(value.name) else UNKNOWN
