"""What is served: the endpoints in LIVE by FastAPI, everything else by Flask."""

import os

import shop
import shop_async

from migrator.runtime.mount import mount_legacy

live = set(os.environ.get("LIVE", "").split())

app = mount_legacy(shop.create_app(), shop_async.create_app(), live=live.__contains__)
