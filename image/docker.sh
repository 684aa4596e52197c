#!/usr/bin/env bash
# Starts a Docker daemon by hand, for machines without systemd, and ends it: `image/docker.sh start`, `image/docker.sh stop`.
# A daemon that runs already is left alone. It has to be root.
set -uo pipefail

state=/run/dokku-deploy-dockerd
answers() { docker info >/dev/null 2>&1; }

install_docker() {
  [ -x /usr/sbin/dockerd ] || command -v dockerd >/dev/null || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io iptables >/dev/null 2>&1
  }
  command -v dockerd >/dev/null
}

# The flags that a machine with all that Docker wants takes, then those for a kernel without overlayfs or without netfilter.
variants=(
  '--storage-driver=overlay2'
  '--storage-driver=vfs'
  '--storage-driver=vfs --iptables=false --ip6tables=false --bridge=none'
)

try() {
  # A folder of its own: what a daemon that was killed has left in the usual ones would keep this one from starting.
  local pid own
  own=$(mktemp -d "$state/run-XXXXXX")
  # shellcheck disable=SC2086 # the flags are words
  dockerd --pidfile "$own/pid" --exec-root "$own" $1 >"$state/log" 2>&1 </dev/null &
  pid=$!
  for _ in $(seq 60); do
    answers && { echo "$pid" >"$state/pid"; echo "dockerd runs with $1"; return 0; }
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.5
  done
  kill "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  echo "dockerd did not start with $1: $(grep -v level=info "$state/log" | tail -1)"
  return 1
}

start() {
  answers && { echo 'A Docker daemon runs already.'; return 0; }
  [ "$(id -u)" -eq 0 ] || { echo 'Only root can start a Docker daemon.'; return 1; }
  PATH=$PATH:/usr/sbin:/sbin
  install_docker || { echo 'There is no dockerd, and it could not be installed.'; return 1; }
  mkdir -p "$state"
  for flags in "${variants[@]}"; do try "$flags" && return 0; done
  return 1
}

# Its number may have gone to another program since: only a dockerd is ended.
runs() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = dockerd ]; }

stop() {
  local pid
  pid=$(cat "$state/pid" 2>/dev/null) || return 0
  runs "$pid" && kill "$pid"
  for _ in $(seq 40); do runs "$pid" || break; sleep 0.5; done
  rm -f "$state/pid"
}

case ${1:-} in
start) start ;;
stop) stop ;;
*) echo 'usage: image/docker.sh start|stop' >&2; exit 2 ;;
esac
