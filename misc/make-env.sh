#!/bin/sh
# Makes what docker compose needs: .env, a copy of .env.example, and secrets, made up here, in the folder `secrets`. It
# needs nothing but a shell. What is there already stays as it is, so it may run again.
set -eu
cd "$(dirname "$0")/.."

umask 077
[ -e .env ] || cp .env.example .env
mkdir -p secrets
for name in secret_key postgres_password rabbitmq_password; do
    file=secrets/$name
    if [ -s "$file" ]; then
        echo "$file is there already"
        continue
    fi
    variable=$(echo "$name" | tr '[:lower:]' '[:upper:]')
    # Earlier versions keep it there, and can come back as long as it stays there.
    secret=$(sed -n "s/^$variable=//p" .env | tail -n 1)
    if [ -n "$secret" ]; then
        echo "$file is new, with the value that .env has"
    else
        secret=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
        echo "$file is new"
    fi
    printf '%s\n' "$secret" > "$file"
    # Each container has a user of its own, who must read it. The folder keeps others out.
    chmod 444 "$file"
done
