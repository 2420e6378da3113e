"""Messages for the next page: kept in the session under `_flashes`, as Flask keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .context import active_request_context


def flash(message: str, category: str = "message") -> None:
    """Keep `message` for whichever page shows the flashed messages next."""
    session = active_request_context().session
    flashes = session.get("_flashes", [])
    flashes.append((category, message))
    # Assigned again, because the session sees no change inside its values.
    session["_flashes"] = flashes


def get_flashed_messages(with_categories: bool = False, category_filter: Iterable[str] = ()) -> Any:
    """All flashed messages, taken out of the session; again the same ones within this request.

    A list of messages, or of (category, message) with `with_categories`; only the categories in
    `category_filter` when it is given.
    """
    context = active_request_context()
    flashes = context.flashes
    if flashes is None:
        session = context.session
        flashes = session.pop("_flashes") if "_flashes" in session else []
        context.flashes = flashes
    if category_filter:
        flashes = [item for item in flashes if item[0] in category_filter]
    return flashes if with_categories else [message for _, message in flashes]
