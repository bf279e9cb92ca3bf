#!/bin/bash
# Deeper static analysis than lint: gcc -fanalyzer, clang-tidy, cppcheck. Slow; not part of CI.
set -u
cd "$(dirname "$0")/.." || exit 1
inc="-I. -Ibuild/gen $(pkg-config --cflags libgit2 libcurl yaml-0.1 libprotobuf-c libuv openssl libnghttp2)"
sources=$(find common engine repo-server app-controller api-server cli -name '*.c' | sort)
failed=0
echo "== gcc -fanalyzer"
# gcc 12 does not follow structs that are returned by value, nor arrays behind a count: what it says of
# them is wrong, and clang-tidy looks for the same.
quiet="-Wno-analyzer-use-of-uninitialized-value -Wno-analyzer-null-dereference -Wno-analyzer-null-argument"
for f in $sources; do
    # shellcheck disable=SC2086
    gcc -std=gnu17 -D_GNU_SOURCE -O1 -fanalyzer -Werror $quiet $inc -c "$f" -o /dev/null || failed=1
done
echo "== clang-tidy"
# One file per process: clang 14 takes every va_list for uninitialised from the second file on.
# shellcheck disable=SC2086
printf '%s\n' $sources | xargs -P "$(nproc)" -I{} \
    clang-tidy-14 --quiet --warnings-as-errors='*' {} -- -std=gnu17 -D_GNU_SOURCE $inc || failed=1
echo "== cppcheck"
# shellcheck disable=SC2086
cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
    --suppressions-list=tools/cppcheck.txt -I. -Ibuild/gen $sources || failed=1
exit $failed
