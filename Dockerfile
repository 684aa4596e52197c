# The job image. `npm run image` builds it and sets the arguments. docs/image.md describes what it contains, and why.
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

# Two layers: a new version of the tool does not change the first, so runners download only the second.
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
# No ENTRYPOINT: a runner starts `sh` and sends the job's script to its standard input. An entrypoint that ignored the script would
# let a job pass that never ran.
CMD ["sh"]
