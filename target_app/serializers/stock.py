"""Warehouses, stock levels, movements."""

from target_app.serializers.catalogue import product_ref
from target_app.serializers.users import user_ref
from sqlalchemy import func, select
from target_app.extensions import db


async def warehouse_to_dict(warehouse):
    return {
        "id": warehouse.id,
        "code": warehouse.code,
        "name": warehouse.name,
        "is_active": warehouse.is_active,
        "places": await db.session.scalar(select(func.count()).select_from(warehouse.levels.subquery())),
    }


async def level_to_dict(level):
    return {
        "warehouse": (await level.awaitable_attrs.warehouse).code,
        "product": product_ref(await level.awaitable_attrs.product),
        "quantity": level.quantity,
        "reserved": level.reserved,
        "available": level.available,
        "reorder_point": level.reorder_point,
    }


async def movement_to_dict(movement):
    return {
        "id": movement.id,
        "kind": movement.kind,
        "warehouse": (await movement.awaitable_attrs.warehouse).code,
        "product": product_ref(await movement.awaitable_attrs.product),
        "quantity": movement.quantity,
        "explanation": await movement.explain(),
        "user": user_ref(await movement.awaitable_attrs.user),
        "created_at": movement.created_at,
    }
