"""Tenants: the companies that sell through the storefront, and their settings."""

from target_app.extensions import db
from target_app.models.mixins import TimestampMixin
from migrator.runtime.db import unbridged
from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import relationship


class Tenant(TimestampMixin, db.Model):
    id = Column(Integer, primary_key=True)
    slug = Column(String(40), nullable=False, unique=True)
    name = Column(String(120), nullable=False)
    currency = Column(String(3), nullable=False, default="EUR")
    is_active = Column(Boolean, nullable=False, default=True)

    settings = relationship(
        "TenantSetting",
        back_populates="tenant",
        cascade="all, delete-orphan",
        order_by="TenantSetting.key",
    )
    users = db.relationship("User", back_populates="tenant", lazy="dynamic")

    @unbridged
    async def setting(self, key, default=None):
        """One setting's value; an empty value counts as set."""
        row = await db.session.get(TenantSetting, (self.id, key))
        if row is None or row.value is None:
            return default
        return row.value

    def __repr__(self):
        return f"<Tenant {self.slug}>"


class TenantSetting(db.Model):
    tenant_id = Column(Integer, ForeignKey("tenant.id"), primary_key=True)
    key = Column(String(60), primary_key=True)
    value = Column(Text)

    tenant = relationship("Tenant", back_populates="settings")
