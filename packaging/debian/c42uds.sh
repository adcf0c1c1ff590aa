#!/bin/sh
# c42uds as the Debian package installs it: with the configuration of /etc/c42uds unless another is named, and as the
# user c42uds when root calls it, so that no file of the service ever belongs to root.
set -eu

program=/usr/lib/c42uds/bin/c42uds
config=/etc/c42uds/config.properties

named=0
for word in "$@"; do
  case $word in
    --config | --config=* | demo | migrate | help | completion | --version | -h | --help | -help) named=1 ;;
  esac
done
if [ "$named" = 0 ]; then
  set -- "$@" --config "$config"
fi

# Where set-up puts state and logs, in the words of systemd.exec(5).
STATE_DIRECTORY=/var/lib/c42uds
LOGS_DIRECTORY=/var/log/c42uds
export STATE_DIRECTORY LOGS_DIRECTORY

if [ "$(id -u)" = 0 ]; then
  # A folder that c42uds may enter: root's own is closed to it.
  cd /var/lib/c42uds
  exec setpriv --reuid=c42uds --regid=c42uds --init-groups --reset-env \
    env "TERM=${TERM:-dumb}" "NO_COLOR=${NO_COLOR:-}" "LANG=${LANG:-C.UTF-8}" \
    "STATE_DIRECTORY=$STATE_DIRECTORY" "LOGS_DIRECTORY=$LOGS_DIRECTORY" "$program" "$@"
fi
exec "$program" "$@"
