"""The surface of a Flask application, read from its source: endpoints, entries, extensions."""

from migrator.surface.model import (
    ApplicationSite,
    AsyncSafe,
    DecoratorKind,
    Endpoint,
    Entry,
    Extension,
    Finding,
    Frame,
    FrameChoice,
    Opaque,
    Registers,
    Surface,
    TransparentWrapper,
)

__all__ = [
    "ApplicationSite",
    "AsyncSafe",
    "DecoratorKind",
    "Endpoint",
    "Entry",
    "Extension",
    "Finding",
    "Frame",
    "FrameChoice",
    "Opaque",
    "Registers",
    "Surface",
    "TransparentWrapper",
]
