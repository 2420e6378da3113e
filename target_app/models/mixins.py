"""Columns and finders that several models share."""

from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import declared_attr, relationship

from target_app.extensions import db
from target_app.utils import utcnow
from sqlalchemy import Column, DateTime, ForeignKey, Integer, select


class TimestampMixin:
    created_at = Column(DateTime, nullable=False, default=utcnow)
    updated_at = Column(DateTime, nullable=False, default=utcnow, onupdate=utcnow)


class SoftDeleteMixin:
    deleted_at = Column(DateTime)

    @hybrid_property
    def is_deleted(self):
        return self.deleted_at is not None

    @is_deleted.expression
    def is_deleted(cls):
        return cls.deleted_at.isnot(None)

    @classmethod
    def alive(cls):
        """A query over the rows that nobody deleted."""
        return cls.query.filter(cls.deleted_at.is_(None))

    def soft_delete(self):
        self.deleted_at = utcnow()


class TenantMixin:
    @declared_attr
    def tenant_id(cls):
        return Column(Integer, ForeignKey("tenant.id"), nullable=False, index=True)

    @declared_attr
    def tenant(cls):
        return relationship("Tenant")

    @classmethod
    def for_tenant(cls, tenant):
        """A query over one tenant's rows."""
        return select(cls).filter_by(tenant_id=tenant.id)
