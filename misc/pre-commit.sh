#!/bin/sh
# Git's hook before a commit: format, lint and types of what is staged. `make hooks` installs it.
#
# It looks at a copy of what is staged and changes nothing: no file, and nothing of what is staged. So a file that is
# staged in part is committed in part, and what is not staged stays as it is.
set -eu
cd "$(git rev-parse --show-toplevel)"

if git diff --cached --quiet -- '*.py' '*.pyi'; then
    exit 0
fi

# Style is asked of the files that are staged, types of everything, as a change here can be a mistake there.
# shellcheck disable=SC2016 # expanded where it runs
checks='
    status=0
    shift
    if [ $# -gt 0 ]; then
        .venv/bin/ruff format --no-cache --force-exclude --check -- "$@" || status=1
        .venv/bin/ruff check --no-cache --force-exclude -- "$@" || status=1
    fi
    DEVELOPMENT=1 .venv/bin/mypy || status=1
    exit $status
'
# The first name is there for those xargs that do nothing without any.
if ! {
    printf 'staged\0'
    git diff --cached --name-only --diff-filter=d -z -- '*.py' '*.pyi'
} | xargs -0 misc/in-snapshot.sh "$(git write-tree)" sh -c "$checks" pre-commit; then
    echo "pre-commit: not committed. \`make format\` mends style; then stage the result with \`git add\`." >&2
    exit 1
fi
