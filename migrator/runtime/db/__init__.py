"""One database, two engines: URLs, sessions, the bridge, the repository and `SQLAlchemy`.

- what a converted application imports instead of its extension: `extension`, `lite`, `database`, `model`,
  `naming`, `names`, `pagination`, `record_queries`, `lookups`, `query`, `query_property`, `select_methods`
- sessions, and the span that owns one: `scope`, `app_scope`, `session`, `shared_session`, `own_sessions`, `bound`,
  `binds`, `mappers`, `leftovers`, `reload`
- the bridge, in both directions: `bridge`, `calls`, `steps`, `stepwise`, `taking`, `shells`, `parameters`,
  `handled`, `alone`, `sync_driver`, `jobs`, `blocking`, `forked`, `async_sides`
- what a legacy query asks, in a select: `selects`, `compiling`, `legacy`, `bulk`, `identities`, `owners`, `parents`,
  `proxies`, `row_names`, `slices`, `loading`, `given_rows`
- one repository, sync and async: `repository`, `queries`
- two engines of one database: `engines`, `twins`, `urls`, `options`, `listeners`, `lock_timeouts`, `memory`,
  `sqlite`, `turns`, `in_thread`
- asyncpg in psycopg2's place: `postgresql`, `postgresql_urls`, `poolers`, `psycopg2_alike`, `asyncpg_codecs`,
  `asyncpg_compiler`, `asyncpg_cursors`, `asyncpg_errors`, `asyncpg_literals`, `asyncpg_types`, `abandoned`
- what is noticed while it runs: `errors`, `forgotten`, `guard`, `implicit`
"""

from migrator.runtime.db.bridge import bridge, in_bridge, unbridge
from migrator.runtime.db.bulk import delete_of, update_of
from migrator.runtime.db.calls import call, call_sync, fetched, listened, sync_side
from migrator.runtime.db.engines import Engines, check_reachable, create_engines, lifespan
from migrator.runtime.db.errors import (
    BlockingEngine,
    ImplicitIO,
    OutsideBridge,
    OutsideScope,
    Unsupported,
)
from migrator.runtime.db.extension import SQLAlchemy
from migrator.runtime.db.given_rows import rows_for, rows_for_now, with_rows, with_rows_now
from migrator.runtime.db.identities import get_of, get_of_now
from migrator.runtime.db.implicit import ImplicitLoad, ImplicitLoads, run_guarded
from migrator.runtime.db.legacy import (
    columns_of,
    query_rows,
    query_rows_now,
    rows_of,
    rows_of_now,
    statement_of,
)
from migrator.runtime.db.loading import options_for
from migrator.runtime.db.model import (
    BindMetaMixin,
    DefaultMeta,
    DefaultMetaNoName,
    Model,
    NameMetaMixin,
)
from migrator.runtime.db.own_sessions import OwnSession, async_scoped_session, async_sessionmaker
from migrator.runtime.db.owners import owner_count, owner_count_now, owner_rows, owner_rows_now
from migrator.runtime.db.pagination import Pagination, install_request_args
from migrator.runtime.db.parents import parent_of
from migrator.runtime.db.proxies import proxied
from migrator.runtime.db.query import BaseQuery, Query
from migrator.runtime.db.query_property import session_of_queries
from migrator.runtime.db.record_queries import get_debug_queries, get_recorded_queries
from migrator.runtime.db.reload import reload, reload_first
from migrator.runtime.db.repository import AsyncRepository, Page, Repository, SyncRepository
from migrator.runtime.db.row_names import mapping_of
from migrator.runtime.db.scope import Scope, SyncScope, current_scope
from migrator.runtime.db.select_methods import select_method
from migrator.runtime.db.selects import as_select, select_of
from migrator.runtime.db.session import SessionDep, SessionProxy, get_session
from migrator.runtime.db.shells import unbridged
from migrator.runtime.db.slices import bounds, position
from migrator.runtime.db.steps import bridge_iter, bridge_with, unbridge_iter, unbridge_with
from migrator.runtime.db.stepwise import enumerate_async, zip_async
from migrator.runtime.db.taking import all_of, any_of, by_key
from migrator.runtime.db.twins import async_engine, create_twin_engine, dispose_twins
from migrator.runtime.db.urls import DatabaseUrls

__all__ = [
    "AsyncRepository",
    "BaseQuery",
    "BindMetaMixin",
    "BlockingEngine",
    "DatabaseUrls",
    "DefaultMeta",
    "DefaultMetaNoName",
    "Engines",
    "ImplicitIO",
    "ImplicitLoad",
    "ImplicitLoads",
    "Model",
    "NameMetaMixin",
    "OutsideBridge",
    "OutsideScope",
    "OwnSession",
    "Page",
    "Pagination",
    "Query",
    "Repository",
    "SQLAlchemy",
    "Scope",
    "SessionDep",
    "SessionProxy",
    "SyncRepository",
    "SyncScope",
    "Unsupported",
    "all_of",
    "any_of",
    "as_select",
    "async_engine",
    "async_scoped_session",
    "async_sessionmaker",
    "bounds",
    "bridge",
    "bridge_iter",
    "bridge_with",
    "by_key",
    "call",
    "call_sync",
    "check_reachable",
    "columns_of",
    "create_engines",
    "create_twin_engine",
    "current_scope",
    "delete_of",
    "dispose_twins",
    "enumerate_async",
    "fetched",
    "get_debug_queries",
    "get_of",
    "get_of_now",
    "get_recorded_queries",
    "get_session",
    "in_bridge",
    "install_request_args",
    "lifespan",
    "listened",
    "mapping_of",
    "options_for",
    "owner_count",
    "owner_count_now",
    "owner_rows",
    "owner_rows_now",
    "parent_of",
    "position",
    "proxied",
    "query_rows",
    "query_rows_now",
    "reload",
    "reload_first",
    "rows_for",
    "rows_for_now",
    "rows_of",
    "rows_of_now",
    "run_guarded",
    "select_method",
    "select_of",
    "session_of_queries",
    "statement_of",
    "sync_side",
    "unbridge",
    "unbridge_iter",
    "unbridge_with",
    "unbridged",
    "update_of",
    "with_rows",
    "with_rows_now",
    "zip_async",
]
