"""Customers, orders, invoices, payments, and what was noted about them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from target_app.seed.rows import EPOCH, moment
from target_app.seed.values import COMPANIES, NOTES, STREETS, pick

CUSTOMERS = {"acme": 70, "globex": 25, "initech": 2}
ORDERS = {"acme": 420, "globex": 120, "initech": 3}
STATUSES = ["draft", "submitted", "shipped", "shipped", "shipped", "cancelled"]
DISCOUNTS = ["0.00", "0.00", "2.50", "10.00", "33.33", "100.00", "5.00"]
LEAP_DAY = date(2020, 2, 29)
TENTH_OF_A_MILL = Decimal("0.0001")


def build(rows):
    for tenant in list(rows["tenant"]):
        slug, tenant_id = tenant["slug"], tenant["id"]
        users = rows.of_tenant("users", tenant_id)
        customers = [customer(rows, tenant_id, n, users) for n in range(CUSTOMERS[slug])]
        products = rows.of_tenant("product", tenant_id)
        # The last customers never order.
        buyers = customers[: max(len(customers) - 5, 1)]
        for number in range(ORDERS[slug]):
            order(rows, tenant_id, number, buyers, products, users)


def customer(rows, tenant_id, number, users):
    limits = [None, Decimal("0.00"), Decimal("50000.00"), Decimal("999999999999.99")]
    customer_id = rows.add(
        "customer",
        tenant_id=tenant_id,
        code=f"C{number + 1:04d}",
        name=f"{pick(COMPANIES, number)}{'' if number < 14 else f' {number}'}",
        email=[None, "", f"buyer{number}@customer.example"][number % 3],
        vat_number=None if number % 4 else f"DE{number:09d}",
        credit_limit=limits[number % 7] if number % 7 < 4 else None,
        since=LEAP_DAY if number % 6 == 5 else date(2019, 1, 1) + timedelta(days=number * 11),
        notes=pick(NOTES, number),
        account_manager_id=None if number % 5 == 4 else users[number % 4]["id"],
        created_at=moment(number),
        updated_at=moment(number),
        deleted_at=moment(number + 500) if number % 17 == 16 else None,
    )
    for place in range(number % 4):
        line1, line2, city, postcode, country = pick(STREETS, number + place)
        rows.add(
            "address",
            customer_id=customer_id,
            kind="billing" if place == 2 else "delivery",
            line1=line1,
            line2=line2,
            city=city,
            postcode=postcode,
            country=country,
            is_default=place == 1,
        )
    return customer_id


def order(rows, tenant_id, number, customers, products, users):
    status = STATUSES[number % len(STATUSES)]
    placed = None if status == "draft" else moment(number, 61 * 17)
    if number == 7:
        # The last second of a leap day, in UTC: already March further east.
        placed = datetime(2020, 2, 29, 23, 59, 59, 999999)
    created = placed or moment(number, 61 * 17)
    order_id = rows.add(
        "orders",
        tenant_id=tenant_id,
        sequence=number + 1,
        customer_id=customers[(number * 7) % len(customers)],
        created_by_id=None if number % 9 == 8 else users[number % 4]["id"],
        status=status,
        customer_reference=f"PO {number} / ü" if number % 3 == 0 else None,
        notes=pick(NOTES, number),
        discount_percent=Decimal(DISCOUNTS[number % len(DISCOUNTS)]),
        placed_at=placed,
        shipped_at=placed + timedelta(days=2) if status == "shipped" else None,
        required_on=LEAP_DAY if number % 20 == 19 else None,
        version=1 + number % 4,
        created_at=created,
        updated_at=created + timedelta(hours=1),
    )
    lines = order_lines(rows, order_id, number, products)
    events(rows, order_id, status, created, users[number % 4]["id"])
    # A few shipped orders wait for their invoice.
    if status == "shipped" and number % 24 != 4:
        invoice(rows, tenant_id, rows["orders"][-1], lines, number)


def order_lines(rows, order_id, number, products):
    """Up to five lines; every eleventh order has none."""
    lines = []
    for position in range(0 if number % 11 == 10 else 1 + number % 5):
        product = products[(number * 17 + position * 31) % len(products)]
        row = {
            "order_id": order_id,
            "product_id": product["id"],
            "position": position + 1,
            "description": [None, "", "as agreed", "Größe: L"][(number + position) % 4],
            # A quantity of zero is a free sample in the old system.
            "quantity": 0 if number % 23 == 22 else 1 + (number * 3 + position * 5) % 40,
            "unit_price": (product["price"] * (9975 if position == 2 else 10000) / 10000).quantize(
                TENTH_OF_A_MILL
            ),
        }
        rows.add("order_line", **row)
        lines.append((row, product))
    return lines


def events(rows, order_id, status, created, user_id):
    steps = {
        "draft": ["created"],
        "submitted": ["created", "submitted"],
        "shipped": ["created", "submitted", "shipped"],
        "cancelled": ["created", "cancelled"],
    }
    for step, kind in enumerate(steps[status]):
        rows.add(
            "order_event",
            order_id=order_id,
            user_id=user_id if step else None,
            kind=kind,
            message="" if step % 2 else f"{kind} ✓",
            created_at=created + timedelta(minutes=step),
        )


def invoice(rows, tenant_id, order_row, lines, number):
    status = ["issued", "paid", "paid", "draft", "void", "issued", "paid"][number % 7]
    issued = (order_row["placed_at"] + timedelta(days=3)).date()
    if number % 31 == 2:
        issued = LEAP_DAY
    factor = (100 - order_row["discount_percent"]) / 100
    amounts = [
        (row["quantity"] * row["unit_price"] * factor).quantize(Decimal("0.01")) for row, _ in lines
    ]
    net = sum(amounts, Decimal("0.00"))
    tax = (net * Decimal("0.20")).quantize(Decimal("0.01"))
    invoice_id = rows.add(
        "invoice",
        tenant_id=tenant_id,
        number=f"INV-{number + 1:05d}",
        order_id=order_row["id"],
        customer_id=order_row["customer_id"],
        status=status,
        issued_on=None if status == "draft" else issued,
        due_on=None if status == "draft" else issued + timedelta(days=30),
        tax_rate=Decimal("0.2000"),
        net=net,
        tax=tax,
        reminders=number % 3 if status == "issued" else 0,
        created_at=EPOCH,
        updated_at=EPOCH,
    )
    for (row, product), amount in zip(lines, amounts, strict=True):
        rows.add(
            "invoice_line",
            invoice_id=invoice_id,
            text=f"{product['sku']} {product['name']}",
            quantity=row["quantity"],
            amount=amount,
        )
    if status == "paid":
        payments(rows, invoice_id, net + tax, issued, number)
    elif status == "issued" and number % 2:
        payment(rows, invoice_id, (net / 4).quantize(Decimal("0.01")), issued, number)


def payments(rows, invoice_id, gross, issued, number):
    """In one go or in two halves; now and then a failed attempt before."""
    if number % 4 == 0:
        payment(rows, invoice_id, gross, issued, number, status="failed")
    half = (gross / 2).quantize(Decimal("0.01"))
    if number % 3 == 0:
        payment(rows, invoice_id, half, issued, number)
        payment(rows, invoice_id, gross - half, issued, number + 1)
    else:
        payment(rows, invoice_id, gross, issued, number)


def payment(rows, invoice_id, amount, issued, number, status="settled"):
    kind = ["card", "transfer", "voucher", "cash", "transfer"][number % 5]
    # Half past midnight in Kiritimati is still the day before in UTC.
    east = timezone(timedelta(hours=14))
    received = datetime(issued.year, issued.month, issued.day, 0, 30, tzinfo=east)
    payment_id = rows.add(
        "payment",
        kind=kind,
        invoice_id=invoice_id,
        amount=amount,
        status=status,
        received_at=received.astimezone(UTC),
        reference=[None, "", f"Ref {number} – danke"][number % 3],
        voucher_code=f"GIFT-{number}" if kind == "voucher" else None,
    )
    if kind == "card":
        rows.link("card_payment", id=payment_id, brand="Visa", last4=f"{number % 10000:04d}")
    elif kind == "transfer":
        rows.link(
            "bank_transfer",
            id=payment_id,
            iban=f"DE{number:020d}",
            account_holder=pick(COMPANIES, number) if number % 2 else None,
        )
