"""The order in which Python asks a class and its ancestors: https://docs.python.org/3/howto/mro.html."""

from __future__ import annotations

from migrator.index.definitions import ClassInfo


def merged(orders: list[list[ClassInfo]]) -> list[ClassInfo]:
    """The classes of several orders, each behind those that stand before it in any of them.

    Python refuses classes whose orders contradict each other; here the first has its way.
    """
    merged: list[ClassInfo] = []
    while orders := [order for order in orders if order]:
        behind = {cls for order in orders for cls in order[1:]}
        first = next((order[0] for order in orders if order[0] not in behind), orders[0][0])
        merged.append(first)
        orders = [[cls for cls in order if cls is not first] for order in orders]
    return merged
