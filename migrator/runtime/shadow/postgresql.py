"""PostgreSQL prepared for a compare: rows captured by triggers, sequences put back, clones made.

All that is made lives in the schema `migrator_shadow`; dropping it takes the triggers with it, and
a leftover one does nothing, because it asks for a setting that only a compare sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import strictjson
from .model import RowChange
from .raw import execute, literal, quoted

SCHEMA = "migrator_shadow"
_LOCK = 0x6D696772  # "migr"
_SYSTEM = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'migrator_shadow') AND n.nspname NOT LIKE 'pg\\_%'"

_SETUP = (
    f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE",
    f"CREATE SCHEMA {SCHEMA}",
    f"CREATE TABLE {SCHEMA}.settings (capture boolean NOT NULL, at timestamptz)",
    f"INSERT INTO {SCHEMA}.settings VALUES (false, NULL)",
    f"""CREATE TABLE {SCHEMA}.effects (seq bigserial PRIMARY KEY, place text NOT NULL,
        operation text NOT NULL, before json, after json)""",
    f"""CREATE FUNCTION {SCHEMA}.wanted() RETURNS boolean LANGUAGE sql STABLE AS $$
        SELECT COALESCE(current_setting('migrator.capture', true) = 'on', false)
            OR (SELECT capture FROM {SCHEMA}.settings) $$""",
    f"""CREATE FUNCTION {SCHEMA}.capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'postgres'
        SET extra_float_digits = 1 SET bytea_output = 'hex' AS $$
        DECLARE place text := CASE WHEN TG_TABLE_SCHEMA = 'public' THEN TG_TABLE_NAME
            ELSE TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME END;
        BEGIN
            IF {SCHEMA}.wanted() THEN
                INSERT INTO {SCHEMA}.effects (place, operation, before, after) VALUES (place,
                    lower(TG_OP),
                    CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN row_to_json(OLD) END,
                    CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN row_to_json(NEW) END);
            END IF;
            RETURN NULL;
        END $$""",
    # What the database's own clock wrote becomes the frozen time: the two sides' transactions begin
    # at different moments. Only a value equal to this transaction's now() is touched.
    f"""CREATE FUNCTION {SCHEMA}.clock() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            document jsonb := to_jsonb(NEW);
            patch jsonb := '{{}}';
            frozen timestamptz;
            name text;
        BEGIN
            IF NOT {SCHEMA}.wanted() THEN RETURN NEW; END IF;
            frozen := COALESCE(NULLIF(current_setting('migrator.clock', true), '')::timestamptz,
                (SELECT at FROM {SCHEMA}.settings));
            FOREACH name IN ARRAY TG_ARGV LOOP
                IF document->name = to_jsonb(now()) THEN
                    patch := patch || jsonb_build_object(name, frozen);
                ELSIF document->name = to_jsonb(now()::timestamp) THEN
                    patch := patch || jsonb_build_object(name, frozen::timestamp);
                ELSIF document->name = to_jsonb(now() AT TIME ZONE 'UTC') THEN
                    patch := patch || jsonb_build_object(name, frozen AT TIME ZONE 'UTC');
                END IF;
            END LOOP;
            IF patch = '{{}}' THEN RETURN NEW; END IF;
            RETURN jsonb_populate_record(NEW, patch);
        END $$""",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """What a compare must know of a database's tables."""

    primary_keys: dict[str, tuple[str, ...]]
    sequences: tuple[tuple[str, int, bool], ...] = ()
    deferrable: tuple[str, ...] = ()
    initially_deferred: tuple[str, ...] = ()


def occupy(connection: Any) -> bool:
    """Whether this session may compare here: one at a time in a database, until it disconnects."""
    ((free,),) = execute(connection, f"SELECT pg_try_advisory_lock({_LOCK})")
    return bool(free)


def install(connection: Any) -> Layout:
    """Make the triggers in the connected database. The connection must be in autocommit."""
    for statement in _SETUP:
        execute(connection, statement)
    for schema, table, partition in _tables(connection):
        place = f"{quoted(schema)}.{quoted(table)}"
        if not partition:
            execute(
                connection,
                f"CREATE TRIGGER migrator_shadow_truncate AFTER TRUNCATE ON {place}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.capture()",
            )
            execute(
                connection,
                f"CREATE TRIGGER migrator_shadow_rows AFTER INSERT OR UPDATE OR DELETE ON {place}"
                f" FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.capture()",
            )
            moments = _timestamps(connection, schema, table)
            if moments:
                # Of several BEFORE triggers the last by name runs last: after the application's.
                execute(
                    connection,
                    f"CREATE TRIGGER zzz_migrator_shadow_clock BEFORE INSERT OR UPDATE ON {place}"
                    f" FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.clock({', '.join(map(literal, moments))})",
                )
    return layout(connection)


