#!/usr/bin/env bash
# Starts and stops a Docker daemon on machines without systemd: `image/docker.sh start`, `image/docker.sh stop`. Needs root.
# A daemon that is already running is left alone.
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

# Flags to try, in this order: for a machine with everything Docker needs, for a kernel without overlayfs, for one without netfilter.
variants=(
  '--storage-driver=overlay2'
  '--storage-driver=vfs'
  '--storage-driver=vfs --iptables=false --ip6tables=false --bridge=none'
)

try() {
  # Its own folder: files that a killed daemon left in the default folders would keep this one from starting.
  local pid own
  own=$(mktemp -d "$state/run-XXXXXX")
  # shellcheck disable=SC2086 # split the flags into words
  dockerd --pidfile "$own/pid" --exec-root "$own" $1 >"$state/log" 2>&1 </dev/null &
  pid=$!
  for _ in $(seq 60); do
    answers && { echo "$pid" >"$state/pid"; echo "Started dockerd with $1"; return 0; }
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.5
  done
  kill "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  echo "dockerd did not start with $1: $(grep -v level=info "$state/log" | tail -1)"
  return 1
}

start() {
  answers && { echo 'A Docker daemon is already running.'; return 0; }
  [ "$(id -u)" -eq 0 ] || { echo 'Only root can start a Docker daemon.'; return 1; }
  PATH=$PATH:/usr/sbin:/sbin
  install_docker || { echo 'dockerd is not installed, and installing it failed.'; return 1; }
  mkdir -p "$state"
  for flags in "${variants[@]}"; do try "$flags" && return 0; done
  return 1
}

# The process ID may have been reused since, so stop the process only if it is a dockerd.
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
