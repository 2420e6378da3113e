"""Types of SQL expressions that other distributions build: `func.count()`, `aliased(Order)`."""

from __future__ import annotations

import ast

from migrator.index.written import written
from migrator.queries.removed import ENGINE, makes_engine
from migrator.queries.step import Action, TypeOf
from migrator.queries.types import (
    Alias,
    Column,
    External,
    ListOf,
    ModelType,
    Query,
    RelationshipAttribute,
    Select,
    Selectable,
    Type,
)

#: `case([(a, 1), (b, 2)])`, whose pairs are arguments of their own since 2.0.
SPREAD_WHENS = Action("spread_whens")
AGGREGATES = frozenset(
    {
        *("count", "sum", "min", "max", "avg", "total", "group_concat", "string_agg", "bool_or"),
        *("bool_and", "every", "stddev", "stddev_pop", "variance", "var_pop"),
    }
)
#: Functions whose values are hashable whatever their arguments are.
HASHABLE = AGGREGATES | frozenset(
    {
        *("lower", "upper", "trim", "ltrim", "rtrim", "length", "char_length", "concat", "substr"),
        *("substring", "replace", "left", "right", "round", "abs", "floor", "ceil", "random"),
        *(
            "now",
            "current_timestamp",
            "current_date",
            "date",
            "date_trunc",
            "date_part",
            "strftime",
        ),
        *("to_char", "extract", "row_number", "rank", "dense_rank", "to_date", "to_timestamp"),
    }
)
#: Calls that give a plain column expression.
_COLUMN_MAKERS = frozenset(
    {
        *("case", "cast", "literal", "literal_column", "extract", "distinct", "exists", "null"),
        *("true", "false", "and_", "or_", "not_", "type_coerce", "tuple_", "collate", "between"),
        *("asc", "desc", "nullsfirst", "nullslast", "nulls_first", "nulls_last", "any_", "all_"),
        *("column", "within_group", "over", "try_cast", "label", "bindparam"),
    }
)
_HASHABLE_MAKERS = _COLUMN_MAKERS - {"cast", "type_coerce", "literal_column", "column", "case"}
#: Methods of a column expression whose value is a bool, a str or a number.
_HASHABLE_METHODS = frozenset(
    {
        *(
            "in_",
            "not_in",
            "notin_",
            "is_",
            "is_not",
            "isnot",
            "like",
            "ilike",
            "notlike",
            "between",
        ),
        *("startswith", "endswith", "contains", "has", "any", "exists", "concat", "op"),
    }
)


def function_name(dotted: str) -> str:
    """`count` of `sqlalchemy.func.count`; "" for what is no SQL function."""
    if not dotted.startswith(("sqlalchemy.", "flask_sqlalchemy.")):
        return ""
    head, _, name = dotted.rpartition(".")
    return name if head.rpartition(".")[2] in ("func", "functions") else ""


def lists_whens(dotted: str, call: ast.Call, typeof: TypeOf) -> bool:
    """Whether it is a `case()` of SQLAlchemy 1.x, which took a list."""
    if dotted.rpartition(".")[2] != "case" or function_name(dotted) or len(call.args) != 1:
        return False
    given = call.args[0]
    return not isinstance(given, ast.Starred) and (
        isinstance(given, ast.List | ast.ListComp) or isinstance(typeof(given), ListOf)
    )


def takes_no_more(dotted: str, call: ast.Call) -> str:
    """What a `case()`, `insert()`, `update()` or `delete()` has been given that 2.x refuses; "" for none."""
    last = dotted.rpartition(".")[2]
    if function_name(dotted):
        return ""
    if last == "case" and any(k.arg == "whens" for k in call.keywords):
        return "case(whens=...)"
    keywords = any(k.arg not in (None, "table") for k in call.keywords)
    if last in ("delete", "insert", "update") and (keywords or len(call.args) > 1):
        return f"{last}() with more than a table"
    return ""


def reads_a_selectable(call: ast.Call) -> bool:
    """`aliased(User, subquery)`: whether it reads what may hold a user in several rows."""
    classes = 2 if written(call.func).endswith("with_polymorphic") else 1
    names = {keyword.arg for keyword in call.keywords}
    return len(call.args) > classes or bool(names & {None, "alias", "element", "selectable"})


def external_call(dotted: str, call: ast.Call, typeof: TypeOf) -> Type | None:
    """The type of a call of a SQLAlchemy name that builds an expression or an entity.

    None for a name that is none of those.
    """
    if not dotted.startswith(("sqlalchemy.", "flask_sqlalchemy.")):
        return None
    if makes_engine(dotted):
        return ENGINE
    name = function_name(dotted)
    text = written(call)
    if name:
        aggregate = is_aggregate(call, typeof)
        unhashable = name not in HASHABLE and not aggregate
        return Column(text, _sole_model(call, typeof), aggregate, unhashable)
    last = dotted.rpartition(".")[2]
    if last in ("aliased", "with_polymorphic", "AliasedClass") and call.args:
        return _aliased(call, typeof)
    if last in _COLUMN_MAKERS:
        return Column(text, unhashable=last not in _HASHABLE_MAKERS)
    if last in ("Table", "table", "subquery", "alias", "cte", "lateral", "values", "text"):
        return Selectable(text, table=last in ("Table", "table"))
    return None


def _sole_model(call: ast.Call, typeof: TypeOf) -> str:
    """The key of the one model whose columns a function takes, "" for none or several."""
    keys: set[str] = set()
    for argument in (*call.args, *(k.value for k in call.keywords)):
        if not isinstance(argument, ast.Constant):
            found = typeof(argument)
            keys.add(found.key if isinstance(found, Column) else "")
    return keys.pop() if len(keys) == 1 else ""


def _aliased(call: ast.Call, typeof: TypeOf) -> Type | None:
    target = typeof(call.args[0])
    if isinstance(target, ModelType | Alias):
        return Alias(target.key, written(call), target.eager or reads_a_selectable(call))
    if isinstance(target, Selectable | Select | Query):
        return Selectable(written(call))
    return None


def is_aggregate(node: ast.expr, typeof: TypeOf) -> bool:
    """Whether an expression is made of aggregates and constants alone: one row without GROUP BY."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="label" | "cast" | "filter")):
            return is_aggregate(inner, typeof)
        case ast.Call(func=func, args=args, keywords=[]):
            target = typeof(func)
            name = function_name(target.dotted) if isinstance(target, External) else ""
            if name in AGGREGATES:
                return True
            if name in ("coalesce", "round", "abs", "nullif"):
                return any(is_aggregate(a, typeof) for a in args) and all(
                    isinstance(a, ast.Constant) or is_aggregate(a, typeof) for a in args
                )
            return False
        case ast.BinOp(left=left, right=right):
            sides = (left, right)
            return any(is_aggregate(s, typeof) for s in sides) and all(
                isinstance(s, ast.Constant) or is_aggregate(s, typeof) for s in sides
            )
    return False


def column_call(owner: Column | RelationshipAttribute, method: str, call: ast.Call) -> Type:
    """What a method of a column expression gives: another column expression."""
    unhashable = getattr(owner, "unhashable", False) and method not in _HASHABLE_METHODS
    aggregate = getattr(owner, "aggregate", False) and method in ("label", "cast", "filter")
    key = owner.key if method in ("label", "desc", "asc") else ""
    return Column(written(call), key, aggregate, unhashable or method in ("cast", "op"))
