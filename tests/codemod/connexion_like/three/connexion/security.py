"""The functions that check a key are called on the event loop, outside of Flask."""

from __future__ import annotations

import asyncio
from typing import Any

from connexion.resolver import by_name as get_function_from_name


class ApiKey:
    @classmethod
    def _get_function(cls, definition: dict[str, Any], key: str) -> Any:
        return get_function_from_name(definition[key])

    def check(self, definition: dict[str, Any]) -> Any:
        function = self._get_function(definition, "x-apikeyInfoFunc")

        async def verify(key: str) -> Any:
            found = function(key)
            while asyncio.iscoroutine(found):
                found = await found
            return found

        return verify


SECURITY_HANDLERS = {"apiKey": ApiKey}
