"""What is served: the endpoints in LIVE by FastAPI, everything else by Flask."""

import os

import shop
import shop_async

from migrator.runtime.compat import settings_of
from migrator.runtime.mount import mount_legacy

live = set(os.environ.get("LIVE", "").split())

legacy = shop.create_app()
with settings_of(legacy):
    converted = shop_async.create_app()

app = mount_legacy(legacy, converted, live=live.__contains__)
