#!/bin/sh
# Git's hook before a push: the tests, on each commit that a branch or tag of the push ends with. `make hooks` installs
# it. Run by hand, without arguments, it tests HEAD.
set -eu
cd "$(git rev-parse --show-toplevel)"

if [ $# -eq 0 ]; then
    commits=$(git rev-parse HEAD)
else
    # Git says "<local ref> <local id> <remote ref> <remote id>", with an id of zeros where a branch is to be deleted.
    commits=$(while read -r _ id _; do git rev-parse --verify --quiet "$id^{commit}" || true; done | sort -u)
fi

for commit in $commits; do
    # With .venv's own Python, as another version of Python would make .venv anew.
    if ! misc/in-snapshot.sh "$commit" make --no-print-directory PYTHON=.venv/bin/python test < /dev/null; then
        echo "pre-push: not pushed, as the tests fail on $(git show --no-patch --format='%h (%s)' "$commit")." >&2
        exit 1
    fi
done
