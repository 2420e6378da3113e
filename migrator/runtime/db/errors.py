"""What goes wrong when the runtime is used in the wrong place: each says where the right one is."""

from __future__ import annotations

from migrator.errors import UsageError


class OutsideScope(UsageError, RuntimeError):
    """`db.session` or the database was used where no request, command or scope is open."""

    code = "MIG050"


class OutsideBridge(UsageError, RuntimeError):
    """Sync ORM code (`Model.query`, `unbridge`) was run in async code without the bridge."""

    code = "MIG051"


class BlockingEngine(UsageError, RuntimeError):
    """The sync engine was used on the event loop's thread, where it stops every other request."""

    code = "MIG052"


class ImplicitIO(UsageError, RuntimeError):
    """A lazy load in async code, while the setting says that there may be none."""

    code = "MIG053"


class NeverAwaited(UsageError, RuntimeError):
    """A coroutine was made and dropped: the statement or the function that it stands for never ran."""

    code = "MIG055"


class Unsupported(UsageError, NotImplementedError):
    """A part of Flask-SQLAlchemy that the converted side doesn't have."""

    code = "MIG054"
