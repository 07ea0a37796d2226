# The container of gyre-httpd: built and tested in one stage, run in another that has nothing but what it needs.
# ./dev image builds it; see tests/image/ for how it is proved.

FROM docker.io/library/debian:bookworm-slim AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        cmake curl gcc libc6-dev libck-dev libcmocka-dev libjemalloc-dev libssl-dev libuv1-dev ninja-build \
        node-llhttp openssl pkg-config python3 wrk \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The very program that is shipped is tested by its clients; all the rest is for ./dev test.
RUN cmake --preset release \
    && cmake --build --preset release --target apps/all \
    && ctest --preset release --parallel "$(nproc)" --label-regex clients --exclude-regex bench \
    && install -D --strip build/release/bin/gyre-httpd /opt/gyre/bin/gyre-httpd \
    && rm -rf build

FROM docker.io/library/debian:bookworm-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libck0 libjemalloc2 libssl3 libuv1 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/ldconfig /var/log/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin gyre
COPY --from=build /opt/gyre/bin/gyre-httpd /usr/local/bin/gyre-httpd
COPY LICENSE /usr/local/share/doc/gyre/LICENSE

ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="gyre-httpd" \
      org.opencontainers.image.description="A web server on every core: asyncio for C, one event loop per core" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# By number, so that whoever runs it can see that it isn't root.
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# With --tls it wants another address: --health-cmd 'gyre-httpd --check https://127.0.0.1:8080/plaintext'.
HEALTHCHECK --interval=10s --timeout=6s --start-period=2s --retries=3 \
    CMD ["gyre-httpd", "--check", "http://127.0.0.1:8080/plaintext"]
ENTRYPOINT ["gyre-httpd"]
