#!/bin/bash
# Install the Debian packages of the given sections of packages.txt, as far as they are missing.
#
#   tools/deps.sh SECTION...          install what is missing (root, or sudo)
#   tools/deps.sh --list SECTION...   print the package names
#   tools/deps.sh --missing SECTION...  print those not installed; exits 1 when there are any
#
# Services that come with newly installed packages (etcd, ssh, containerd) are neither started nor
# enabled: only their programs are wanted.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
list=$here/packages.txt
policy=/usr/sbin/policy-rc.d
beat_every_s=15
log='' held=''

usage() {
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    echo "sections: $(sed -n 's/^# //p' "$list" | tr '\n' ' ')"
}

die() {
    echo "deps.sh: $*" >&2
    exit 1
}

# packages SECTION...: sorted names, with the sections taken in by "@"
packages() {
    awk -v want="$*" '
        /^##/ || /^[[:space:]]*$/ { next }
        /^# /  { section = $2; known[section] = 1; next }
        /^@/   { takes[section] = takes[section] " " substr($1, 2); next }
               { has[section] = has[section] " " $1 }
        function add(s,    part, n, i) {
            if (!(s in known)) { print "deps.sh: no section \"" s "\"" > "/dev/stderr"; bad = 1; return }
            if (done[s]++) return
            n = split(has[s], part, " ");   for (i = 1; i <= n; i++) print part[i]
            n = split(takes[s], part, " "); for (i = 1; i <= n; i++) add(part[i])
        }
        END { n = split(want, sections, " "); for (i = 1; i <= n; i++) add(sections[i]); exit bad }
    ' "$list" | sort -u
}

# missing PACKAGE...: those dpkg does not report as installed
missing() {
    comm -13 <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^installed //p' | sort -u) <(printf '%s\n' "$@" | sort -u)
}

# apt ARGUMENT...: its output goes to $log; while it runs, a line now and then tells how far it is.
apt() {
    local beat code=0
    : >"$log"
    heartbeat &
    beat=$!
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" >"$log" 2>&1 || code=$?
    kill "$beat" 2>/dev/null || true
    wait "$beat" 2>/dev/null || true
    return $code
}

heartbeat() {
    local begin=$SECONDS silence
    exec {silence}<> <(:) # waiting on it starts no process that would outlive this one
    while ! read -r -t $beat_every_s -u "$silence"; do
        kill -0 $$ 2>/dev/null || exit 0
        echo "deps:   $((SECONDS - begin)) s: $(tail -n 1 "$log" | cut -c 1-80)" >&2
    done
}

# must_apt ARGUMENT...: apt, or the end of what it said and exit
must_apt() {
    apt "$@" && return
    tail -n 20 "$log" >&2
    die "apt-get $1 failed"
}

# While apt runs, tell Debian's service helpers to leave services alone, unless the machine has
# a policy of its own.
hold_services() {
    [ -e "$policy" ] && return
    held=yes
    printf '#!/bin/sh\n# placed by deps.sh while it installs packages\nexit 101\n' |
        "${as_root[@]}" install -m 755 /dev/stdin "$policy"
}

clean_up() {
    rm -f "$log"
    [ -z "$held" ] || "${as_root[@]}" rm -f "$policy"
}

disable_services() {
    local units
    command -v systemctl >/dev/null || return 0
    units=$(dpkg-query -L "$@" | sed -n 's#^/lib/systemd/system/\([^/@]*\.\(service\|socket\)\)$#\1#p')
    # shellcheck disable=SC2086 # names without blanks
    [ -z "$units" ] || "${as_root[@]}" systemctl --quiet disable $units
}

install_packages() {
    echo "deps: installing $*" >&2
    log=$(mktemp)
    trap clean_up EXIT
    hold_services
    # Package lists that are absent or out of date show as a failed installation.
    apt install --no-install-recommends "$@" || {
        must_apt update
        must_apt install --no-install-recommends "$@"
    }
    disable_services "$@"
    echo "deps: done after $SECONDS s" >&2
}

action=install
case ${1:-} in
-h | --help) usage && exit 0 ;;
--list) action=list && shift ;;
--missing) action=missing && shift ;;
esac
[ $# -gt 0 ] || { usage >&2 && exit 2; }

wanted=$(packages "$@")
[ $action = list ] && echo "$wanted" && exit 0
# shellcheck disable=SC2086 # names without blanks
absent=$(missing $wanted)
[ -n "$absent" ] || exit 0
[ $action = missing ] && echo "$absent" && exit 1

if [ "$(id -u)" = 0 ]; then
    as_root=()
elif command -v sudo >/dev/null; then
    as_root=(sudo)
else
    die "cannot install (neither root nor sudo); please install: ${absent//$'\n'/ }"
fi
# shellcheck disable=SC2086
install_packages $absent
