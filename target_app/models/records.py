"""What the application keeps about itself: audit log, attachments, notifications, job runs."""

from target_app.extensions import db
from target_app.models.mixins import TenantMixin
from target_app.utils import utcnow
from sqlalchemy import Column, DateTime, ForeignKey, Integer, JSON, LargeBinary, String, Text
from sqlalchemy.orm import deferred, relationship


class AuditEntry(TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer, ForeignKey("users.id"))
    action = Column(String(40), nullable=False, index=True)
    entity = Column(String(40), nullable=False)
    entity_id = Column(Integer)
    payload = Column(JSON)
    request_id = Column(String(64))
    created_at = Column(DateTime, nullable=False, default=utcnow)

    user = relationship("User")


class Attachment(TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    product_id = Column(Integer, ForeignKey("product.id"), index=True)
    order_id = Column(Integer, ForeignKey("orders.id"), index=True)
    uploaded_by_id = Column(Integer, ForeignKey("users.id"))
    filename = Column(String(200), nullable=False)
    content_type = Column(String(80), nullable=False)
    size = Column(Integer, nullable=False)
    checksum = Column(String(64), nullable=False)
    created_at = Column(DateTime, nullable=False, default=utcnow)
    # Lists never need the bytes.
    content = deferred(Column(LargeBinary, nullable=False))

    product = relationship("Product", back_populates="attachments")
    order = relationship("Order", back_populates="attachments")
    uploaded_by = relationship("User")


class Notification(TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    customer_id = Column(Integer, ForeignKey("customer.id"))
    recipient = Column(String(120))
    subject = Column(String(200), nullable=False)
    body = Column(Text, nullable=False)
    created_at = Column(DateTime, nullable=False, default=utcnow)
    sent_at = Column(DateTime)

    customer = relationship("Customer")


class JobRun(TenantMixin, db.Model):
    id = Column(Integer, primary_key=True)
    name = Column(String(60), nullable=False)
    status = Column(String(20), nullable=False, default="queued", index=True)
    payload = Column(JSON)
    result = Column(JSON)
    error = Column(Text)
    created_at = Column(DateTime, nullable=False, default=utcnow)
    finished_at = Column(DateTime)
