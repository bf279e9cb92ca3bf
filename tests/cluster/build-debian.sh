#!/bin/bash
# build-debian.sh WORK OUT PROGRAM... : Kubernetes 1.20.2 programs from Debian's source package.
#
# Needs the packages of section "cluster" in tools/packages.txt.  Neither root nor changes to the
# system's apt sources: the source index lives in WORK.  With GOCACHE set, compiled packages are
# taken from and left there.
set -euo pipefail

work=$1 out=$2
shift 2
go=/usr/lib/go-1.19/bin
reflect2=/usr/share/gocode/src/github.com/modern-go/reflect2
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

for needed in "$go/go" "$reflect2/go_above_118.go" "$keyring" /usr/bin/dpkg-source /usr/bin/rsync; do
    [ -e "$needed" ] || { echo "missing $needed: run tools/deps.sh cluster" && exit 1; }
done

# The mirror this machine's own apt uses, unless DEBIAN_MIRROR names one.  The source package has to
# be bookworm's: the last one with its vendor tree.
# shellcheck disable=SC2016 # for apt, not for the shell
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' \
    'Component: main' | grep -m1 '/debian/*$' || true)}
[ -n "$mirror" ] || { echo "apt names no Debian mirror: set DEBIAN_MIRROR to the URL of one" && exit 1; }

cd "$work"
mkdir -p lists/partial cache/archives/partial none
echo "deb-src [signed-by=$keyring] $mirror bookworm main" >src.list
apt=(apt-get -o "Dir::Etc::sourcelist=$work/src.list" -o "Dir::Etc::sourceparts=$work/none"
    -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User="
    -o Acquire::Retries=3)
"${apt[@]}" update
"${apt[@]}" source --download-only kubernetes
dpkg-source -x kubernetes_*.dsc source
cd source

# The vendored reflect2 1.0.1 crashes when built with Go >= 1.18 (SIGSEGV on the first map it
# encodes); Debian's 1.0.2 does not.
rm -rf vendor/github.com/modern-go/reflect2
cp -rL "$reflect2" vendor/github.com/modern-go/reflect2
# A validator tells null by comparing with reflect.Zero, which since Go 1.18 shares its memory with
# empty strings: every "" in a custom resource would be refused as null.
sed -i 's/if data == nil || reflect.DeepEqual(reflect.Zero(reflect.TypeOf(data)), reflect.ValueOf(data)) {/if data == nil {/' \
    vendor/k8s.io/kube-openapi/pkg/validation/validate/type.go
# The kubelet looks only every 10 s whether a terminated pod may go.
sed -i 's/^const syncPeriod = 10 \* time.Second/const syncPeriod = 1 * time.Second/' \
    pkg/kubelet/status/status_manager.go

export PATH=$go:$PATH GOTOOLCHAIN=local GO111MODULE=off CGO_ENABLED=0 GOFLAGS=
export GOPATH=$PWD/.go GOCACHE=${GOCACHE:-$work/gocache}
make WHAT="$(printf 'cmd/%s ' "$@")" KUBE_GIT_VERSION=v1.20.2 GOLDFLAGS="-s -w"
for program in "$@"; do
    cp --remove-destination "_output/local/bin/linux/$(go env GOARCH)/$program" "$out/"
done
