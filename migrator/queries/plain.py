"""What other distributions' objects may hold: plain data alone, or whatever was put into them."""

from __future__ import annotations

import sys

from migrator.queries.types import EMPTY, OPAQUE, UNKNOWN, ListOf, Opaque, TupleOf, Type

#: Packages that every application has: what they make holds data of their own ...
_OWN_OBJECTS = frozenset(
    {"flask", "werkzeug", "sqlalchemy", "jinja2", "markupsafe", "click", "requests"}
)
#: ... but for these names of theirs, which hand out what others have given them.
_HOLDERS = frozenset(
    {
        "Context", "InstanceState", "Local", "LocalStack", "Mapper", "Request", "Result", "Row",
        "RowMapping", "ScalarResult", "class_mapper", "copy_current_request_context",
        "get_current_context", "get_history", "inspect", "instance_state", "mapper", "object_mapper",
    }
)  # fmt: skip
#: Modules of Python's that make numbers, texts, times, files and the like.
_DATA_MODULES = frozenset(
    {
        "base64", "binascii", "bz2", "calendar", "cmath", "codecs", "colorsys", "configparser", "csv",
        "datetime", "decimal", "difflib", "email", "filecmp", "fnmatch", "fractions", "getopt",
        "getpass", "gettext", "glob", "gzip", "hashlib", "hmac", "html", "http", "io", "ipaddress",
        "json", "keyword", "locale", "logging", "lzma", "math", "mimetypes", "netrc", "os", "pathlib",
        "platform", "plistlib", "pprint", "pwd", "re", "secrets", "shlex", "shutil", "smtplib",
        "socket", "sqlite3", "ssl", "stat", "statistics", "string", "struct", "subprocess", "tarfile",
        "tempfile", "textwrap", "time", "tomllib", "traceback", "unicodedata", "urllib", "uuid",
        "warnings", "xml", "zipfile", "zlib", "zoneinfo",
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
#: What reads arguments, by its class: `parse_args()` of it gives an object that has them as attributes,
#: which load nothing, whatever they are.
_PARSERS = {
    "argparse.ArgumentParser": "argparse.Namespace",
    "flask_restful.reqparse.RequestParser": "flask_restful.reqparse.Namespace",
    "flask_restplus.reqparse.RequestParser": "flask_restplus.reqparse.Namespace",
    "flask_restx.reqparse.RequestParser": "flask_restx.reqparse.Namespace",
}
_NAMESPACES = frozenset({"types.SimpleNamespace", *_PARSERS.values()})
#: Those of them that are dicts: `args.get("number")` is a dict's, whatever the arguments are called.
_DICTS = _NAMESPACES - {"types.SimpleNamespace", "argparse.Namespace"}
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
    """What an attribute, an item or a method of a foreign object may give; nothing yet gives nothing yet."""
    if value == EMPTY:
        return EMPTY
    return OPAQUE if is_data(value.name) else UNKNOWN


def is_put_there(owner: Opaque, name: str) -> bool:
    """Whether an attribute of a namespace is what others have put there: a function, too."""
    return owner.name in _NAMESPACES and not (owner.name in _DICTS and hasattr(dict, name))


def parser(name: str) -> Type | None:
    """What a call of a foreign class makes that reads arguments."""
    return Opaque(name) if name in _PARSERS else None


def parsed(owner: Opaque, method: str) -> Type | None:
    """What a method of such an object gives."""
    arguments = _PARSERS.get(owner.name)
    if arguments is None:
        return None
    if method == "parse_known_args":
        return TupleOf((Opaque(arguments), ListOf(OPAQUE)))
    return Opaque(arguments) if method == "parse_args" else None
