#!/bin/sh
# Writes .env for docker compose: .env.example with secrets made up here. It needs nothing but a shell. What is set
# already stays as it is, so it may run again.
set -eu
cd "$(dirname "$0")/.."

umask 077
[ -e .env ] || cp .env.example .env
for name in SECRET_KEY POSTGRES_PASSWORD; do
    if grep -q "^$name=." .env; then
        echo ".env has a $name already"
    else
        secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
        grep -q "^$name=" .env || printf '\n%s=\n' "$name" >> .env
        sed "s/^$name=\$/$name=$secret/" .env > .env.new
        mv .env.new .env
        echo ".env has a new $name"
    fi
done
