"""Requests on one event loop, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from migrator.runtime.db.bridge import bridge, waited
from migrator.runtime.db.implicit import run_guarded

#: How a request's code runs: sync code in the bridge, or native code.
SIDES = ["bridged", "native"]


def served(side: str, requests: list[Callable[[], Any]]) -> list[Any]:
    """What the requests give, all at once on one loop. Ten seconds are a deadlock."""

    async def native(request: Callable[[], Any]) -> Any:
        return await bridge(request) if side == "bridged" else request()

    async def main() -> list[Any]:
        tasks = [asyncio.create_task(run_guarded(native(r))) for r in requests]
        return await asyncio.wait_for(asyncio.gather(*tasks), 10)

    return asyncio.run(main())


def waiting() -> None:
    """As a query does: an await behind the scenes, in native code too."""
    waited(asyncio.sleep(0.001))
