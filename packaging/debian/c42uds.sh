#!/bin/sh
# c42uds as the Debian package installs it: with the configuration of /etc/c42uds unless another is named, and as the
# user c42uds when root calls it, so that no file of the service ever belongs to root.
set -eu

program=/usr/lib/c42uds/bin/c42uds
config=/etc/c42uds/config.properties
defaults=/etc/default/c42uds
unit=c42uds.service
# What c42uds heeds of the environment. Nothing else of root's own goes with it to the other user: passwords in variables
# neither, which is what files and credentials are for.
kept='TERM NO_COLOR LANG TZ NODE_EXTRA_CA_CERTS SQLITE_TMPDIR C42UDS_USE_SYSTEM_NODE C42UDS_TERMINAL'
kept="$kept https_proxy http_proxy all_proxy no_proxy HTTPS_PROXY HTTP_PROXY ALL_PROXY NO_PROXY"

standard=1
# The first word that is not a flag is the command: after it, the same word is a name that somebody has.
command=
value=0
for word in "$@"; do
  case $word in
    --config | --config=* | --version | -h | --help | -help) standard=0 ;;
    # Behind these stand names of files, or the id of a plan.
    --filter | --files | --plan | --report | --approve) value=1 ;;
    -*) value=0 ;;
    *) if [ "$value" = 0 ]; then command=${command:-$word}; fi ;;
  esac
done
case $command in demo | migrate | help | completion) standard=0 ;; esac
if [ "$standard" = 1 ]; then
  set -- "$@" --config "$config"
fi

# Where set-up puts state and logs, in the words of systemd.exec(5).
state=/var/lib/c42uds
logs=/var/log/c42uds

# As the service has them.
read_defaults() {
  if [ -r "$defaults" ]; then
    set -a
    . "$defaults"
    set +a
  fi
  export STATE_DIRECTORY="$state" LOGS_DIRECTORY="$logs"
}

if [ "$(id -u)" != 0 ]; then
  read_defaults
  exec "$program" "$@"
fi

# By unset and not as words of env(1): a proxy's password must not be seen in the list of processes.
for name in $(awk 'BEGIN { for (name in ENVIRON) print name }'); do
  case " $kept " in
    *" $name "*) ;;
    *) case $name in [0-9]* | *[!A-Za-z0-9_]*) ;; *) unset "$name" ;; esac ;;
  esac
done
export HOME="$state" USER=c42uds LOGNAME=c42uds SHELL=/bin/sh PATH=/usr/local/bin:/usr/bin:/bin
read_defaults
# A folder that c42uds may enter: root's own is closed to it.
cd "$state"

# Passwords that only systemd can hand out: those that the service gets, for this one command.
handed=
if [ "$standard" = 1 ] && [ -d /run/systemd/system ] && grep -qs '^[^#!].*\${credential:' "$config"; then
  # "systemctl show" does not print them. An empty one takes back those before it (systemd.exec(5)).
  handed=$(systemctl cat "$unit" 2>/dev/null | awk '
    /^[ \t]*LoadCredential(Encrypted)?[ \t]*=/ {
      key = place = $0
      sub(/^[ \t]*/, "", key)
      sub(/[ \t]*=.*/, "", key)
      sub(/^[^=]*=[ \t]*/, "", place)
      if (place == "") delete words[key]
      else words[key] = words[key] " --property=" key "=" place
    }
    END { for (key in words) printf "%s", words[key] }')
fi
if [ -z "$handed" ]; then
  exec setpriv --reuid=c42uds --regid=c42uds --init-groups "$program" "$@"
fi

for name in $kept STATE_DIRECTORY LOGS_DIRECTORY; do
  eval "value=\${$name-}"
  # The name alone: systemd-run takes the value from its own environment.
  if [ -n "$value" ]; then handed="$handed --setenv=$name"; fi
done
if [ -t 0 ] && [ -t 1 ] && [ -t 2 ]; then way=--pty; else way=--pipe; fi
by_hand=c42uds-by-hand-$$.service
# systemd-run would let go of what it has started: the run is told to stop, and ends in order.
trap 'systemctl stop "$by_hand" 2>/dev/null || true; exit 130' INT
trap 'systemctl stop "$by_hand" 2>/dev/null || true; exit 143' TERM HUP
# In the background, so that the traps work at once; a shell would take its standard input away.
exec 3<&0
# shellcheck disable=SC2086
systemd-run --quiet --collect --wait "$way" --unit="$by_hand" --description='c42uds by hand' \
  --property=User=c42uds --property=Group=c42uds --property=UMask=0077 --property=KillMode=mixed \
  --property=WorkingDirectory="$state" --property=EnvironmentFile=-"$defaults" $handed -- "$program" "$@" <&3 3<&- &
code=0
wait $! || code=$?
exit "$code"
