#!/bin/sh
# Runs a command on a commit, or on any other tree of git's, in a folder of its own: what lies about in the working
# tree can neither help nor harm. The tools are those of .venv, else those of a container.
#
#   misc/in-snapshot.sh TREE COMMAND [ARGUMENT ...]
set -eu
tree=$1
shift

project=$(git rev-parse --show-toplevel)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
git archive --format=tar --output="$work/snapshot.tar" "$tree"

# Git tells its hooks which repository they are for. Other repositories, such as those of tests, must not hear of it.
# shellcheck disable=SC2046 # the names are one word each
unset $(git rev-parse --local-env-vars)

if [ -x "$project/.venv/bin/mypy" ]; then
    mkdir "$work/snapshot"
    tar -x -f "$work/snapshot.tar" -C "$work/snapshot"
    ln -s "$project/.venv" "$work/snapshot/.venv"
    cd "$work/snapshot"
    # Kept, as types take ten times as long without it.
    MYPY_CACHE_DIR=${MYPY_CACHE_DIR:-$project/.mypy_cache/snapshot} "$@"
elif docker version > /dev/null 2>&1; then
    echo "There is no .venv, so this runs in a container. The first time takes a few minutes." >&2
    docker build --quiet --target dev --tag punctual-dev "$project" > /dev/null
    # The snapshot goes in by standard input, so the container sees no folder of this machine and leaves nothing there.
    docker run --rm --init --interactive --volume punctual-dev-cache:/home/punctual/.cache punctual-dev \
        sh -c 'tar -x && exec "$@" < /dev/null' sh "$@" < "$work/snapshot.tar"
else
    echo "There is neither .venv nor Docker here: \`make .venv\` makes the one, if Python 3.11 or newer is there." >&2
    exit 1
fi
