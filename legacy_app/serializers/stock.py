"""Warehouses, stock levels, movements."""

from legacy_app.serializers.catalogue import product_ref
from legacy_app.serializers.users import user_ref


def warehouse_to_dict(warehouse):
    return {
        "id": warehouse.id,
        "code": warehouse.code,
        "name": warehouse.name,
        "is_active": warehouse.is_active,
        "places": warehouse.levels.count(),
    }


def level_to_dict(level):
    return {
        "warehouse": level.warehouse.code,
        "product": product_ref(level.product),
        "quantity": level.quantity,
        "reserved": level.reserved,
        "available": level.available,
        "reorder_point": level.reorder_point,
    }


def movement_to_dict(movement):
    return {
        "id": movement.id,
        "kind": movement.kind,
        "warehouse": movement.warehouse.code,
        "product": product_ref(movement.product),
        "quantity": movement.quantity,
        "explanation": movement.explain(),
        "user": user_ref(movement.user),
        "created_at": movement.created_at,
    }