def uninstall(connection: Any) -> None:
    """Take away all that `install` made."""
    execute(connection, f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def _tables(connection: Any) -> Sequence[Any]:
    """Schema, name and whether it is a partition (its parent's triggers fire for it)."""
    return execute(
        connection,
        f"""SELECT n.nspname::text, c.relname::text, c.relispartition FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND {_SYSTEM} ORDER BY 1, 2""",
    )


def _timestamps(connection: Any, schema: str, table: str) -> list[str]:
    rows = execute(
        connection,
        f"""SELECT a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = {literal(schema)} AND c.relname = {literal(table)} AND a.attnum > 0
        AND NOT a.attisdropped AND a.attgenerated = ''
        AND a.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype) ORDER BY a.attnum""",
    )
    return [row[0] for row in rows]


def layout(connection: Any) -> Layout:
    """Primary keys, sequences as they stand, and constraints that wait for the commit."""
    keys: dict[str, list[str]] = {}
    for schema, table, column in execute(
        connection,
        f"""SELECT n.nspname::text, c.relname::text, a.attname::text FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indisprimary AND {_SYSTEM}
        ORDER BY 1, 2, array_position(i.indkey::int2[], a.attnum)""",
    ):
        keys.setdefault(table if schema == "public" else f"{schema}.{table}", []).append(column)
    constraints = execute(
        connection,
        f"""SELECT DISTINCT quote_ident(n.nspname) || '.' || quote_ident(k.conname), k.condeferred
        FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
        WHERE k.condeferrable AND {_SYSTEM}""",
    )
    return Layout(
        {table: tuple(columns) for table, columns in keys.items()},
        tuple(_sequences(connection)),
        tuple(sorted(name for name, _ in constraints)),
        tuple(sorted(name for name, deferred in constraints if deferred)),
    )


def _sequences(connection: Any) -> Iterable[tuple[str, int, bool]]:
    names = execute(
        connection,
        f"""SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND {_SYSTEM} ORDER BY 1""",
    )
    for (name,) in names:
        ((value, called),) = execute(connection, f"SELECT last_value, is_called FROM {name}")
        yield name, int(value), bool(called)


def restore_sequences(connection: Any, found: Layout) -> None:
    """Put every sequence back to where it stood: a rollback doesn't."""
    if found.sequences:
        calls = (
            f"setval({literal(name)}, {value}, {'true' if called else 'false'})"
            for name, value, called in found.sequences
        )
        execute(connection, f"SELECT {', '.join(calls)}")


def begin_flow(connection: Any, lock_timeout: float) -> None:
    """Settings of one side's run, inside its transaction and gone with it."""
    execute(
        connection,
        "SELECT set_config('migrator.capture', 'on', true),"
        f" set_config('lock_timeout', '{int(lock_timeout * 1000)}', true),"
        " set_config('migrator.alive', 'yes', true)",
    )


def begin_step(connection: Any, now: datetime, fraction: float) -> None:
    """The frozen clock and the seed of random() for one request."""
    execute(
        connection,
        f"SELECT set_config('migrator.clock', {literal(now.isoformat())}, true),"
        f" setseed({fraction:.12f})",
    )


def is_alive(connection: Any) -> bool:
    """Whether the transaction that `begin_flow` marked is still the one we are in."""
    ((alive,),) = execute(connection, "SELECT current_setting('migrator.alive', true)")
    return bool(alive == "yes")


def read_effects(connection: Any, after: int) -> list[tuple[int, str, str, str | None, str | None]]:
    """What the triggers noted since `after`, in order."""
    rows = execute(
        connection,
        "SELECT seq, place, operation, before::text, after::text"
        f" FROM {SCHEMA}.effects WHERE seq > {after} ORDER BY seq",
    )
    return [(int(r[0]), r[1], r[2], r[3], r[4]) for r in rows]


def row_change(
    row: tuple[int, str, str, str | None, str | None], primary_keys: dict[str, tuple[str, ...]]
) -> RowChange:
    """One noted row, keyed by its primary key (by its whole content where there is none)."""
    _, table, operation, before_text, after_text = row
    before, after = _document(before_text), _document(after_text)
    content = after if after is not None else before
    columns = primary_keys.get(table, ())
    if content is None:
        key = ""
    elif columns:
        key = ",".join(strictjson.show(content.get(column)) for column in columns)
    else:
        key = strictjson.canonical(content)
    return RowChange(table, operation, key, before, after)


def _document(text: str | None) -> dict[str, object] | None:
    if text is None:
        return None
    document = strictjson.parse(text)
    return document if isinstance(document, dict) else None
