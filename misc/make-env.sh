#!/bin/sh
# Makes what docker compose needs: .env, a copy of .env.example, and secrets, made up here, in the folder `secrets`. It
# needs nothing but a shell. What is there already stays as it is, so it may run again.
set -eu
cd "$(dirname "$0")/.."

umask 077
# Only with a new .env: whoever uses the service without keys goes on doing so.
if [ ! -e .env ]; then
    # With keys, Flower shows nothing without a password of its own.
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    sed -e 's/^#BOOTSTRAP_KEY_FILE=$/BOOTSTRAP_KEY_FILE=\/run\/secrets\/bootstrap_key/' \
        -e "s/^#FLOWER_BASIC_AUTH=$/FLOWER_BASIC_AUTH=operator:$password/" .env.example > .env
fi
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

# The first key: pct_<id>_<secret><checksum>, as access/key_text.py reads it.
random() {
    LC_ALL=C tr -dc 'A-Za-z0-9' < /dev/urandom | head -c "$1"
}
checksum() {
    # What gzip writes last is the CRC32 of all, the lowest byte first, and the length.
    set -- $(printf %s "$1" | gzip -c | tail -c 8 | head -c 4 | od -An -tu1)
    number=$(($1 + $2 * 256 + $3 * 65536 + $4 * 16777216))
    digits=
    for _ in 1 2 3 4 5 6; do
        place=$((number % 62 + 1))
        digits=$(printf %s 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz | cut -c $place)$digits
        number=$((number / 62))
    done
    printf %s "$digits"
}
file=secrets/bootstrap_key
if [ -s "$file" ]; then
    echo "$file is there already"
else
    body=pct_$(random 12)_$(random 32)
    printf '%s\n' "$body$(checksum "$body")" > "$file"
    chmod 444 "$file"
    echo "$file is new"
fi
