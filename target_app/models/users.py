"""Users, their roles and the tokens they give to programs."""

import hashlib

from migrator.runtime.compat.login import UserMixin
from sqlalchemy.orm import validates, relationship
from werkzeug.security import check_password_hash, generate_password_hash

from target_app.extensions import db
from target_app.models.mixins import TimestampMixin
from target_app.utils import utcnow
from migrator.runtime.db import unbridged
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
    func,
    select,
)

user_roles = db.Table(
    "user_roles",
    Column("user_id", Integer, ForeignKey("users.id"), primary_key=True),
    Column("role_id", Integer, ForeignKey("role.id"), primary_key=True),
)


class Role(db.Model):
    id = Column(Integer, primary_key=True)
    name = Column(String(30), nullable=False, unique=True)
    description = Column(String(200))

    users = db.relationship("User", secondary=user_roles, back_populates="roles", lazy="dynamic")


class User(TimestampMixin, UserMixin, db.Model):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    tenant_id = Column(Integer, ForeignKey("tenant.id"), nullable=False, index=True)
    email = Column(String(120), nullable=False, unique=True)
    name = Column(String(120), nullable=False)
    password_hash = Column(String(200))
    active = Column(Boolean, nullable=False, default=True)
    is_superuser = Column(Boolean, nullable=False, default=False)
    last_login_at = Column(DateTime)

    tenant = relationship("Tenant", back_populates="users")
    # Every request asks for the roles, so they come along with the user.
    roles = relationship(
        "Role",
        secondary=user_roles,
        back_populates="users",
        lazy="joined",
        order_by="Role.name",
    )
    tokens = db.relationship(
        "ApiToken",
        back_populates="user",
        lazy="dynamic",
        cascade="all, delete-orphan",
        order_by="ApiToken.id",
    )

    @validates("email")
    def lower_email(self, key, value):
        return value.strip().lower()

    @property
    @unbridged
    async def is_active(self):
        """Flask-Login's question; a user of a closed tenant may not log in either."""
        return self.active and (await self.awaitable_attrs.tenant).is_active

    @property
    def role_names(self):
        return [role.name for role in self.roles]

    def has_role(self, *names):
        """Administrators may do everything."""
        return self.is_superuser or any(role.name in ("admin", *names) for role in self.roles)

    def set_password(self, password, method):
        self.password_hash = generate_password_hash(password, method=method)

    def check_password(self, password):
        """False for accounts without a password (they use tokens only)."""
        return bool(self.password_hash) and check_password_hash(self.password_hash, password)

    @classmethod
    async def by_email(cls, email):
        return (await db.session.scalars(select(cls).where(func.lower(cls.email) == email.strip().lower()))).unique().one_or_none()


class ApiToken(db.Model):
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer, ForeignKey("users.id"), nullable=False, index=True)
    name = Column(String(80), nullable=False)
    token_hash = Column(String(64), nullable=False, unique=True)
    scope = Column(String(20), nullable=False, default="write")
    created_at = Column(DateTime, nullable=False, default=utcnow)
    expires_on = Column(Date)
    revoked_at = Column(DateTime)

    user = relationship("User", back_populates="tokens")

    __table_args__ = (UniqueConstraint("user_id", "name", name="uq_api_token_user_name"),)

    @staticmethod
    def hash(raw):
        return hashlib.sha256(raw.encode("utf-8")).hexdigest()

    @classmethod
    async def lookup(cls, raw):
        """The live token behind the raw value, or None."""
        token = await db.session.scalar(select(cls).filter_by(token_hash=cls.hash(raw), revoked_at=None).limit(1))
        if token is None or token.is_expired:
            return None
        return token

    @property
    def is_expired(self):
        return self.expires_on is not None and self.expires_on < utcnow().date()
