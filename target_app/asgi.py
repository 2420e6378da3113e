"""Both applications behind one: what was converted, and the legacy one for the rest.

Written by migrator. Run it with `uvicorn target_app.asgi:app`.
"""

from legacy_app import create_app as create_legacy_app
from migrator.runtime.compat import settings_of
from migrator.runtime.mount import mount_legacy
from target_app import create_app

legacy = create_legacy_app()
with settings_of(legacy):
    converted = create_app()

app = mount_legacy(legacy, converted)
