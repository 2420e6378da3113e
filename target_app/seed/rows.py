"""Collects rows by table and hands out ids from 1."""

from collections import defaultdict
from datetime import datetime, timedelta

# The Monday the shop opened.
EPOCH = datetime(2019, 4, 1, 9, 30, 0)


class Rows(defaultdict):
    """`rows.add("tag", name="x")` keeps a row and returns its id."""

    def __init__(self):
        super().__init__(list)

    def add(self, table, **values):
        values["id"] = len(self[table]) + 1
        self[table].append(values)
        return values["id"]

    def link(self, table, **values):
        """A row of a table without an id of its own."""
        self[table].append(values)

    def of_tenant(self, table, tenant_id):
        return [row for row in self[table] if row["tenant_id"] == tenant_id]


def moment(number, step_minutes=97):
    """A fixed instant; growing numbers give later ones."""
    return EPOCH + timedelta(minutes=number * step_minutes)
