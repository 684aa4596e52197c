#!/usr/bin/env bash
# Makes the base image of the Dockerfile from Debian's packages, under the name by which the Dockerfile calls it: for a machine
# that reaches a mirror of Debian and no image registry. One that is there already stays.
set -euo pipefail

suite=${1:-bookworm}
name=${2:-debian:12-slim}
docker image inspect "$name" >/dev/null 2>&1 && { echo "$name is there."; exit 0; }
command -v mmdebstrap >/dev/null || {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap >/dev/null
}
mmdebstrap --quiet --variant=minbase --components=main "$suite" - | docker import - "$name" >/dev/null
echo "$name is made from $suite."
