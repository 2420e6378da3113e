"""What production loads: no Flask, no click, no libcst."""

from __future__ import annotations

import subprocess
import sys

PROBE = """
import sys
import migrator.runtime.compat
import migrator.runtime.compat.login
app = migrator.runtime.compat.App("probe")
app.get("/", name="index")(lambda: "x")
print(sorted({"flask", "flask_login", "click", "libcst", "a2wsgi", "blinker"} & set(sys.modules)))
"""


def test_nothing_of_the_legacy_stack_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n", done.stdout
