#!/bin/sh
# Compile each header alone: it must include all it needs.
#   tools/check_headers.sh [BUILD]    BUILD holds the generated headers (default: build)
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}

flags="-std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-function -I. -I$build/gen"
flags="$flags $(pkg-config --cflags libgit2 libcurl yaml-0.1 libprotobuf-c libuv openssl libnghttp2 lua5.1)"
export CC="${CC:-cc}" flags

# shellcheck disable=SC2016 # the inner shell expands
find common engine repo-server app-controller api-server cli tests/lib -name '*.h' 2>/dev/null |
    sort |
    xargs -r -n 8 -P "$(nproc)" sh -c '
        for header; do
            # shellcheck disable=SC2086 # flags are several words
            $CC $flags -fsyntax-only -include "$header" -x c /dev/null || {
                echo "$header:1: does not compile alone; include what it uses" >&2
                failed=1
            }
        done
        exit "${failed:-0}"' sh
