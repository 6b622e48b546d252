#!/bin/sh
# Makes what is not there yet; says nothing of the values. Readable for the users of the other containers, which see this volume only.
set -eu
umask 022
cd "${SECRETS:-/secrets}"

random() {
  [ -s "$1" ] || head -c 32 /dev/urandom | base64 | tr -d '/+=\n' > "$1"
}

random postgres-password
random grafana-password
random operator-token
random proxy-token
printf '*:*:*:gatewayops:%s\n' "$(cat postgres-password)" > pgpass
# Settings of the demo's control plane, and what its traffic presents.
printf 'GATEWAYOPS_OPERATOR_TOKEN=%s\nAUTH_TOKEN=%s\n' "$(cat operator-token)" "$(cat proxy-token)" > .env
