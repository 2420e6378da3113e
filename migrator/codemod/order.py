"""A suggested order of migration: groups of endpoints, cheapest and read-only first.

A group is a blueprint; endpoints without one are grouped by the functions that they share. What a
group's views call in the module of another group's views makes it depend on that one. What groups
share is paid for by the first of them, so the price of the others falls.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from migrator.codemod.effort import Kind, endpoint_hours, finding_hours, reads_only, site_hours
from migrator.codemod.finding import Finding
from migrator.codemod.result import EndpointLevel
from migrator.frozen import frozen
from migrator.surface import Endpoint


@frozen
class Step:
    """One group at its place in the order.

    `hours` is what it costs after those before it; `shares` are the earlier groups with which it
    has functions in common, `needs` the groups whose modules its views call into.
    """

    group: str
    endpoints: tuple[EndpointLevel, ...]
    hours: float
    sites: int
    findings: int
    shares: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def levels(self) -> Counter[str]:
        """How many endpoints have each level."""
        return Counter(e.level for e in self.endpoints)

    @property
    def writes(self) -> int:
        """How many endpoints are meant to change something."""
        return sum(not reads_only(e) for e in self.endpoints)


@dataclass(slots=True)
class _Group:
    name: str
    endpoints: list[EndpointLevel] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)

    @property
    def writes(self) -> int:
        return sum(not reads_only(e) for e in self.endpoints)


@dataclass(slots=True)
class _Paid:
    """What the groups so far have paid for."""

    functions: set[str] = field(default_factory=set)
    kinds: set[Kind] = field(default_factory=set)


def suggest(
    endpoints: Sequence[EndpointLevel],
    reached: Mapping[Endpoint, frozenset[str]],
    sites: Mapping[str, Sequence[str]],
    findings: Mapping[str, Sequence[Finding]],
    kinds: set[Kind],
) -> tuple[Step, ...]:
    """The groups in a good order.

    `sites` and `findings` are the statuses of the query sites and the findings of each function;
    `kinds` are those of findings that are settled before the first group.
    """
    waiting = _groups(endpoints, reached)
    paid = _Paid(kinds=set(kinds))
    steps: list[Step] = []
    done: list[_Group] = []
    while waiting:
        names = {g.name for g in waiting}
        ready = [g for g in waiting if not g.needs & names] or waiting
        prices = {g.name: _hours(g, paid, sites, findings) for g in ready}
        best = min(ready, key=lambda g: (round(prices[g.name], 2), g.writes, g.name))
        waiting.remove(best)
        new = best.functions - paid.functions
        steps.append(
            Step(
                best.name,
                tuple(best.endpoints),
                round(prices[best.name], 2),
                sum(len(sites.get(key, ())) for key in new),
                sum(len(findings.get(key, ())) for key in new),
                tuple(g.name for g in done if g.functions & best.functions),
                tuple(sorted(best.needs)),
            )
        )
        done.append(best)
        finding_hours([f for key in sorted(new) for f in findings.get(key, ())], paid.kinds)
        paid.functions |= best.functions
    return tuple(steps)


def _hours(
    group: _Group,
    paid: _Paid,
    sites: Mapping[str, Sequence[str]],
    findings: Mapping[str, Sequence[Finding]],
) -> float:
    new = sorted(group.functions - paid.functions)
    return (
        endpoint_hours(group.endpoints)
        + site_hours(status for key in new for status in sites.get(key, ()))
        + finding_hours((f for key in new for f in findings.get(key, ())), set(paid.kinds))
    )


def _groups(
    endpoints: Sequence[EndpointLevel], reached: Mapping[Endpoint, frozenset[str]]
) -> list[_Group]:
    groups: dict[str, _Group] = {}
    free = [e for e in endpoints if "." not in e.endpoint.endpoint and not e.endpoint.static]
    names = _names_of_free(free, reached)
    for found in endpoints:
        if found.endpoint.static:
            continue
        blueprint = found.endpoint.endpoint.rpartition(".")[0]
        name = blueprint or names[found.endpoint]
        group = groups.setdefault(name, _Group(name))
        group.endpoints.append(found)
        group.functions |= reached.get(found.endpoint, frozenset())
    owners: dict[str, set[str]] = defaultdict(set)
    for group in groups.values():
        for found in group.endpoints:
            owners[found.endpoint.function.partition(":")[0]].add(group.name)
    for group in groups.values():
        own = {e.endpoint.function.partition(":")[0] for e in group.endpoints}
        for module in {key.partition(":")[0] for key in group.functions} - own - {""}:
            group.needs |= owners.get(module, set())
        group.needs.discard(group.name)
    return list(groups.values())


def _names_of_free(
    endpoints: Sequence[EndpointLevel], reached: Mapping[Endpoint, frozenset[str]]
) -> dict[Endpoint, str]:
    """A group for each endpoint without a blueprint: those that share functions are together.

    What more than half of them use (the current user, say) binds nobody.
    """
    used = Counter(key for e in endpoints for key in reached.get(e.endpoint, ()))
    common = {
        key for key, count in used.items() if len(endpoints) > 3 and count * 2 > len(endpoints)
    }
    leader: dict[Endpoint, Endpoint] = {e.endpoint: e.endpoint for e in endpoints}

    def find(endpoint: Endpoint) -> Endpoint:
        while leader[endpoint] is not endpoint:
            endpoint = leader[endpoint]
        return endpoint

    first: dict[str, Endpoint] = {}
    for found in endpoints:
        bonds = {*reached.get(found.endpoint, frozenset())} - common
        for key in (*bonds, f"path {_beginning(found.endpoint)}"):
            other = first.setdefault(key, found.endpoint)
            leader[find(found.endpoint)] = find(other)
    members: dict[Endpoint, list[Endpoint]] = defaultdict(list)
    for found in endpoints:
        members[find(found.endpoint)].append(found.endpoint)
    names = {}
    for together in members.values():
        paths = Counter(_beginning(e) for e in together)
        name = min(paths, key=lambda path: (-paths[path], path))
        names.update(dict.fromkeys(together, name))
    return names


def _beginning(endpoint: Endpoint) -> str:
    part = endpoint.rule.lstrip("/").partition("/")[0]
    return "/" if "<" in part else f"/{part}"
