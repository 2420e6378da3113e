"""Twenty ways in which a migration goes wrong, each a small change of the converted application."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plant:
    """`old` is replaced by `new` where it first occurs in `file` (after `after`, where that is set).

    `only` are the cases to ask again; `found` is where the difference must be reported: a channel
    and the beginning of the place in it.
    """

    name: str
    file: str
    old: str
    new: str
    only: tuple[str, ...]
    found: tuple[str, str]
    after: str = ""

    def put_into(self, folder: Path) -> None:
        """Change the copy of the application in `folder`; LookupError where it looks different."""
        file = folder / self.file
        text = file.read_text(encoding="utf-8")
        start = text.find(self.old, text.index(self.after))
        if start < 0:
            raise LookupError(
                f"{self.file} has no {self.old!r}: the plant {self.name!r} needs care."
            )
        end = start + len(self.old)
        file.write_text(text[:start] + self.new + text[end:], encoding="utf-8")


PLANTS = (
    Plant(
        "1 for true",
        "serializers/users.py",
        '"active": user.active',
        '"active": int(user.active)',
        ("me by session", "users"),
        ("json", "$.user.active"),
    ),
    Plant(
        "a number for a decimal's text",
        "serializers/orders.py",
        '"unit_price": line.unit_price',
        '"unit_price": float(line.unit_price)',
        ("order *id=4]",),
        ("json", "$.lines[0].unit_price"),
    ),
    Plant(
        "a missing row",
        "services/listing.py",
        "in pagination.items]",
        "in pagination.items[:-1]]",
        ("customers", "movements"),
        ("json", "$.items"),
    ),
    Plant(
        "an UPDATE too many",
        "services/users.py",
        "user.name = name",
        "user.name, user.last_login_at = name, utcnow()",
        ("new name",),
        ("rows", "users"),
    ),
    Plant(
        "swapped order",
        "services/orders.py",
        ".order_by(OrderEvent.id)",
        ".order_by(OrderEvent.id.desc())",
        ("events *",),
        ("json", "$"),
    ),
    Plant(
        "the page after",
        "catalogue/views.py",
        'page = max(request.args.get("page", 1, type=int), 1)',
        'page = max(request.args.get("page", 1, type=int), 1) + 1',
        ("products", "products by page *"),
        ("json", "$.items"),
    ),
    Plant(
        "a lost cascade",
        "models/orders.py",
        'cascade="all, delete-orphan",',
        "",
        ("delete an order", "remove a line"),
        ("rows", "order_line"),
        after="lines = relationship",
    ),
    Plant(
        "a dropped header",
        "hooks.py",
        'response.headers["X-Request-ID"] =',
        "_ =",
        ("the load balancer numbers requests",),
        ("header", "x-request-id"),
    ),
    Plant(
        "a lost Set-Cookie",
        "auth/routes.py",
        "remember=remember",
        "remember=False",
        ("login to be remembered",),
        ("cookie", "remember_token"),
        after="user = ",
    ),
    Plant(
        "a wrong status",
        "customers/routes.py",
        ", 201, {",
        ", 200, {",
        ("new customer", "smallest customer"),
        ("status", ""),
    ),
    Plant(
        "a missing 404",
        "attachments.py",
        "if attachment.tenant_id != g.tenant.id:",
        "if attachment.tenant_id is None:",
        ("download a foreign file", "attachment that is away *"),
        ("status", ""),
    ),
    Plant(
        "ISO 8601 for RFC 822",
        "serializers/orders.py",
        '"placed_at": order.placed_at',
        '"placed_at": order.placed_at and order.placed_at.isoformat()',
        ("orders",),
        ("json", "$.items[0].placed_at"),
    ),
    Plant(
        "a lost filter",
        "services/customers.py",
        "if not with_deleted:",
        "if with_deleted is False:",
        ("customers", "deleted customers as well"),
        ("json", "$"),
    ),
    Plant(
        "a commit too few",
        "services/users.py",
        "db.session.commit()",
        "db.session.flush()",
        ("new name by session",),
        ("rows", "users"),
        after='"rename"',
    ),
    # Six of our own.
    Plant(
        "lines that end like Unix's",
        "reports.py",
        "csv.writer(buffer)",
        'csv.writer(buffer, lineterminator="\\n")',
        ("orders of a status as CSV *",),
        ("body", ""),
    ),
    Plant(
        "cents rounded the banker's way",
        "utils.py",
        "rounding=ROUND_HALF_UP",
        'rounding="ROUND_HALF_EVEN"',
        ("order of half cents",),
        ("json", "$.lines[0].amount"),
    ),
    Plant(
        "a lost lock",
        "services/orders.py",
        "if version != order.version:",
        "if False:",
        ("change an order of an old version",),
        ("status", ""),
    ),
    Plant(
        "a lost savepoint",
        "services/stock.py",
        "db.session.begin_nested():",
        "db.session.no_autoflush:",
        ("stocktaking with bad rows",),
        ("json", "$.failed"),
        after="async def import_counts",
    ),
    Plant(
        "markup that is not escaped",
        "templates/backoffice/customers.html",
        "{{ customer.name }}",
        "{{ customer.name|safe }}",
        ("customers page", "customers page found *"),
        ("body", ""),
    ),
    Plant(
        "null for an empty text",
        "serializers/customers.py",
        '"notes": customer.notes',
        '"notes": customer.notes or None',
        ("customer *",),
        ("json", "$.notes"),
    ),
)


_TAKEN = Plant("", "hooks.py", "g.request_id =", "kept.request_id = g.request_id =", (), ("", ""))
_GIVEN = Plant(
    "",
    "hooks.py",
    'g.get("request_id", "-")',
    'getattr(kept, "request_id", "-")',
    ("the load balancer numbers requests", "customers", "orders", "movements"),
    ("header", "x-request-id"),
)
_LISTS = ("customers", "orders", "movements", "products", "products by page *")


def _made(file: str, what: str) -> Plant:
    """`kept`, at the end of a module's imports."""
    return Plant("", file, "\n\n\n", f"\nimport threading\nkept = {what}\n\n\n", (), ("", ""))


#: What shows only where requests run at once, by name: the last part has what `only` and `found` say.
AT_ONCE = {
    "data of all requests": (_made("hooks.py", "lambda: None"), _TAKEN, _GIVEN),
    "data of the thread": (_made("hooks.py", "threading.local()"), _TAKEN, _GIVEN),
    "a lock of threads": (
        _made("services/listing.py", "threading.Lock()"),
        Plant(
            "",
            "services/listing.py",
            "    pagination = await",
            "    with kept: pagination = await",
            _LISTS,
            ("exception", ""),
        ),
    ),
}
