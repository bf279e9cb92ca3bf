#!/bin/bash
# build-current.sh --version              : print the release this machine's Go can build
# build-current.sh WORK OUT PROGRAM...    : build programs of it (and "etcd") from Go modules
#
# Exits with 3 and one line when there is no Go >= 1.24 or no module proxy.  k8s.io/kubernetes is an
# ordinary module but for the staging modules it contains: each of those is replaced by its
# published version, v0.X.Y for release v1.X.Y.
set -euo pipefail

unsupported() {
    echo "lane 'current' is not possible here: $*" >&2
    exit 3
}

export GOTOOLCHAIN=local GOFLAGS=-mod=mod GOWORK=off CGO_ENABLED=0

# at_least A B: version A is B or later
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -1)" = "$2" ]; }

# The first Go that is new enough; Debian's own, which may come first in PATH, is not.
have=
while read -r go; do
    have=$("$go" env GOVERSION | sed 's/^go//')
    at_least "$have" 1.24 && PATH=$(dirname "$go"):$PATH && break
done < <(type -ap go; ls /usr/local/go/bin/go 2>/dev/null)
at_least "${have:-0}" 1.24 || unsupported "${have:+go $have is too old, }no Go 1.24 or later"

# The newest release whose go.mod asks for no newer Go than there is.
newest_release() {
    local releases release needs
    releases=$(cd / && go list -m -versions k8s.io/kubernetes 2>/dev/null | tr ' ' '\n' |
        grep -E '^v1\.[0-9]+\.[0-9]+$' | sort -rV) || unsupported "no Go module proxy"
    for release in $releases; do
        at_least "$release" v1.30 || break
        needs=$(cd / && go list -m -f '{{.GoVersion}}' "k8s.io/kubernetes@$release" 2>/dev/null) || continue
        at_least "$have" "$needs" && echo "$release" && return
    done
    unsupported "no release builds with go $have"
}

release=${BELAY_KUBERNETES_RELEASE:-$(newest_release)}
[ "$1" = --version ] && echo "$release" && exit 0

work=$1 out=$2
shift 2
export GOCACHE=${GOCACHE:-$work/gocache} GOMODCACHE=${GOMODCACHE:-$work/modcache}
export GOFLAGS="$GOFLAGS -modcacherw -trimpath"
cd "$work"

echo "fetching k8s.io/kubernetes $release"
upstream=$(cd / && go mod download -json "k8s.io/kubernetes@$release" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
sed -e 's#^module .*#module kubernetes.build#' -e "s#=> ./staging/src/\(.*\)#=> \1 ${release/v1./v0.}#" \
    "$upstream/go.mod" >go.mod
cp "$upstream/go.sum" go.sum
chmod u+w go.mod go.sum
go mod edit -require="k8s.io/kubernetes@$release"

flags="-s -w -X k8s.io/component-base/version.gitVersion=$release"
IFS=. read -r major minor _ <<<"${release#v}"
flags+=" -X k8s.io/component-base/version.gitMajor=$major -X k8s.io/component-base/version.gitMinor=$minor"
for program in "$@"; do
    package=k8s.io/kubernetes/cmd/$program
    [ "$program" = etcd ] && package=go.etcd.io/etcd/server/v3
    echo "compiling $program"
    go build -v -ldflags "$flags" -o "$out/$program" "$package"
done
