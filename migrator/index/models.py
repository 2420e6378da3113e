"""Mapped classes: columns, relationships and how each is loaded.

Static: declarative classes (Flask-SQLAlchemy's `db.Model`, `declarative_base()`, `DeclarativeBase`,
SQLModel's look-alikes excluded), their mixins, `backref`s on the other side, annotated `Mapped[...]`.
The direction of a relationship decides whether it is a collection
(SQLAlchemy: `RelationshipProperty._determine_direction`).
"""

from __future__ import annotations

import ast

from migrator.index.bodies import Seen
from migrator.index.columns import attributes, name_again, of_a_statement, read_columns
from migrator.index.declared import (
    BASE_ITSELF,
    DECLARATIVE,
    dataclass_methods,
    has_members,
    has_table,
)
from migrator.index.definitions import ClassInfo, ExternalName, dotted
from migrator.index.eager_circles import mark_circles
from migrator.index.hybrids import mark_joining
from migrator.index.imperative import map_imperatively
from migrator.index.keys import pairs_once
from migrator.index.lazy_names import called_names, lazy_names
from migrator.index.mapping import (
    collection,
    compared,
    has_keyword,
    keyword_text,
    lazy_name,
    listens_for_set,
    mapped_annotation,
    mapped_inner,
    mapped_wrapper,
    order_columns,
    relationship_call,
    unwrap_collection,
)
from migrator.index.model import Model, Relationship
from migrator.index.project import Project

#: Bases that make no class a mapped one.
_PLAIN = frozenset({"object", "abc.ABC", "typing.Generic", "typing.Protocol"})


