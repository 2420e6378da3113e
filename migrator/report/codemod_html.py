"""A conversion as one self-contained HTML page."""

from __future__ import annotations

from html import escape

from migrator.codemod.outcome import Outcome
from migrator.report.codemod_json import dumps


def render(outcome: Outcome) -> str:
    """The page."""
    return f"<!doctype html><title>{escape(outcome.source)}</title><pre>{escape(dumps(outcome))}</pre>\n"
