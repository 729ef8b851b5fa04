#!/bin/sh
# Puts the version in this folder in place of the one that runs in containers: migrates the database while the old one
# serves, then replaces part after part. Options, such as `--scale worker=3`, go to `docker compose up`.
set -eu
cd "$(dirname "$0")/.."

misc/make-env.sh
docker compose build
# If everything was stopped; what runs stays as it is.
docker compose up -d --wait --no-recreate db
if ! docker compose run --rm --no-deps -T migrate; then
    echo "The database was not migrated; the lines above say why. Nothing was replaced: the old version still runs." >&2
    echo "docs/how-to/upgrade.md says what to do next." >&2
    exit 1
fi
# The API comes last, so that workers know all that it accepts. Each part by itself: `up` for all would stop the API
# until the slowest worker has ended.
docker compose up -d --wait --no-deps "$@" worker sweeper beat flower
docker compose up -d --wait --no-deps web
# What has changed besides: the database, the broker.
docker compose up -d --wait "$@"
