"""Every error a user can meet, in one tree; the exit code sits on the class.

    MigratorError
    ├── UsageError     exit 2: what we were given can't work (arguments, settings, their code)
    │   ├── UnclearApplication    the folder to convert holds no application of that name, or several
    │   ├── SourceError           a PATH to convert that is not there or holds no Python
    │   ├── ConfigError           a pyproject.toml whose [tool.migrator] can't be followed
    │   ├── OutputError           a folder or file that can't or must not be written
    │   ├── DirtyTreeError        a conversion in place where git could not undo it
    │   ├── UnknownPage           a code or a rule to explain that does not exist
    │   ├── DatabaseUrlError      a database URL that is malformed or names an unknown driver
    │   ├── DatabaseUnreachable   a well-formed URL where no server answers as asked
    │   ├── MissingExtra          an optional part is needed and not installed
    │   ├── LoadError             `module:attribute` that can't be imported or is no application
    │   ├── MountError            two applications that can't be served together
    │   │   ├── RouteMismatch         a migrated endpoint differs from the legacy one of its name
    │   │   ├── RouteCollision        FastAPI's documentation would hide a legacy page
    │   │   └── SessionsApart         one side can't read the sessions that the other one writes
    │   ├── CasesError            a file of shadow cases that can't be read
    │   ├── CompareError          a database that a compare can't find, read or prepare
    │   ├── CopyError             a database that can't be copied for a compare
    │   ├── TraceError            a trace of lazy loads that can't be read, or holds nothing
    │   ├── SchemaError           models whose schema can't be created for a comparison
    │   ├── PortInUse             an address where another program listens
    │   └── CheckoutNeeded        the sample application, which lies in the repository only
    └── InternalError  exit 3: our fault; the user's files are as they were
        ├── EditError             the codemod could not apply an edit that it had planned
        └── WorkerDied            a process that rewrote files was ended by somebody else

The runtime's own (a session outside a request, a lazy load in async code, …) are UsageErrors as
well and stand in `migrator.runtime.db.errors`; docs/rules has a page for every code.

A message has three parts: what you had, why it can't work, what to do.
"""

from __future__ import annotations

EXIT_USAGE = 2
EXIT_INTERNAL = 3


class MigratorError(Exception):
    """Base of the tree.

    `code` is stable and has a page in docs/rules; `what`, `why` and `hint` are one
    sentence each.
    """

    exit_code = EXIT_INTERNAL
    code = "MIG000"

    def __init__(self, what: str, why: str, hint: str, *, code: str | None = None) -> None:
        super().__init__(f"{what} {why} {hint}")
        self.what = what
        self.why = why
        self.hint = hint
        if code is not None:
            self.code = code


class UsageError(MigratorError):
    """What the user gave us can't work."""

    exit_code = EXIT_USAGE
    code = "MIG001"


class UnclearApplication(UsageError):
    """The folder to convert holds no Flask application of that name, or several."""

    code = "MIG002"


class SourceError(UsageError):
    """A PATH to convert that is not there, is no folder, or holds no Python."""

    code = "MIG003"


class ConfigError(UsageError):
    """A pyproject.toml that can't be read, or whose [tool.migrator] can't be followed."""

    code = "MIG004"


class OutputError(UsageError):
    """A folder or file that can't be written, or must not be because of what is in it."""

    code = "MIG005"


class DirtyTreeError(UsageError):
    """A conversion in place where git could not undo it."""

    code = "MIG006"


class UnknownPage(UsageError):
    """A code or a rule to explain that does not exist."""

    code = "MIG007"


class DatabaseUrlError(UsageError):
    """A database URL that is malformed or names an unknown database or driver."""

    code = "MIG010"


class DatabaseUnreachable(UsageError):
    """A well-formed database URL where no server lets us in."""

    code = "MIG011"


class MissingExtra(UsageError):
    """An optional part is needed and not installed."""

    code = "MIG020"


class LoadError(UsageError):
    """A `module:attribute` that can't be imported or is not what was asked for."""

    code = "MIG030"


class MountError(UsageError):
    """Two applications that can't be served together."""

    code = "MIG031"


class RouteMismatch(MountError):
    """A migrated endpoint has another path or more methods than the legacy one of its name."""

    code = "MIG032"


class RouteCollision(MountError):
    """FastAPI's documentation would hide a page of the legacy application."""

    code = "MIG033"


class SessionsApart(MountError):
    """What one side signs, or the cookie that it keeps it in, the other one doesn't know."""

    code = "MIG034"


class CasesError(UsageError):
    """A file of shadow cases that can't be read."""

    code = "MIG040"


class CompareError(UsageError):
    """A database that a shadow compare can't find, read or prepare."""

    code = "MIG041"


class CopyError(UsageError):
    """A database that can't be copied for a shadow compare."""

    code = "MIG042"


class TraceError(UsageError):
    """A trace of lazy loads that can't be read, or that nothing was recorded for."""

    code = "MIG043"


class SchemaError(UsageError):
    """Models whose schema can't be created on the database where they are compared."""

    code = "MIG044"


class PortInUse(UsageError):
    """An address where another program listens already."""

    code = "MIG060"


class CheckoutNeeded(UsageError):
    """The demo's sample application lies in the repository only, and this is no clone of it."""

    code = "MIG061"


class InternalError(MigratorError):
    """Our fault: the user's files are left as they were."""

    exit_code = EXIT_INTERNAL
    code = "MIG900"


class EditError(InternalError):
    """The codemod could not apply an edit that it had planned."""

    code = "MIG901"


class WorkerDied(InternalError):
    """A process that rewrote files was ended before its time; nothing was written."""

    code = "MIG902"
