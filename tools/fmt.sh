#!/bin/sh
# Format the C files with clang-format 14, whose output .clang-format is written for.
#   tools/fmt.sh           rewrite them
#   tools/fmt.sh --check   only tell which differ
set -eu
cd "$(dirname "$0")/.."

format=${CLANG_FORMAT:-clang-format-14}
if ! command -v "$format" >/dev/null; then
    echo "tools/fmt.sh:1: $format not found; install it (tools/deps.sh lint) or set CLANG_FORMAT" >&2
    exit 1
fi

case ${1:-} in
'') mode=-i ;;
--check) mode='--dry-run -Werror' ;;
*)
    echo "usage: tools/fmt.sh [--check]" >&2
    exit 2
    ;;
esac

# Files not added yet count, deleted ones do not.
# shellcheck disable=SC2016,SC2086 # the inner shell expands; $mode is two words
git ls-files -z --cached --others --exclude-standard -- '*.c' '*.h' ':!tests/data' |
    xargs -0 -r sh -c 'for f; do [ ! -f "$f" ] || printf "%s\0" "$f"; done' sh |
    xargs -0 -r -n 20 -P "$(nproc)" "$format" $mode
