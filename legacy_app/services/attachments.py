"""Files that belong to a product or an order; the bytes live in the database."""

import hashlib

from flask import current_app
from werkzeug.utils import secure_filename

from legacy_app.errors import ServiceError
from legacy_app.extensions import db
from legacy_app.models import Attachment
from legacy_app.services import audit


class UnsupportedType(ServiceError):
    status_code = 415
    code = "unsupported_type"


def store(tenant, user, upload, product=None, order=None):
    """Keep an uploaded file; a second upload of the same bytes gives the first one's record."""
    if upload.mimetype not in current_app.config["ALLOWED_UPLOADS"]:
        raise UnsupportedType(f"{upload.mimetype} is not accepted.")
    content = upload.read()
    checksum = hashlib.sha256(content).hexdigest()
    same = Attachment.for_tenant(tenant).filter_by(checksum=checksum, product=product, order=order)
    found = same.order_by(Attachment.id).first()
    if found is not None:
        return found, False
    attachment = Attachment(
        tenant_id=tenant.id,
        product=product,
        order=order,
        uploaded_by_id=user.id,
        filename=secure_filename(upload.filename) or "unnamed",
        content_type=upload.mimetype,
        size=len(content),
        checksum=checksum,
        content=content,
    )
    db.session.add(attachment)
    db.session.flush()
    audit.record("upload", "attachment", attachment.id, size=attachment.size)
    db.session.commit()
    return attachment, True
