#!/bin/sh
# What `make test-ckan` needs beside Python: PostgreSQL to run, libpq to build its driver.
# As root on Debian it installs what is missing, elsewhere it says what to install.
set -eu
POLICY=/usr/sbin/policy-rc.d
missing=""
PATH="$PATH:/usr/sbin"
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v pg_config >/dev/null || missing="$missing libpq-dev"
command -v gcc >/dev/null || missing="$missing gcc libc6-dev"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "A real CKAN needs$missing: install them (Debian: sudo sh tests/ckan/install.sh)." >&2
    exit 1
fi
# The tests start a PostgreSQL of their own: the package starts none
if [ ! -e $POLICY ]; then
    trap 'rm -f $POLICY' EXIT
    printf '#!/bin/sh\nexit 101\n' >$POLICY
    chmod +x $POLICY
fi
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
