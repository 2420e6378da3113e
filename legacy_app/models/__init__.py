"""All models in one place, so that relationships can find each other by name."""

from legacy_app.models.catalogue import Category, PriceBreak, Product, Tag, product_tags
from legacy_app.models.customers import Address, Customer
from legacy_app.models.invoices import Invoice, InvoiceLine
from legacy_app.models.orders import OPEN_STATUSES, Order, OrderEvent, OrderLine
from legacy_app.models.payments import BankTransfer, CardPayment, Payment, VoucherPayment
from legacy_app.models.records import Attachment, AuditEntry, JobRun, Notification
from legacy_app.models.stock import (
    Adjustment,
    Receipt,
    Shipment,
    StockLevel,
    StockMovement,
    Warehouse,
)
from legacy_app.models.tenants import Tenant, TenantSetting
from legacy_app.models.users import ApiToken, Role, User, user_roles

__all__ = [
    "OPEN_STATUSES",
    "Address",
    "Adjustment",
    "ApiToken",
    "Attachment",
    "AuditEntry",
    "BankTransfer",
    "CardPayment",
    "Category",
    "Customer",
    "Invoice",
    "InvoiceLine",
    "JobRun",
    "Notification",
    "Order",
    "OrderEvent",
    "OrderLine",
    "Payment",
    "PriceBreak",
    "Product",
    "Receipt",
    "Role",
    "Shipment",
    "StockLevel",
    "StockMovement",
    "Tag",
    "Tenant",
    "TenantSetting",
    "User",
    "VoucherPayment",
    "Warehouse",
    "product_tags",
    "user_roles",
]
