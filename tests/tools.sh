#!/bin/sh
# The programs that tests and bench drive and pip cannot bring.
set -eu
missing=""
PATH="$PATH:/usr/sbin"
command -v nginx >/dev/null || missing="$missing nginx-light"
command -v chromium >/dev/null || missing="$missing chromium"
command -v openssl >/dev/null || missing="$missing openssl"
command -v wget >/dev/null || missing="$missing wget"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    exit 0
fi
echo "The tests need$missing: install them (Debian: sudo apt install$missing)." >&2
exit 1
