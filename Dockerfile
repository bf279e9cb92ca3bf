# Images of Belay: one build, three small images that hold a program, its libraries and nothing else.
#
#   docker build --target repo-server    -t belay-repo-server:0.1.0 .
#   docker build --target app-controller -t belay-app-controller:0.1.0 .
#   docker build --target api-server     -t belay-api-server:0.1.0 .
#
# VERSION and COMMIT are what the programs say they are; VERSION is the file's when it is not given.
FROM debian:bookworm-slim AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends make git >/dev/null
COPY tools/deps.sh tools/packages.txt /belay/tools/
WORKDIR /belay
RUN tools/deps.sh build run
COPY . .
ARG VERSION=""
ARG COMMIT=unknown
RUN make -j"$(nproc)" COMMIT="$COMMIT" ${VERSION:+VERSION="$VERSION"} all \
    && strip build/bin/* \
    && tools/image_root.sh /image build/bin/* /usr/bin/gpgv

# What all of them have in common: shared libraries, CA certificates, users.
FROM scratch AS base
COPY --from=build /image /
COPY --from=build --chown=10001:10001 /image/run/belay /run/belay
COPY --from=build --chown=10001:10001 /image/var/cache/belay /var/cache/belay
COPY --from=build /belay/LICENSE /usr/share/doc/belay/copyright
ENV PATH=/usr/bin
USER 10001:10001

FROM base AS repo-server
COPY --from=build /belay/build/bin/belay-repo-server /usr/bin/
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
EXPOSE 8081 8084
ENTRYPOINT ["belay-repo-server"]

FROM base AS app-controller
COPY --from=build /belay/build/bin/belay-app-controller /usr/bin/
EXPOSE 8082 8085 8086
ENTRYPOINT ["belay-app-controller"]

FROM base AS api-server
COPY --from=build /belay/build/bin/belay-api-server /usr/bin/
EXPOSE 8080 8083
ENTRYPOINT ["belay-api-server"]

# The Git server of docker-compose.yml, with a sample repository.
FROM debian:bookworm-slim AS git-server
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends git lighttpd >/dev/null \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /srv/git --create-home git
COPY tests/demo/compose/lighttpd.conf /etc/lighttpd/belay.conf
COPY --chmod=755 tests/demo/compose/git-server.sh /usr/local/bin/git-server
COPY tests/demo/sample /sample
# what the sample's pods run
ENV SAMPLE_IMAGE=docker.io/library/nginx:stable
USER git
EXPOSE 3000
ENTRYPOINT ["git-server"]
