# The image of a job: made by `npm run image`, which also says what the arguments are. What is in it and why: docs/image.md.
ARG BASE=debian:12-slim
FROM ${BASE} AS root
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    busybox ca-certificates git libatomic1 libstdc++6 \
  && rm -rf /var/lib/apt/lists/*
ARG BINARY=dist/dokku-deploy
COPY image/root.sh dist/licenses.txt /image/
COPY ${BINARY} /image/dokku-deploy
RUN sh /image/root.sh

# Two layers: a release of the tool leaves the first as it was, so that runners fetch only the second.
FROM scratch
COPY --from=root /image/system/ /
COPY --from=root /image/tool/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ARG VERSION=0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="dokku-deployer" \
  org.opencontainers.image.description="Deploys from GitLab CI to Dokku: review apps, staging and production in one line of a job" \
  org.opencontainers.image.licenses="MIT AND GPL-2.0-only AND LGPL-2.1-or-later AND GPL-3.0-or-later WITH GCC-exception-3.1" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}"
# No ENTRYPOINT: a runner starts `sh` with the job's script on its standard input, and an entrypoint that swallowed it would
# make a job green that never ran.
CMD ["sh"]
