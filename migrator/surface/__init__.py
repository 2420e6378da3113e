"""The surface of a Flask application, read from its source: endpoints, entries, extensions.

- the way in, and what comes out: `read`, `model`
- set-up code, run on abstract values: `made`, `runner`, `machine`, `values`, `statements`, `expressions`,
  `operators`, `calls`, `object_calls`, `builtin_calls`, `registrations`, `settings`
- the application, and where it comes from: `application`, `routed`, `site`, `set_up`, `frames`, `names`, `own_parts`
- its endpoints: `urls`, `rules`, `class_views`, `namespaces`, `smorest`, `connexion`, `documents`
- what stands around them: `decorated`, `decorators`, `extensions`, `integrations`, `signals`, `templates`,
  `levels`, `reach`, `local`, `scopes`
- the edits that follow: `plan`, `plan_left`, `plan_names`, `plan_routes`, `plan_setup`, `actions`
"""

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
