"""Warehouses, stock, movements, attachments, the audit log and the queue of jobs."""

import hashlib

from target_app.seed.rows import EPOCH, moment
from target_app.seed.values import pick

WAREHOUSES = [("NORTH", "Lager Nord", True), ("SOUTH", "Entrepôt sud", True), ("OLD", "", False)]
FILES = [
    ("manual.pdf", "application/pdf", b"%PDF-1.4 demo\n%%EOF\n"),
    ("größe & maß.txt", "text/plain", "Größe: 12 ½\nmaß: ∞\n".encode()),
    ("pixel.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
    ("empty.csv", "text/csv", b""),
    ("long.txt", "text/plain", b"0123456789abcdef\n" * 6000),
]


def build(rows):
    for tenant in list(rows["tenant"]):
        tenant_id = tenant["id"]
        users = rows.of_tenant("users", tenant_id)
        places = [
            rows.add("warehouse", tenant_id=tenant_id, code=code, name=name, is_active=is_active)
            for code, name, is_active in WAREHOUSES
        ]
        for number, product in enumerate(rows.of_tenant("product", tenant_id)):
            stock(rows, product["id"], number, places, users)
        records(rows, tenant_id, users)
    shipments(rows)


def stock(rows, product_id, number, places, users):
    """Two places for most products; some lie nowhere, some are reserved to the last piece."""
    for step, warehouse_id in enumerate(places[: number % 4]):
        quantity = 0 if number % 10 == 9 else (number * 37 + step * 11) % 500
        rows.add(
            "stock_level",
            warehouse_id=warehouse_id,
            product_id=product_id,
            quantity=quantity,
            reserved=quantity if number % 13 == 12 else quantity // 10,
            reorder_point=None if number % 6 == 5 else 20,
        )
        rows.add(
            "stock_movement",
            kind="receipt" if step != 1 else "adjustment",
            warehouse_id=warehouse_id,
            product_id=product_id,
            user_id=None if number % 8 == 7 else users[number % 4]["id"],
            quantity=quantity,
            created_at=moment(number, 45),
            supplier_reference=f"LS-{number}" if number % 3 else None,
            order_line_id=None,
            reason=[None, "", "Bruch / breakage"][number % 3] if step == 1 else None,
        )


def shipments(rows):
    """What left the house for the first lines of the shipped orders."""
    orders = {row["id"]: row for row in rows["orders"] if row["status"] == "shipped"}
    first_place = {
        row["tenant_id"]: row["id"] for row in reversed(rows["warehouse"]) if row["is_active"]
    }
    for line in rows["order_line"]:
        order = orders.get(line["order_id"])
        if order is None or line["position"] != 1:
            continue
        rows.add(
            "stock_movement",
            kind="shipment",
            warehouse_id=first_place[order["tenant_id"]],
            product_id=line["product_id"],
            user_id=order["created_by_id"],
            quantity=-line["quantity"],
            created_at=order["shipped_at"],
            supplier_reference=None,
            order_line_id=line["id"],
            reason=None,
        )


def records(rows, tenant_id, users):
    products = rows.of_tenant("product", tenant_id)
    orders = rows.of_tenant("orders", tenant_id)
    for number, (filename, content_type, content) in enumerate(FILES * 2):
        on_order = number >= len(FILES)
        rows.add(
            "attachment",
            tenant_id=tenant_id,
            product_id=None if on_order else products[number % 2]["id"],
            order_id=orders[number % 3]["id"] if on_order else None,
            uploaded_by_id=users[number % 4]["id"],
            filename=filename,
            content_type=content_type,
            size=len(content),
            checksum=hashlib.sha256(content).hexdigest(),
            created_at=moment(number),
            content=content,
        )
    for number, order in enumerate(orders):
        rows.add(
            "audit_entry",
            tenant_id=tenant_id,
            user_id=order["created_by_id"],
            action=pick(["create", "submit", "login", "export"], number),
            entity="order",
            entity_id=order["id"],
            payload=[None, {"number": order["sequence"]}, {"név": "Ő", "list": [1, None]}][
                number % 3
            ],
            request_id="-" if number % 2 else f"req-{number:04d}",
            created_at=moment(number, 30),
        )
    for number, status in enumerate(["queued", "queued", "done", "failed"]):
        rows.add(
            "job_run",
            tenant_id=tenant_id,
            name="send_reminders" if number != 1 else "recount_stock",
            status=status,
            payload={"days": 0} if number == 0 else None,
            result={"sent": 3} if status == "done" else None,
            error="SMTP: connection refused" if status == "failed" else None,
            created_at=EPOCH,
            finished_at=moment(5) if status in ("done", "failed") else None,
        )
    for number in range(6):
        rows.add(
            "notification",
            tenant_id=tenant_id,
            customer_id=None,
            recipient=[None, "", "ops@acme.example"][number % 3],
            subject="Wöchentlicher Bericht" if number % 2 else "Weekly report",
            body="",
            created_at=moment(number),
            sent_at=moment(number + 1) if number % 2 else None,
        )
