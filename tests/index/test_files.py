"""Which files are an application's own."""

from __future__ import annotations

import venv
from pathlib import Path

from migrator.index.files import list_files


def test_an_environment_is_left_out_whatever_it_is_called(tmp_path: Path) -> None:
    venv.create(tmp_path / "shop_env", symlinks=True)
    for path in (
        "shop_env/lib/own.py",
        "conda/conda-meta/history",
        "conda/lib/a.py",
        "env/main.py",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    files = list_files(tmp_path, ())
    assert (files.python, files.data) == (["env/main.py"], [])


def test_what_an_application_has_put_into_an_environment_is_its_own(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "inner"):
        venv.create(folder, symlinks=True)
        installed = folder / "lib" / "python3" / "site-packages" / "flask"
        installed.mkdir(parents=True)
        (installed / "app.py").write_text("")
        (folder / "shop").mkdir()
        (folder / "shop" / "views.py").write_text("")
    assert list_files(tmp_path, ()).python == ["inner/shop/views.py", "shop/views.py"]
