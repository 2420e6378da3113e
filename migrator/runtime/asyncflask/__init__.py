"""The Flask frame: a real Flask application on the event loop, over the async engine.

For applications whose parts need Flask (docs/asyncflask.md, docs/adr/0007-flask-stays-the-frame.md).
"""

from migrator.runtime.asyncflask.app import AsyncFlask
from migrator.runtime.asyncflask.mounting import mount_asyncflask
from migrator.runtime.asyncflask.users import get_current_user
from migrator.runtime.db.blocking import run_blocking

__all__ = ["AsyncFlask", "get_current_user", "mount_asyncflask", "run_blocking"]
