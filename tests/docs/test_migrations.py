"""The env.py of docs/database.md runs the sample application's migrations without Flask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tests.docs.pages import ROOT, blocks

_WITHOUT_FLASK = (
    "import sys; sys.modules['flask'] = None; from alembic.config import main; main(sys.argv[1:])"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample application's migrations, as the page says that they are changed."""
    made = tmp_path / "migrations"
    shutil.copytree(ROOT / "legacy_app" / "migrations", made)
    (env,) = (b.text for b in blocks("docs/database.md") if "from alembic import" in b.text)
    imports = "from target_app import create_app\nfrom target_app.extensions import db\n"
    env = env.replace("from shop_async import create_app, db\n", imports)
    assert imports in env
    (made / "env.py").write_text(env)
    ini = made / "alembic.ini"
    ini.write_text(
        ini.read_text().replace("[alembic]\n", "[alembic]\nscript_location = %(here)s\n")
    )
    return made


def test_alembic_runs_the_migrations_of_a_converted_application(
    folder: Path, database_url: str
) -> None:
    def alembic(*words: str) -> str:
        command = [sys.executable, "-c", _WITHOUT_FLASK, "-c", str(folder / "alembic.ini"), *words]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "CREATE TABLE" in alembic("upgrade", "head", "--sql")
    alembic("upgrade", "head")
    assert "No new upgrade operations" in alembic("check")
    alembic("downgrade", "base")
    engine = sa.create_engine(database_url, poolclass=NullPool)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
