"""All models in one place, so that relationships can find each other by name."""

from target_app.models.catalogue import Category, PriceBreak, Product, Tag, product_tags
from target_app.models.customers import Address, Customer
from target_app.models.invoices import Invoice, InvoiceLine
from target_app.models.orders import OPEN_STATUSES, Order, OrderEvent, OrderLine
from target_app.models.payments import BankTransfer, CardPayment, Payment, VoucherPayment
from target_app.models.records import Attachment, AuditEntry, JobRun, Notification
from target_app.models.stock import (
    Adjustment,
    Receipt,
    Shipment,
    StockLevel,
    StockMovement,
    Warehouse,
)
from target_app.models.tenants import Tenant, TenantSetting
from target_app.models.users import ApiToken, Role, User, user_roles

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
