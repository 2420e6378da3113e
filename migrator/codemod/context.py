"""What a rule may know and ask for while it rewrites one node."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Context:
    """One module under conversion.

    `taken` maps each module-level name already bound to the dotted name it imports ("" for
    anything else); `needed` collects the imports that the new code asks for, as
    {(module, name): local name}.
    """

    taken: dict[str, str] = field(default_factory=dict)
    needed: dict[tuple[str, str], str] = field(default_factory=dict)

    def use(self, module: str, name: str) -> str:
        """Ask for `from module import name`; returns the local name, another one on a clash."""
        known = self.needed.get((module, name))
        if known is not None:
            return known
        dotted = f"{module}.{name}"
        for local, target in self.taken.items():
            if target == dotted:
                return local
        local = name
        while local in self.taken or local in self.needed.values():
            local = f"{local}_"
        self.needed[(module, name)] = local
        return local
