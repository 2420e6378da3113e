"""A parsed template of Jinja: what it reads, what it does with a variable, which others see its variables."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, TemplateError, nodes

#: Filters that do nothing but loop over what they get.
_LOOPING = frozenset(
    {"list", "join", "sort", "map", "select", "selectattr", "reject", "rejectattr", "groupby",
     "batch", "slice", "unique", "sum", "min", "max", "first"}
)  # fmt: skip
#: Tests that say of a query what they say of its rows.
_ALIKE = frozenset({"defined", "undefined", "none", "iterable"})


@cache
def _environment() -> Environment:
    return Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n"])


def parsed(text: str) -> nodes.Template | None:
    """The template; None where there is a mistake in it."""
    try:
        return _environment().parse(text)
    except TemplateError:
        return None


def words_of(tree: nodes.Template) -> tuple[set[str], set[str]]:
    """Names of what it takes from a value, and of the variables that it reads and doesn't set."""
    members = {node.attr for node in tree.find_all(nodes.Getattr)}
    members |= {str(node.value) for node in tree.find_all(nodes.Const)}
    variables = [*tree.find_all(nodes.Name)]
    own = {node.name for node in variables if node.ctx != "load"}
    return members, {node.name for node in variables if node.name not in own}


def seeing_it(tree: nodes.Template) -> list[str] | None:
    """The other templates that get its variables; None where a name is computed."""
    found = []
    for target in _templates_that_see_it(tree):
        if not isinstance(target, nodes.Const) or not isinstance(target.value, str):
            return None
        found.append(target.value)
    return found


def _templates_that_see_it(tree: nodes.Template) -> Iterator[nodes.Expr]:
    """What names the other templates that get a template's variables."""
    for base in tree.find_all(nodes.Extends):
        yield base.template
    for other in (*tree.find_all(nodes.Include), *tree.find_all((nodes.Import, nodes.FromImport))):
        if (
            isinstance(other, nodes.Include | nodes.Import | nodes.FromImport)
            and other.with_context
        ):
            yield other.template


def only_loops(tree: nodes.Template, variable: str) -> bool:
    """Whether it only loops over a variable."""
    allowed: set[int] = set()
    for loop in tree.find_all(nodes.For):
        allowed.add(id(loop.iter))
    for used in tree.find_all(nodes.Filter):
        if used.name in _LOOPING and used.node is not None:
            allowed.add(id(used.node))
    for asked in tree.find_all(nodes.Test):
        if asked.name in _ALIKE:
            allowed.add(id(asked.node))
    return all(
        id(node) in allowed
        for node in tree.find_all(nodes.Name)
        if node.name == variable and node.ctx == "load"
    )
