"""/api/attachments: upload and download."""

import io

from flask import Blueprint, abort, g, jsonify, request, send_file, url_for
from flask_login import current_user

from legacy_app.auth.decorators import roles_required
from legacy_app.extensions import db
from legacy_app.models import Attachment, Order, Product
from legacy_app.serializers.users import user_ref
from legacy_app.services import attachments as attachment_service
from legacy_app.services import audit

bp = Blueprint("attachments", __name__, url_prefix="/api/attachments")


def attachment_to_dict(attachment):
    return {
        "id": attachment.id,
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "checksum": attachment.checksum,
        "created_at": attachment.created_at,
        "uploaded_by": user_ref(attachment.uploaded_by),
        "product": attachment.product.sku if attachment.product else None,
        "order": attachment.order.number if attachment.order else None,
        "url": url_for("attachments.download", attachment_id=attachment.id),
    }


@bp.route("")
@roles_required("sales", "warehouse", "viewer")
def list_attachments():
    query = Attachment.for_tenant(g.tenant)
    if "order" in request.args:
        query = query.filter_by(order_id=request.args.get("order", type=int))
    if "product" in request.args:
        query = query.filter_by(product_id=request.args.get("product", type=int))
    size = query.with_entities(db.func.coalesce(db.func.sum(Attachment.size), 0)).scalar()
    return jsonify(
        attachments=[attachment_to_dict(each) for each in query.order_by(Attachment.id)],
        size=int(size),
    )


@bp.route("", methods=["POST"])
@roles_required("sales", "warehouse")
def upload():
    file = request.files.get("file")
    if file is None or not file.filename:
        abort(400, description="Send the file as the form field 'file'.")
    product = order = None
    if request.form.get("sku"):
        product = Product.for_tenant(g.tenant).filter_by(sku=request.form["sku"]).first_or_404()
    if request.form.get("order"):
        order = (
            Order.query.filter_by(tenant_id=g.tenant.id)
            .filter(Order.id == request.form.get("order", type=int))
            .first_or_404()
        )
    attachment, created = attachment_service.store(g.tenant, current_user, file, product, order)
    return jsonify(attachment_to_dict(attachment)), 201 if created else 200


def find(attachment_id):
    attachment = db.get_or_404(Attachment, attachment_id)
    if attachment.tenant_id != g.tenant.id:
        abort(404)
    return attachment


@bp.route("/<int:attachment_id>")
@roles_required("sales", "warehouse", "viewer")
def get_attachment(attachment_id):
    return jsonify(attachment_to_dict(find(attachment_id)))


@bp.route("/<int:attachment_id>/download")
@roles_required("sales", "warehouse", "viewer")
def download(attachment_id):
    attachment = find(attachment_id)
    return send_file(
        io.BytesIO(attachment.content),
        mimetype=attachment.content_type,
        as_attachment=not request.args.get("inline"),
        download_name=attachment.filename,
        etag=attachment.checksum,
        last_modified=attachment.created_at,
    )


@bp.route("/<int:attachment_id>", methods=["DELETE"])
@roles_required("admin")
def delete(attachment_id):
    attachment = find(attachment_id)
    db.session.delete(attachment)
    audit.record("delete", "attachment", attachment.id, filename=attachment.filename)
    db.session.commit()
    return "", 204
