#!/bin/bash
# lint.sh BUILD : every rule a script can check. Runs all, fails at the end.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
py=${PYTHON:-/usr/bin/python3}
failed=0
check() { # check NAME CMD...
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then
        printf '  ok    %s\n' "$name"
    else
        printf '  FAIL  %s\n%s\n' "$name" "$out"
        failed=1
    fi
}
check format tools/fmt.sh --check
check layers "$py" tools/check_layers.py
check banned "$py" tools/check_banned.py
check sizes "$py" tools/size.py
check tests "$py" tools/check_tests.py
check proto "$py" tools/check_proto.py
check headers tools/check_headers.sh "$build"
check crds "$py" tools/gen_crds.py --check
check tables "$py" tools/gen_table.py --check
check docs "$py" tools/check_docs.py
check paths "$py" tools/check_paths.py
check log-fields "$py" tools/check_log_fields.py
[ $failed = 0 ] && echo "lint: clean"
exit $failed
