"""Tenants: the companies that sell through the storefront, and their settings."""

from target_app.extensions import db
from target_app.models.mixins import TimestampMixin
from sqlalchemy import select


class Tenant(TimestampMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    slug = db.Column(db.String(40), nullable=False, unique=True)
    name = db.Column(db.String(120), nullable=False)
    currency = db.Column(db.String(3), nullable=False, default="EUR")
    is_active = db.Column(db.Boolean, nullable=False, default=True)

    settings = db.relationship(
        "TenantSetting",
        back_populates="tenant",
        cascade="all, delete-orphan",
        order_by="TenantSetting.key",
    )
    users = db.relationship("User", back_populates="tenant", lazy="dynamic")

    async def setting(self, key, default=None):
        """One setting's value; an empty value counts as set."""
        row = await db.session.get(TenantSetting, (self.id, key))
        if row is None or row.value is None:
            return default
        return row.value

    def __repr__(self):
        return f"<Tenant {self.slug}>"


class TenantSetting(db.Model):
    tenant_id = db.Column(db.Integer, db.ForeignKey("tenant.id"), primary_key=True)
    key = db.Column(db.String(60), primary_key=True)
    value = db.Column(db.Text)

    tenant = db.relationship("Tenant", back_populates="settings")
