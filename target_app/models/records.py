"""What the application keeps about itself: audit log, attachments, notifications, job runs."""

from target_app.extensions import db
from target_app.models.mixins import TenantMixin
from target_app.utils import utcnow


class AuditEntry(TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer, db.ForeignKey("users.id"))
    action = db.Column(db.String(40), nullable=False, index=True)
    entity = db.Column(db.String(40), nullable=False)
    entity_id = db.Column(db.Integer)
    payload = db.Column(db.JSON)
    request_id = db.Column(db.String(64))
    created_at = db.Column(db.DateTime, nullable=False, default=utcnow)

    user = db.relationship("User")


class Attachment(TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    product_id = db.Column(db.Integer, db.ForeignKey("product.id"), index=True)
    order_id = db.Column(db.Integer, db.ForeignKey("orders.id"), index=True)
    uploaded_by_id = db.Column(db.Integer, db.ForeignKey("users.id"))
    filename = db.Column(db.String(200), nullable=False)
    content_type = db.Column(db.String(80), nullable=False)
    size = db.Column(db.Integer, nullable=False)
    checksum = db.Column(db.String(64), nullable=False)
    created_at = db.Column(db.DateTime, nullable=False, default=utcnow)
    # Lists never need the bytes.
    content = db.deferred(db.Column(db.LargeBinary, nullable=False))

    product = db.relationship("Product", back_populates="attachments")
    order = db.relationship("Order", back_populates="attachments")
    uploaded_by = db.relationship("User")


class Notification(TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    customer_id = db.Column(db.Integer, db.ForeignKey("customer.id"))
    recipient = db.Column(db.String(120))
    subject = db.Column(db.String(200), nullable=False)
    body = db.Column(db.Text, nullable=False)
    created_at = db.Column(db.DateTime, nullable=False, default=utcnow)
    sent_at = db.Column(db.DateTime)

    customer = db.relationship("Customer")


class JobRun(TenantMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(60), nullable=False)
    status = db.Column(db.String(20), nullable=False, default="queued", index=True)
    payload = db.Column(db.JSON)
    result = db.Column(db.JSON)
    error = db.Column(db.Text)
    created_at = db.Column(db.DateTime, nullable=False, default=utcnow)
    finished_at = db.Column(db.DateTime)
