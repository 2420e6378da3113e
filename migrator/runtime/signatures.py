"""The signature of a function whose annotations may name what isn't there, or isn't there yet.

Since Python 3.14 they are evaluated when they are asked for, and such a name is an error then.
https://docs.python.org/3/library/annotationlib.html#annotationlib.Format.FORWARDREF
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

if sys.version_info >= (3, 14):
    from annotationlib import Format

    def signature_of(fn: Callable[..., Any]) -> inspect.Signature:
        """As `inspect.signature()` gives it; a name that can't be looked up stays a reference."""
        return inspect.signature(fn, annotation_format=Format.FORWARDREF)

else:
    signature_of = inspect.signature

__all__ = ["signature_of"]
