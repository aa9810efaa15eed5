#!/bin/sh
# Makes the virtual environment FOLDER with a Python that is new enough and can make one, or says in a line what is missing.
# usage: venv.sh FOLDER [PYTHON]
set -eu
folder=$1
bare=

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
can_make_one() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

make_one() {
    echo "Making $folder with $("$1" --version)"
    exec "$1" -m venv --clear "$folder"
}

for python in ${2:-python3 python3.14 python3.13 python3.12 python3.11}; do
    fits "$python" || continue
    if can_make_one "$python"; then make_one "$python"; fi
    bare=${bare:-$python}
done

if [ -z "$bare" ]; then
    echo "Broadsheet needs Python 3.11 or newer, and none was found (looked for: ${2:-python3, python3.11 to python3.14})." >&2
    exit 1
fi
if sh "$(dirname "$0")/debian.sh" python3-venv && can_make_one "$bare"; then make_one "$bare"; fi
echo "$bare cannot make a virtual environment: install its venv package (on Debian and Ubuntu: apt-get install python3-venv)." >&2
exit 1
