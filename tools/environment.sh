#!/bin/sh
# Makes .venv with everything that the tests and the demo need, or finds it ready:
# `tools/environment.sh .venv-oldest constraints-oldest.txt` another one, with the versions of that file.
#
# What is there is used only when it was finished, for these very requirements, at this very place;
# anything else (a set-up that was interrupted, a folder that was moved, a Python that is gone) is
# made anew. PYTHON names the Python to use; without it the first of 3.11 or later is taken.
set -eu
cd "$(dirname "$0")/.."

VENV="${1:-.venv}"
CONSTRAINTS="${2:-constraints.txt}"
EXTRA=test
WANTED="$(pwd) $(cat pyproject.toml "$CONSTRAINTS" tools/environment.sh | cksum)"

fail() {
    printf 'error: %s\n  why:  %s\n  do:   %s\n' "$1" "$2" "$3" >&2
    exit 2
}

if [ "$(cat $VENV/.ready 2> /dev/null)" = "$WANTED" ] && $VENV/bin/python -c '' 2> /dev/null; then
    exit 0
fi

recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' > /dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" > /dev/null 2>&1 ||
        fail "There is no PYTHON=$PYTHON." "It is no program on the PATH." \
            "Name a Python 3.11 or later, for example: make PYTHON=/usr/bin/python3.12"
    recent "$PYTHON" ||
        fail "PYTHON=$PYTHON is $("$PYTHON" -V 2>&1 | head -n 1)." "Python 3.11 or later is needed." \
            "Name another one, for example: make PYTHON=/usr/bin/python3.12"
else
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if recent "$name"; then
            PYTHON=$name
            break
        fi
    done
    if [ -z "${PYTHON:-}" ]; then
        found="$(python3 -V 2>&1 | head -n 1)" || found="no python3 at all"
        fail "No Python 3.11 or later is on the PATH; there is $found." \
            "migrator uses what Python has had since 3.11." \
            "Install one (apt install python3.12 python3.12-venv, brew install python, uv python install 3.12), or name it: make PYTHON=/path/to/python3.12"
    fi
fi

# When this is a retry, something was left half-made: nothing of it is worth keeping.
rm -rf $VENV
echo "Setting up $VENV with $("$PYTHON" -V 2>&1); this takes a minute or two, once." >&2
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if "$PYTHON" -m venv $VENV > "$log" 2>&1; then
    pip="$VENV/bin/python -m pip"
elif "$PYTHON" -m pip --version > /dev/null 2>&1 &&
    rm -rf $VENV && "$PYTHON" -m venv --without-pip $VENV > "$log" 2>&1; then
    # Debian keeps ensurepip in a package of its own; pip itself can serve another environment.
    pip="$PYTHON -m pip --python $VENV/bin/python"
else
    cat "$log" >&2
    rm -rf $VENV
    fail "$("$PYTHON" -V 2>&1) can't make a virtual environment." \
        "Its module venv or ensurepip is missing, and so is pip; Debian and Ubuntu package them apart." \
        "Run: apt install python3-venv (or python3-pip), or choose another Python: make PYTHON=..."
fi
if ! $pip install --quiet --disable-pip-version-check --no-input \
    --constraint "$CONSTRAINTS" --editable ".[$EXTRA]" 2> "$log"; then
    cat "$log" >&2
    rm -rf $VENV
    fail "pip could not install what $CONSTRAINTS names." \
        "Its own words are above: no network, no disk space, or no wheel for this Python." \
        "Try again when that is mended; behind a proxy set PIP_INDEX_URL or HTTPS_PROXY."
fi
printf '%s' "$WANTED" > $VENV/.ready
