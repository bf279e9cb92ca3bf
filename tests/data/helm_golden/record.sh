#!/bin/bash
# Record what the real Helm prints for the charts here.
#
#   HELM=/path/to/helm tests/data/helm_golden/record.sh [CASE...]
#
# A case is a folder with a chart, and with a file `args` of arguments of `helm template`, one a line, when there are
# any: "@" in them is the folder. It gets want.yaml, or want_error.txt when Helm fails. ORIGIN says which Helm it was.
set -euo pipefail

: "${HELM:?the helm to record from}"
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- */
for case; do
    case=${case%/}
    args=()
    if [ -e "$case/args" ]; then
        mapfile -t args <"$case/args"
        args=("${args[@]//@/$case/}")
    fi
    rm -f "$case/want.yaml" "$case/want_error.txt"
    if ! env TZ=UTC KUBECONFIG=/dev/null "$HELM" template "$case/chart" --name-template rel --kube-version v1.32.0 "${args[@]}" \
        >"$case/want.yaml" 2>"$case/stderr"; then
        rm "$case/want.yaml"
        sed -e '/^$/,/^Use --debug/d' -e 's/^Error: //' -e '/^level=/d' "$case/stderr" >"$case/want_error.txt"
    fi
    rm "$case/stderr"
done
"$HELM" version --template '{{ .Version }} {{ .GoVersion }}{{ "\n" }}' >ORIGIN.new
{
    echo "The charts were written for this project. want.yaml and want_error.txt were recorded by record.sh from"
    echo "helm.sh/helm/v4/cmd/helm ${HELM_MODULE:-unknown}, which calls itself: $(cat ORIGIN.new)"
} >ORIGIN
rm ORIGIN.new
