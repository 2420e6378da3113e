"""Finds an application by its name: `module:attribute`, `module:factory` or `module:factory("test")`."""

from __future__ import annotations

import ast
import difflib
import functools
import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any

from migrator.errors import LoadError
from migrator.runtime.signatures import signature_of

_SPEC = re.compile(r"(?P<module>[\w.]+):(?P<attribute>[\w.]+)\s*(?P<call>\(.*\))?", re.DOTALL)
_EXAMPLE = "Write it as module:attribute, for example shop.wsgi:app or 'shop:create_app()'."


def load_application(spec: str, *, app_dir: str | Path | None = ".") -> Any:
    """The Flask or ASGI application that `spec` names.

    A function without required arguments is called and must return one; so is one whose arguments
    `spec` gives, which are literals. `app_dir` is put first on the import path, as uvicorn does;
    None leaves the path alone. Raises LoadError, whose message
    says which of the steps failed; what the application's code raised is its `__cause__`.
    """
    found = load_object(spec, app_dir=app_dir)
    return resolve_application(found, repr(spec), call=spec.strip().endswith(")"))


def load_object(spec: str, *, app_dir: str | Path | None) -> object:
    """What stands at `module:attribute`, as it is, with the arguments that `spec` gives bound to it.

    Raises LoadError.
    """
    match = _SPEC.fullmatch(spec.strip())
    if match is None:
        raise LoadError(f"{spec!r} names no application.", _why_malformed(spec), _EXAMPLE)
    if app_dir is not None and (folder := str(Path(app_dir).resolve())) not in sys.path:
        sys.path.insert(0, folder)
    positional, named = _arguments(match["call"] or "()", spec)
    found = _attribute(_import(match["module"], spec, app_dir), match["attribute"], spec)
    if not (positional or named) or not callable(found):
        return found
    return functools.partial(found, *positional, **named)


def resolve_application(found: object, label: str, *, call: bool = False) -> Any:
    """`found` itself when it is an application, else what it returns when it makes one.

    `label` names it in messages; `call` insists on calling it. Raises LoadError.
    """
    if not call and application_kind(found) is not None:
        return found
    if not is_factory(found):
        raise LoadError(
            f"{label} is {described(found)}.",
            "That is neither a Flask application nor an ASGI application nor a function without "
            "required arguments that makes one.",
            what_to_name(found)
            or "Name the application object (what Flask(...) or FastAPI(...) returned) or its factory.",
        )
    made = call_factory(found, label)
    if application_kind(made) is None:
        if inspect.iscoroutine(made):
            made.close()
        raise LoadError(
            f"Calling {label} returned {described(made)}.",
            "A factory must return a Flask or an ASGI application.",
            "Return the application from it, or name another factory.",
        )
    return made


def call_factory(found: object, label: str) -> object:
    """What a factory returns; raises LoadError where it raises."""
    try:
        return found()  # type: ignore[operator]  # is_factory says so
    except (Exception, SystemExit) as error:
        raise LoadError(
            f"Calling {label} raised {_raised(error)}.",
            "The factory could not make the application.",
            "Call it in a Python shell, in the same folder with the same environment variables, "
            "to see the whole traceback.",
        ) from error


def literal_call(text: str) -> ast.Call:
    """The call that `("testing", debug=True)` is the end of; raises ValueError, which says why not."""
    try:
        node = ast.parse(f"_{text}", mode="eval").body
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            raise ValueError("more than one call")
        if any(keyword.arg is None for keyword in node.keywords):
            raise ValueError("names that nobody can see")
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            ast.literal_eval(argument)
    except (SyntaxError, ValueError) as error:
        raise ValueError(
            "The arguments of a factory are literals: texts, numbers, True, None, lists of these."
        ) from error
    return node


def what_to_name(found: object) -> str:
    """What to do about a function that can't be called as it was named; "" about anything else."""
    if not inspect.isroutine(found) and not isinstance(found, functools.partial):
        return ""
    return "Give a factory the arguments that it needs: 'shop:create_app(\"testing\")'."


