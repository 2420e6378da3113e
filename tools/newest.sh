#!/bin/sh
# Prints the newest Python that is installed here, on the PATH or by pyenv, if it is newer than that of .venv.
set -eu
cd "$(dirname "$0")/.."

version() {
    "$1" -c 'import sys; print("%d%02d" % sys.version_info[:2])' 2> /dev/null || echo 0
}

newest="$(version .venv/bin/python)"
found=""
for python in python3.12 python3.13 python3.14 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python; do
    if [ "$(version "$python")" -gt "$newest" ]; then
        newest="$(version "$python")"
        found="$python"
    fi
done
echo "$found"
