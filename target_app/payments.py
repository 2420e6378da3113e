"""/api/payments: money that came in, by card, transfer, voucher or in cash."""

from datetime import UTC, datetime

from migrator.runtime.compat import Blueprint, g, jsonify, request
from werkzeug.exceptions import NotFound

from target_app.auth.decorators import roles_required
from target_app.errors import ValidationError
from target_app.extensions import db
from target_app.models import BankTransfer, Invoice, Payment
from target_app.serializers.invoices import payment_to_dict
from target_app.services import invoicing
from target_app.services import payments as payment_service
from target_app.validation import Reader
from migrator.runtime.db import bounds
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

bp = Blueprint("payments", __name__, url_prefix="/api/payments")


@bp.errorhandler(404)
def unknown(error):
    """Payments live in another team's monitoring, which wants a code of its own."""
    return jsonify(error={"code": "payment_not_found", "message": error.description}), 404


@bp.get("")
@roles_required("accounts", "viewer")
async def list_payments():
    query, every_kind = payment_service.of_tenant(g.tenant)
    if request.args.get("kind"):
        query = query.where(every_kind.kind == request.args["kind"])
    start = max(request.args.get("start", 0, type=int), 0)
    rows = (await db.session.scalars(query.slice(*bounds(start, start + 20)))).unique().all()
    return jsonify(payments=[await payment_to_dict(payment) for payment in rows], total=await db.session.scalar(select(func.count()).select_from(query.subquery())))


async def find(payment_id):
    payment = await db.get_or_404(Payment, payment_id)
    if (await payment.awaitable_attrs.invoice).tenant_id != g.tenant.id:
        raise NotFound
    return payment


@bp.get("/{payment_id:int}")
@roles_required("accounts", "viewer")
async def get_payment(payment_id: int):
    return jsonify(await payment_to_dict(await find(payment_id)))


def read_details(reader, kind):
    if kind == "card":
        details = {"brand": reader.text("brand"), "last4": reader.text("last4", max_length=4)}
    elif kind == "transfer":
        details = {
            "iban": reader.text("iban", max_length=34),
            "account_holder": reader.text("account_holder", default=None, max_length=120),
        }
    elif kind == "voucher":
        details = {"voucher_code": reader.text("code", max_length=40)}
    else:
        details = {}
    return details


def read_instant(reader, name):
    """An ISO 8601 instant with its offset; noon UTC of a bare date; now when absent."""
    raw = reader.text(name, default=None)
    if raw is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(raw)
    except (TypeError, ValueError):
        raise ValidationError({name: "must be an ISO 8601 instant"}) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@bp.post("")
@roles_required("accounts")
async def create_payment():
    reader = Reader(request.get_json())
    invoice_id = reader.integer("invoice_id")
    kind = reader.choice("kind", list(payment_service.CLASSES))
    amount = reader.decimal("amount", minimum="0.01", maximum="999999999999")
    reference = reader.text("reference", default=None, max_length=80, blank=True)
    details = read_details(reader, kind)
    received_at = read_instant(reader, "received_at")
    reader.done()
    invoice = await invoicing.get(g.tenant, invoice_id, lock=True)
    payment = await payment_service.register(invoice, kind, amount, received_at, reference, details)
    return jsonify(await payment_to_dict(payment)), 201


@bp.post("/{payment_id:int}/refund")
@roles_required("accounts")
async def refund(payment_id: int):
    reader = Reader(request.get_json(silent=True))
    reason = reader.reason()
    reader.done()
    payment = await payment_service.refund(await find(payment_id), reason)
    return jsonify(await payment_to_dict(payment))


@bp.get("/totals")
@roles_required("accounts", "viewer")
async def totals():
    rows = await payment_service.totals_by_kind(g.tenant)
    return jsonify(totals=[row._asdict() for row in rows])


@bp.get("/by-iban/{iban}")
@roles_required("accounts")
async def by_iban(iban: str):
    transfers = (
        (await db.session.scalars(
            select(BankTransfer).join(Invoice)
            .options(contains_eager(BankTransfer.invoice))
            .where(Invoice.tenant_id == g.tenant.id, BankTransfer.iban == iban.replace(" ", ""))
            .order_by(BankTransfer.id)
        )).unique().all()
    )
    if not transfers:
        raise NotFound(f"Nothing came from {iban}.")
    return jsonify(payments=[await payment_to_dict(transfer) for transfer in transfers])
