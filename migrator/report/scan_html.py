"""An inventory as one self-contained HTML page: no network, readable without JavaScript.

The page is `scan.html` beside this file; it shares its style with a conversion's.
"""

from __future__ import annotations

from migrator import __version__
from migrator.codemod.effort import WEIGHTS
from migrator.codemod.inventory import Inventory
from migrator.report.codemod_html import groups, page, sums


def render(found: Inventory) -> str:
    """The page."""
    return page("scan.html").render(
        found=found,
        outcome=found.outcome,
        version=__version__,
        weights=WEIGHTS,
        sums=sums(found.outcome),
        groups=groups(found.outcome.findings),
        work=found.outcome.needing_work(),
    )