def application_kind(found: object) -> str | None:
    """ "flask", "asgi" or None, judged without importing either framework."""
    if inspect.isclass(found) or not callable(found):
        return None
    if hasattr(found, "wsgi_app") and hasattr(found, "url_map"):
        return "flask"
    try:
        signature = signature_of(found)
    except (TypeError, ValueError):
        return None
    call = found if inspect.isroutine(found) else type(found).__call__
    if _takes(signature, 3) and (inspect.iscoroutinefunction(call) or not inspect.isroutine(found)):
        return "asgi"
    return None


def is_factory(found: object) -> bool:
    """Whether `found` can be called without arguments."""
    if not callable(found):
        return False
    try:
        return _takes(signature_of(found), 0)
    except (TypeError, ValueError):
        return False


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _arguments(call: str, spec: str) -> tuple[list[Any], dict[str, Any]]:
    try:
        node = literal_call(call)
    except ValueError as error:
        raise LoadError(f"{spec!r} names no application.", str(error), _EXAMPLE) from error
    named = {k.arg: ast.literal_eval(k.value) for k in node.keywords if k.arg is not None}
    return [ast.literal_eval(argument) for argument in node.args], named


def _why_malformed(spec: str) -> str:
    if ":" not in spec:
        return "There is no colon between the module and the attribute."
    if "(" in spec:
        return "What begins with a parenthesis has to end with one."
    if "/" in spec or spec.partition(":")[0].endswith(".py"):
        return "The part before the colon is a module's name, not a file's."
    return "A module's name, a colon and an attribute's name are needed."


def _import(name: str, spec: str, app_dir: str | Path | None) -> object:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # It takes its time to import, and few runs come here.
        from importlib.metadata import PackageNotFoundError

        if isinstance(error, PackageNotFoundError):  # it asks for a distribution, not for a module
            raise _failed(name, error) from error
        missing = error.name or ""
        if name == missing or name.startswith(missing + "."):
            raise LoadError(
                f"There is no module {missing!r} ({spec!r} needs it).",
                f"It is neither in {Path(app_dir or '.').resolve()} nor installed in this Python ({sys.executable}).",
                "Check the spelling, run from the folder that holds the package, or install it.",
            ) from error
        raise LoadError(
            f"Importing {name!r} failed: the module {missing!r} that it needs is not there.",
            f"It is not installed in this Python ({sys.executable}).",
            "Install what the application needs into this environment.",
        ) from error
    except (Exception, SystemExit) as error:
        raise _failed(name, error) from error


def _failed(name: str, error: BaseException) -> LoadError:
    return LoadError(
        f"Importing {name!r} raised {_raised(error)}.",
        "The module's own code failed before the application could be found.",
        f"Run: python -c 'import {name}' to see the whole traceback.",
    )


def _attribute(module: object, dotted: str, spec: str) -> object:
    found = module
    for part in dotted.split("."):
        try:
            found = getattr(found, part)
        except AttributeError as error:
            raise LoadError(
                f"{spec!r}: {described(found)} has no attribute {part!r}.",
                _what_there_is(found, part),
                _EXAMPLE,
            ) from error
    return found


def _what_there_is(found: object, wanted: str) -> str:
    names = list(vars(found)) if hasattr(found, "__dict__") else dir(found)
    applications = [name for name in names if application_kind(getattr(found, name, None))]
    close = difflib.get_close_matches(wanted, names, n=3)
    if likely := list(dict.fromkeys([*close, *applications])):
        return f"Did you mean {' or '.join(likely)}?"
    return "Nothing there looks like it."


def described(found: object) -> str:
    """What `found` is, as a message says it."""
    if inspect.ismodule(found):
        return f"the module {found.__name__!r}"
    if inspect.isclass(found):
        return f"the class {found.__name__}"
    if inspect.iscoroutinefunction(found) or inspect.iscoroutine(found):
        return "a coroutine, which nobody awaits here"
    if isinstance(found, functools.partial):
        return f"{described(found.func)}, with other arguments than it takes"
    if inspect.isroutine(found):
        return f"a function, {found.__name__}{_signature(found)}"
    if found is None:
        return "None"
    kind = type(found)
    return f"an object of the class {kind.__module__}.{kind.__qualname__}"


def _signature(found: Any) -> str:
    try:
        return str(signature_of(found))
    except (TypeError, ValueError):
        return "(...)"


def _raised(error: BaseException) -> str:
    """The error in one line."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0].rstrip('.')}" if text else type(error).__name__