class Models:
    """Every mapped class of a project, by key."""

    def __init__(self, project: Project) -> None:
        self.project = project
        project.bodies.seen = set()
        self.by_key: dict[str, Model] = {}
        self.by_name: dict[str, list[Model]] = {}
        self.by_table: dict[str, Model] = {}
        #: The classes that a call maps, by key.
        self.imperative = map_imperatively(project)
        for cls in project.classes.values():
            if self._is_mapped(cls):
                model = Model(cls)
                self.by_key[cls.key] = model
                self.by_name.setdefault(cls.name, []).append(model)
        tables = {key: mapped.table for key, mapped in self.imperative.items()}
        for model in self.by_key.values():
            read_columns(project, model, tables)
            self.by_table.setdefault(model.tablename, model)
        self._setters()
        pending: list[tuple[Model, str, ast.Call, ast.expr | None]] = []
        for model in self.by_key.values():
            for owner in reversed(project.mro(model.info)):
                for name, (annotation, value) in attributes(owner):
                    call = relationship_call(value, owner.module)
                    if call is None and mapped_annotation(annotation) and value is None:
                        continue
                    if call is not None:
                        pending.append((model, name, call, annotation))
        for model, name, call, annotation in pending:
            self._relationship(model, name, call, annotation)
        self._inherit_backrefs()
        mark_circles(project, self.by_key)
        mark_joining(project, self.by_key)
        for model in self.by_key.values():
            name_again(model)
            model.joins = of_a_statement(project, model) or self._joins(model, set())
        #: Classes that are not mapped themselves, with the mapped classes below them.
        self.mixins: dict[str, list[str]] = {}
        for model in self.by_key.values():
            for ancestor in project.mro(model.info):
                if ancestor.key not in self.by_key:
                    self.mixins.setdefault(ancestor.key, []).append(model.key)
        #: Every attribute name that may load lazily on some model, and those of what may be called.
        self.lazy_names = lazy_names(self.by_key)
        self.called_names = called_names(project, self.by_key)
        #: The names of association proxies that may read more than one object of theirs.
        self.proxies = frozenset(
            name
            for model in self.by_key.values()
            for name, (via, attribute) in model.proxies.items()
            if not self._reads_one(model.relationships.get(via), attribute)
        )
        #: What was looked at to find all this: bodies of functions, names.
        self.seen: frozenset[Seen] = frozenset(project.bodies.seen)

    def _reads_one(self, relationship: Relationship | None, attribute: str) -> bool:
        """Whether a proxy through a relationship reads an attribute of one object, and no more."""
        if relationship is None or relationship.uselist:
            return False
        other = self.by_key.get(relationship.target)
        return other is not None and attribute not in other.proxies

    def _setters(self) -> None:
        for info in self.project.functions.values():
            for decorator in info.node.decorator_list:
                if not isinstance(decorator, ast.Call):
                    continue
                last = dotted(decorator.func).rpartition(".")[2]
                if last == "validates" and info.owner is not None:
                    names = [a.value for a in decorator.args if isinstance(a, ast.Constant)]
                    below = [info.owner, *self.project.subclasses(info.owner)]
                elif last == "listens_for" and listens_for_set(decorator):
                    attribute = decorator.args[0]
                    assert isinstance(attribute, ast.Attribute)
                    found = self.project.resolve(info.module, attribute.value)
                    names = [attribute.attr]
                    below = (
                        [found, *self.project.subclasses(found)]
                        if isinstance(found, ClassInfo)
                        else []
                    )
                else:
                    continue
                for cls in below:
                    if cls.key in self.by_key:
                        for name in names:
                            setters = self.by_key[cls.key].setters.setdefault(str(name), [])
                            setters.append(info.key)

    def _own_columns(self, model: Model) -> set[str]:
        """The columns that the class itself declares, its primary key apart."""
        declared = set(model.info.attributes) & model.columns
        return declared - set(model.primary_key)

    def _joins(self, model: Model, seen: set[str]) -> bool:
        if model.key in seen:
            return False
        seen.add(model.key)
        for relationship in model.relationships.values():
            if relationship.lazy not in ("joined", "False"):
                continue
            target = self.by_key.get(relationship.target)
            if relationship.uselist or target is None or self._joins(target, seen):
                return True
        return False

    def _is_mapped(self, cls: ClassInfo) -> bool:
        if any(
            isinstance(v, ast.Constant) and v.value is True
            for n, (_, v) in cls.attributes.items()
            if n == "__abstract__"
        ):
            return False
        if not self.imperative.keys().isdisjoint(a.key for a in self.project.mro(cls)):
            return True
        bases = self.project.external_bases(cls)
        if not any(base.endswith(DECLARATIVE) for base in bases):
            # A base from elsewhere, or one that a function makes: the table tells.
            lineage = self.project.mro(cls)
            return not _PLAIN.issuperset(bases) and any(
                has_table(c) and has_members(c) for c in lineage
            )
        # A bare `class Base(DeclarativeBase)` is the base itself, not a mapped class.
        direct = [b.dotted for b in self.project.bases(cls) if isinstance(b, ExternalName)]
        return has_table(cls) or not any(b.endswith(BASE_ITSELF) for b in direct)

    def _relationship(
        self, model: Model, name: str, call: ast.Call, annotation: ast.expr | None
    ) -> None:
        target, listed = self._target(model, call, annotation)
        lazy = keyword_text(call, "lazy") or "select"
        if dotted(call.func).endswith("dynamic_loader"):
            lazy = "dynamic"
        wrapper = mapped_wrapper(annotation)
        if wrapper in ("DynamicMapped", "WriteOnlyMapped"):
            lazy = "dynamic" if wrapper == "DynamicMapped" else "write_only"
        secondary = has_keyword(call, "secondary")
        uselist_option = keyword_text(call, "uselist")
        known = True
        if lazy in ("dynamic", "write_only"):
            uselist = True
        elif uselist_option in ("True", "False"):
            uselist = uselist_option == "True"
        elif listed is not None:
            uselist = listed
        else:
            uselist = secondary or not self._points_to(model, target, call)
            known = secondary or self._has_direction(model, target, call)
        ordered = secondary or has_keyword(call, "order_by")
        model.relationships[name] = Relationship(
            name,
            target,
            uselist,
            lazy_name(lazy),
            ordered,
            model.key,
            secondary,
            joined=has_keyword(call, "primaryjoin") or has_keyword(call, "secondaryjoin"),
            sorted=has_keyword(call, "order_by"),
            total=self._orders_by_key(target, call),
            collection=collection(call) if known else "",
            once=not secondary
            or pairs_once(self.project, model.info.module, self.by_key.values(), call),
        )
        made = dataclass_methods(self.project.external_bases(model.info), model.info)
        if "repr" in made and keyword_text(call, "repr") != "False":
            model.shown.add(name)
        if "eq" in made and keyword_text(call, "compare") != "False":
            model.compared.add(name)
        self._backref(model, name, target, call, secondary=secondary)

    def _target(
        self, model: Model, call: ast.Call, annotation: ast.expr | None
    ) -> tuple[str, bool | None]:
        argument = call.args[0] if call.args else None
        for keyword in call.keywords:
            if keyword.arg in ("argument", "entity"):
                argument = keyword.value
        listed: bool | None = None
        inner = mapped_inner(annotation)
        if inner is not None:
            item, listed = unwrap_collection(inner)
            if argument is None:
                argument = item
        if isinstance(argument, ast.Lambda):
            argument = argument.body
        return (self.find(model.info, argument) if argument is not None else ""), listed

    def find(self, cls: ClassInfo, node: ast.expr) -> str:
        """The key of the model that `node` (a name, a dotted name or a string) denotes; "" if none."""
        text = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(text, str):
            found = self.project.resolve(cls.module, node)
            if isinstance(found, ClassInfo) and found.key in self.by_key:
                return found.key
            text = dotted(node)
        name = text.rpartition(".")[2].strip()
        named = self.by_name.get(name, [])
        if len(named) == 1:
            return named[0].key
        same = [m for m in named if m.info.module is cls.module]
        return same[0].key if len(same) == 1 else ""

    def _points_to(self, model: Model, target: str, call: ast.Call) -> bool:
        """Whether the foreign key is on `model`'s side: many-to-one."""
        other = self.by_key.get(target)
        if other is None:
            return False
        if other is model or other in self._ancestry(model) or model in self._ancestry(other):
            return has_keyword(call, "remote_side")
        names = {
            dotted(k.value).rpartition(".")[2] for k in call.keywords if k.arg == "foreign_keys"
        }
        for keyword in call.keywords:
            if keyword.arg == "foreign_keys":
                value = keyword.value
                items = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
                texts = [str(i.value) if isinstance(i, ast.Constant) else dotted(i) for i in items]
                names = {t.strip("[] ").rpartition(".")[2] for t in texts}
                owners = {t.strip("[] ").rpartition(".")[0].rpartition(".")[2] for t in texts}
                if owners & {other.name}:
                    return False
                if names & model.columns:
                    return True
        here, there = self._keys(model, other), self._keys(other, model)
        if here and there:
            # Each points to the other: the condition says by which column.
            for owner, column in compared(call):
                if owner in ("", model.name) and column in here:
                    return True
                if owner == other.name and column in there:
                    return False
        return bool(here)

    def _has_direction(self, model: Model, target: str, call: ast.Call) -> bool:
        """Whether anything that is seen says on whose side the foreign key is."""
        other = self.by_key.get(target)
        if other is None:
            return False
        told = any(has_keyword(call, k) for k in ("foreign_keys", "remote_side"))
        return told or bool(self._keys(model, other) or self._keys(other, model))

    def _keys(self, model: Model, other: Model) -> set[str]:
        """The columns of `model` that point to `other`."""
        tables = {other.tablename, f"class:{other.key}"} | {
            t for a in self._ancestry(other) for t in (a.tablename, f"class:{a.key}")
        }
        return {column for column, table, _ in model.foreign_keys if table in tables}

    def _ancestry(self, model: Model) -> list[Model]:
        return [
            self.by_key[c.key]
            for c in self.project.mro(model.info)
            if c.key in self.by_key and c is not model.info
        ]

    def _backref(
        self, model: Model, name: str, target: str, call: ast.Call, *, secondary: bool
    ) -> None:
        for keyword in call.keywords:
            if keyword.arg != "backref":
                continue
            options: ast.Call | None = None
            value = keyword.value
            if isinstance(value, ast.Call) and value.args:
                options, value = value, value.args[0]
            if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
                continue
            other = self.by_key.get(target)
            if other is None:
                continue
            lazy = lazy_name((keyword_text(options, "lazy") if options else "") or "select")
            explicit = keyword_text(options, "uselist") if options else ""
            known = True
            if lazy == "dynamic":
                uselist = True
            elif explicit in ("True", "False"):
                uselist = explicit == "True"
            else:
                # A dynamic relationship is to-many.
                dynamic = model.relationships[name].lazy in ("dynamic", "write_only")
                uselist = secondary or (not dynamic and self._points_to(model, target, call))
                known = secondary or dynamic or self._has_direction(model, target, call)
                uselist = uselist or not known
            ordered = secondary or (options is not None and has_keyword(options, "order_by"))
            said = [c for c in (call, options) if c is not None]
            conditions = ("primaryjoin", "secondaryjoin")
            other.relationships[value.value] = Relationship(
                value.value,
                model.key,
                uselist,
                lazy,
                ordered,
                other.key,
                secondary,
                collection="list" if known else "",
                joined=any(has_keyword(c, k) for c in said for k in conditions),
                sorted=options is not None and has_keyword(options, "order_by"),
                total=options is not None and self._orders_by_key(model.key, options),
                once=model.relationships[name].once,
            )

    def _orders_by_key(self, target: str, call: ast.Call) -> bool:
        """Whether the primary key of the class is in a relationship's order."""
        model = self.by_key.get(target)
        names = order_columns(call)
        return model is not None and len(model.primary_key) == 1 and model.primary_key[0] in names

    def _inherit_backrefs(self) -> None:
        """A backref put on a parent model is on its subclasses too."""
        for model in self.by_key.values():
            for ancestor in self._ancestry(model):
                for name, relationship in ancestor.relationships.items():
                    model.relationships.setdefault(name, relationship)
                # Loaded through its parent, a row lacks what its own class adds: it loads later.
                model.deferred |= self._own_columns(model) - ancestor.columns
                model.columns |= ancestor.columns
                model.deferred |= ancestor.deferred
                model.unhashable |= ancestor.unhashable
        for model in self.by_key.values():
            # A subclass's attribute may be met through its base: an Order may be a RushOrder.
            for ancestor in self._ancestry(model):
                for name, relationship in model.relationships.items():
                    ancestor.relationships.setdefault(name, relationship)

    def ancestry(self, model: Model) -> list[Model]:
        """The mapped classes that it derives from."""
        return self._ancestry(model)

    def family(self, model: Model) -> set[str]:
        """Keys of the model, the mapped classes above it and those below any of these."""
        above = {model.key, *(a.key for a in self._ancestry(model))}
        below = {m.key for m in self.by_key.values() if above & {a.key for a in self._ancestry(m)}}
        return above | below

    def is_many_to_one(self, model: Model, relationship: Relationship) -> bool:
        """Whether a foreign key of `model` leads to a single row of the target, by nothing else."""
        target = self.by_key.get(relationship.target)
        if target is None or relationship.uselist or relationship.secondary:
            return False
        here, there = self.tables(model), self.tables(target)
        lineage = [model, *self._ancestry(model)]
        forth = any(table in there for m in lineage for _, table, _ in m.foreign_keys)
        back = any(table in here for _, table, _ in target.foreign_keys)
        return forth and not back

    def tables(self, model: Model) -> set[str]:
        """What a foreign key may call the tables of a model."""
        lineage = [model, *self._ancestry(model)]
        return {text for m in lineage for text in (m.tablename, f"class:{m.key}")}
