#!/bin/sh
# Writes constraints.txt, the newest releases that pyproject.toml admits, every one with its version, and
# constraints-oldest.txt, the oldest ones that it names with the newest of what those need.
# The old files stay as they were when anything fails.
set -eu
cd "$(dirname "$0")/.."
PYTHON="${PYTHON:-python3}"
trap 'rm -rf .lock' EXIT

# Prints what is installed within the constraints of the file $1, for the reader $2.
frozen() {
    rm -rf .lock/venv
    "$PYTHON" -m venv .lock/venv
    .lock/venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint "$1" --editable '.[test]'
    .lock/venv/bin/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools --exclude wheel > .lock/frozen
    echo "# Written by \`make lock\` with $(.lock/venv/bin/python -V); what $2."
    LC_ALL=C sort -f .lock/frozen
}

rm -rf .lock
mkdir .lock
: > .lock/any
"$PYTHON" - > .lock/oldest << 'END'
import re, tomllib

project = tomllib.load(open("pyproject.toml", "rb"))["project"]
for required in [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]:
    if found := re.match(r"([\w-]+)(?:\[.*\])?>=([\d.]+)", required):
        print(f"{found[1]}=={found[2]}")
END
frozen .lock/any "\`make test\` and \`make demo\` install" > .lock/constraints.txt
frozen .lock/oldest "\`make oldest\` installs" > .lock/constraints-oldest.txt
mv .lock/constraints.txt .lock/constraints-oldest.txt .
