"""Whatever somebody has written: no conversion fails, and what it gives compiles."""

from __future__ import annotations

import ast
import random
import shutil
from pathlib import Path

import pytest

from migrator.codemod.convert import convert
from migrator.codemod.outcome import outcome_of
from tests.codemod import small_package
from tests.codemod.scrambles import Scrambler

KIT = Path(__file__).parent / "kit" / "shop"
#: Packages a case, and how many modules of the kit are in one beside its models.
_PACKAGES, _MODULES = 6, 2


@pytest.mark.parametrize("seed", range(4))
def test_scrambled_code_is_converted(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    modules = [p for p in sorted(KIT.glob("*.py")) if p.stem not in ("__init__", "models", "seed")]
    trees = {path.name: ast.parse(path.read_text()) for path in modules}
    scrambler = Scrambler([*trees.values()], rng)
    for number in range(_PACKAGES):
        root = tmp_path / str(number) / "shop"
        root.mkdir(parents=True)
        for name in ("__init__.py", "models.py"):
            shutil.copy(KIT / name, root / name)
        written = 0
        for name in rng.sample(sorted(trees), _MODULES):
            text = scrambler.scrambled(trees[name])
            written += bool(text)
            (root / name).write_text(text or "")
        conversion = convert(root, package="shop_async")
        assert written == 0 or outcome_of(conversion).totals.seen > 0
        assert not conversion.failed, root
        assert not [f for f in conversion.findings if f.code == "MIG900"], root
        for path, text in conversion.texts.items():
            if path.endswith(".py"):
                compile(text, str(root / path), "exec")


def test_an_edit_of_a_tuple_in_parentheses_finds_its_place(tmp_path: Path) -> None:
    example = (
        "from .models import Order\n\ndef first(s):\n    return ((s, 1)).query(Order).first()\n"
    )
    root = small_package.write(tmp_path, {**small_package.FILES, "views.py": example})
    (root / "__init__.py").write_text("")
    conversion = convert(root)
    assert not conversion.failed
    assert "sync_side(((s, 1))).query(Order).first()" in conversion.texts["views.py"]
