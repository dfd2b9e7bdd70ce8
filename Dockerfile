# The collector as an image: locked and hashed dependencies, no shell needed at run time, an unprivileged user, and a
# root file system that may be read-only. deploy/README.md says how to run it.
#
#   docker build --build-arg BASE_IMAGE=python:3.13-slim-bookworm@sha256:… --build-arg EXTRAS="gcp azure" -t evidence-collector .
#
# Give the base by its digest: a tag can be moved. Any Debian or Ubuntu with CPython 3.11+, its venv module and CA
# certificates will do.
ARG BASE_IMAGE=python:3.13-slim-bookworm

FROM ${BASE_IMAGE} AS build
# What the image can do besides AWS, GitHub and local or S3 archives: any of "gcp", "azure", "pdf" (packages with a PDF).
ARG EXTRAS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY deploy/image/ deploy/image/
# Behind a proxy that looks into TLS, or with an index of your own:
#   --secret id=pip.conf,src=/etc/pip.conf --secret id=ca.pem,src=…      and in that file: cert = /run/secrets/ca.pem
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=ca.pem \
    python3 -m venv /build \
 && /build/bin/python -m pip install --quiet --require-hashes -r deploy/image/build.txt \
 && python3 -m venv --without-pip /opt/collector \
 && for set in base ${EXTRAS}; do \
      /build/bin/python -m pip --python /opt/collector/bin/python install --quiet --require-hashes -r deploy/image/$set.txt || exit 1; \
    done
COPY pyproject.toml README.md LICENSE ./
COPY collector/ collector/
COPY connectors/ connectors/
COPY schedules/ schedules/
# Byte code is compiled here, since the root file system cannot take it later; unchecked, so that the same source gives
# the same bytes and a start looks at no time stamps.
RUN /build/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir /build/wheel . \
 && /build/bin/python -m pip --python /opt/collector/bin/python install --quiet --no-deps --no-index /build/wheel/*.whl \
 && /build/bin/cyclonedx-py environment --output-reproducible --of JSON -o /opt/collector/sbom.cdx.json /opt/collector/bin/python \
 && /opt/collector/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/collector/lib

FROM ${BASE_IMAGE}
ARG VERSION="0"
ARG REVISION="unknown"
LABEL org.opencontainers.image.title="evidence-collector" \
      org.opencontainers.image.description="Collects cloud evidence on a schedule into a write-once archive" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/collector /opt/collector
# The one place it writes to besides /tmp: its keys, its pin, and the archive where that is a directory.
RUN mkdir -m 0700 /var/lib/collector && chown 65532:65532 /var/lib/collector
ENV PATH=/opt/collector/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 65532:65532
WORKDIR /var/lib/collector
VOLUME /var/lib/collector
EXPOSE 8321
# It is the first process of its container: it handles SIGTERM itself and starts no others.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s \
  CMD ["collector", "health"]
ENTRYPOINT ["collector"]
CMD ["serve"]
