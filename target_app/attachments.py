"""/api/attachments: upload and download."""

import io

from migrator.runtime.compat import Blueprint, abort, g, jsonify, request, send_file, url_for
from migrator.runtime.compat.login import current_user, get_current_user

from target_app.auth.decorators import roles_required
from target_app.extensions import db
from target_app.models import Attachment, Order, Product
from target_app.serializers.users import user_ref
from target_app.services import attachments as attachment_service
from target_app.services import audit
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

bp = Blueprint("attachments", __name__, url_prefix="/api/attachments")


async def attachment_to_dict(attachment):
    return {
        "id": attachment.id,
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "checksum": attachment.checksum,
        "created_at": attachment.created_at,
        "uploaded_by": user_ref(await attachment.awaitable_attrs.uploaded_by),
        "product": (await attachment.awaitable_attrs.product).sku if (await attachment.awaitable_attrs.product) else None,
        "order": (await (await attachment.awaitable_attrs.order).awaitable_attrs.number) if (await attachment.awaitable_attrs.order) else None,
        "url": url_for("attachments.download", attachment_id=attachment.id),
    }


@bp.get("")
@roles_required("sales", "warehouse", "viewer")
async def list_attachments():
    query = Attachment.for_tenant(g.tenant)
    if "order" in request.args:
        query = query.filter_by(order_id=request.args.get("order", type=int))
    if "product" in request.args:
        query = query.filter_by(product_id=request.args.get("product", type=int))
    size = await db.session.scalar(query.with_only_columns(func.coalesce(func.sum(Attachment.size), 0)))
    return jsonify(
        attachments=[await attachment_to_dict(each) for each in (await db.session.scalars(query.order_by(Attachment.id).options(selectinload(Attachment.uploaded_by)))).unique()],
        size=int(size),
    )


@bp.post("")
@roles_required("sales", "warehouse")
async def upload():
    file = request.files.get("file")
    if file is None or not file.filename:
        abort(400, description="Send the file as the form field 'file'.")
    product = order = None
    if request.form.get("sku"):
        product = await db.first_or_404(Product.for_tenant(g.tenant).filter_by(sku=request.form["sku"]))
    if request.form.get("order"):
        order = await db.first_or_404(
                select(Order).filter_by(tenant_id=g.tenant.id)
                .where(Order.id == request.form.get("order", type=int))
            )
    attachment, created = await attachment_service.store(g.tenant, await get_current_user(), file, product, order)
    return jsonify(await attachment_to_dict(attachment)), 201 if created else 200


async def find(attachment_id):
    attachment = await db.get_or_404(Attachment, attachment_id)
    if attachment.tenant_id != g.tenant.id:
        abort(404)
    return attachment


@bp.get("/{attachment_id:int}")
@roles_required("sales", "warehouse", "viewer")
async def get_attachment(attachment_id: int):
    return jsonify(await attachment_to_dict(await find(attachment_id)))


@bp.get("/{attachment_id:int}/download")
@roles_required("sales", "warehouse", "viewer")
async def download(attachment_id: int):
    attachment = await find(attachment_id)
    return send_file(
        io.BytesIO(await attachment.awaitable_attrs.content),
        mimetype=attachment.content_type,
        as_attachment=not request.args.get("inline"),
        download_name=attachment.filename,
        etag=attachment.checksum,
        last_modified=attachment.created_at,
    )


@bp.delete("/{attachment_id:int}")
@roles_required("admin")
async def delete(attachment_id: int):
    attachment = await find(attachment_id)
    await db.session.delete(attachment)
    await audit.record("delete", "attachment", attachment.id, filename=attachment.filename)
    await db.session.commit()
    return "", 204
