#!/bin/sh
# Writes constraints.txt: the newest releases that pyproject.toml admits, every one with its version.
# The old file stays as it was when anything fails.
set -eu
cd "$(dirname "$0")/.."
PYTHON="${PYTHON:-python3}"
trap 'rm -rf .lock' EXIT
rm -rf .lock
"$PYTHON" -m venv .lock
.lock/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
.lock/bin/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools --exclude wheel > .lock/frozen
{
    echo "# Written by \`make lock\` with $(.lock/bin/python -V); what \`make test\` and \`make demo\` install."
    LC_ALL=C sort -f .lock/frozen
} > .lock/constraints.txt
mv .lock/constraints.txt constraints.txt
