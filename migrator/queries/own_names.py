"""SQLAlchemy's names that Flask-SQLAlchemy's `db` passes on, and where they are imported from.

`db.X` is `sqlalchemy.X`, else `sqlalchemy.orm.X` (flask_sqlalchemy's `SQLAlchemy.__getattr__`). Left out
are names that `db` has of its own (`Table`, `relationship`, `engine`), those that few would import, and
sessions and bases, which are converted by rules of their own.
"""

from __future__ import annotations

_CORE = """
ARRAY BIGINT BINARY BLOB BOOLEAN BigInteger Boolean CHAR CLOB CTE CheckConstraint Column ColumnDefault
ColumnElement Computed Constraint DATE DATETIME DDL DECIMAL DOUBLE DOUBLE_PRECISION Date DateTime
DefaultClause Delete Double Enum Exists FLOAT FetchedValue Float ForeignKey ForeignKeyConstraint INT
INTEGER Identity Index Insert Integer Interval JSON Join Label LargeBinary MetaData NCHAR NUMERIC
NVARCHAR Numeric PickleType PrimaryKeyConstraint REAL Row SMALLINT Select Sequence SmallInteger String
Subquery TEXT TIME TIMESTAMP Text TextClause Time TypeDecorator Unicode UnicodeText UniqueConstraint
Update Uuid VARBINARY VARCHAR Values alias all_ and_ any_ asc between bindparam case cast collate column
create_engine delete desc distinct event exc except_ except_all exists extract false func funcfilter
insert inspect intersect intersect_all join label lambda_stmt lateral literal literal_column make_url not_
null nulls_first nulls_last nullsfirst nullslast or_ orm outerjoin over schema select sql table
tablesample text true tuple_ type_coerce types union union_all update values within_group
"""
_ORM = """
Bundle ColumnProperty DynamicMapped InstrumentedAttribute Load Mapped MappedColumn Mapper
QueryableAttribute RelationshipProperty WriteOnlyMapped aliased attribute_mapped_collection backref
class_mapper clear_mappers column_mapped_collection column_property composite configure_mappers
contains_eager declarative_mixin declared_attr defaultload defer deferred foreign has_inherited_table
immediateload joinedload lazyload load_only make_transient make_transient_to_detached
mapped_collection mapped_column noload object_mapper object_session polymorphic_union query_expression
raiseload reconstructor remote selectin_polymorphic selectinload subqueryload synonym synonym_for
undefer undefer_group validates with_expression with_loader_criteria with_parent with_polymorphic
"""
#: The module of each name.
OWN_NAMES = dict.fromkeys(_CORE.split(), "sqlalchemy") | dict.fromkeys(
    _ORM.split(), "sqlalchemy.orm"
)
