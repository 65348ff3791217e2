# Two images from one file:
#   docker build -t haochaping .                            one node (api, worker, migrate, admin ...)
#   docker build -t haochaping-standalone --target standalone .   everything in one process
# The first build of the standalone target compiles the whole Temporal server: several minutes.

FROM golang:1.26.8-bookworm AS source
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
# The modules first: this layer is kept until go.mod changes.
COPY go.mod go.sum ./
COPY standalone/go.mod standalone/go.sum standalone/
RUN go mod download
COPY . .

FROM source AS build
RUN go build -buildvcs=false -ldflags '-s -w' -o /out/haochaping ./cmd/haochaping

FROM source AS build-standalone
RUN cd standalone && go mod download && go build -buildvcs=false -ldflags '-s -w' -o /out/haochaping .

# What both images share: a user without rights, folders it owns, and wget for the health check.
FROM alpine:3.22.1 AS base
RUN apk add --no-cache ca-certificates \
 && addgroup -g 10001 haochaping && adduser -D -H -u 10001 -G haochaping haochaping \
 && install -d -m 700 -o haochaping -g haochaping /var/lib/haochaping /var/lib/haochaping-keys \
    /var/lib/haochaping-subjects /var/lib/haochaping-erasures /var/lib/haochaping-checkpoints
USER haochaping
WORKDIR /var/lib/haochaping
# In a container the loopback address would be reachable by nobody; the port is published by whoever
# runs the container. The master keys, the raters' own keys and the list of erasures lie in volumes of their own, outside the data. Without
# the last line the standalone program would fill an empty database with made-up people.
ENV HAOCHAPING_ADDR=0.0.0.0:8080 \
    HAOCHAPING_DATA=/var/lib/haochaping \
    HAOCHAPING_KEYS=/var/lib/haochaping-keys \
    HAOCHAPING_SUBJECT_KEYS=/var/lib/haochaping-subjects \
    HAOCHAPING_ERASURES=/var/lib/haochaping-erasures/erasures.txt \
    HAOCHAPING_CHECKPOINTS=/var/lib/haochaping-checkpoints \
    HAOCHAPING_DEMO=no
VOLUME ["/var/lib/haochaping", "/var/lib/haochaping-keys", "/var/lib/haochaping-subjects", "/var/lib/haochaping-erasures", "/var/lib/haochaping-checkpoints"]
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD wget -q -O /dev/null http://127.0.0.1:8080/healthz || exit 1
# SIGTERM: the process ends its requests and workers, then leaves.
STOPSIGNAL SIGTERM

FROM base AS standalone
COPY --from=build-standalone /out/haochaping /usr/local/bin/haochaping
ENTRYPOINT ["haochaping"]

FROM base AS node
COPY --from=build /out/haochaping /usr/local/bin/haochaping
ENTRYPOINT ["haochaping"]
CMD ["api"]
