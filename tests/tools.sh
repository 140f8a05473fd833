#!/bin/sh
# The programs that tests and bench drive and pip cannot bring.
set -eu
HTTP_SERVER=14.1.1
NODE_MODULES=.venv/node
POLICY=/usr/sbin/policy-rc.d
missing=""
PATH="$PATH:/usr/sbin"
need() { command -v "$1" >/dev/null || missing="$missing $2"; }

install_missing() {
    # Servers are for the tests to start: no package starts one of its own
    if [ ! -e $POLICY ]; then
        trap 'rm -f $POLICY' EXIT
        printf '#!/bin/sh\nexit 101\n' >$POLICY
        chmod +x $POLICY
    fi
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

need nginx nginx-light
need apache2 apache2-bin
need lighttpd lighttpd
need caddy caddy
need node nodejs
need npm npm
# Half of the whole browser's work: it draws no window
command -v chromium >/dev/null || need chromium-headless-shell chromium-headless-shell
need openssl openssl
need wget wget
if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "The tests need$missing: install them (Debian: sudo sh tests/tools.sh)." >&2
        exit 1
    fi
    install_missing
fi
npm install --prefix $NODE_MODULES --no-audit --no-fund --loglevel error "http-server@$HTTP_SERVER"
