#!/usr/bin/env bash
# Builds the Dockerfile's base image from Debian packages, under the name that the Dockerfile uses. For machines that can reach a
# Debian mirror but no image registry. An existing image is kept.
set -euo pipefail

suite=${1:-bookworm}
name=${2:-debian:12-slim}
docker image inspect "$name" >/dev/null 2>&1 && { echo "$name already exists."; exit 0; }
command -v mmdebstrap >/dev/null || {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap >/dev/null
}
mmdebstrap --quiet --variant=minbase --components=main "$suite" - | docker import - "$name" >/dev/null
echo "Built $name from Debian $suite."
