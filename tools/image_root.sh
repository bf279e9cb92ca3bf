#!/bin/bash
# Make the files that belay's programs need beside themselves, for an image without a distribution in it.
#
#   tools/image_root.sh ROOT PROGRAM...
#
# ROOT gets the shared libraries of the programs, those programs that are Debian's (/usr/...), CA certificates, users, and for each Debian package a file comes
# from its entry in var/lib/dpkg/status.d (which scanners of images read) and its copyright.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
root=$1
shift
user=10001

# late PROGRAM...: the library that programs load when they need it (common/net/libcurl.h)
late() {
    local name=libcurl.so.4
    if grep -qaF $name "$@"; then
        ldconfig -p | sed -n "s/^.*$name .*=> //p" | head -1
    fi
}

# libraries FILE...: the paths ldd resolves, loader included
libraries() {
    local file found
    for file; do
        found=$(ldd "$file")
        if grep 'not found' <<<"$found" >&2; then
            return 1
        fi
        grep -o '/[^ ]*\.so[^ ]*' <<<"$found"
    done | sort -u
}

# copy PATH...: a link with what it leads to, both at the places they have here
copy() {
    local path real
    for path; do
        real=$(realpath "$path")
        install -D -m "$(stat -c %a "$real")" "$real" "$root$real"
        if [ "$(realpath -s "$path")" != "$real" ] && [ ! -e "$root$path" ]; then
            mkdir -p "$root${path%/*}"
            ln -s "$real" "$root$path"
        fi
    done
}

# owners PATH...: the packages of files, which dpkg may know below / though /lib is /usr/lib
owners() {
    local path found
    local -a names=()
    for path; do
        names+=("$path" "${path#/usr}")
    done
    # One of each two names is unknown, which makes the status 1.
    found=$(dpkg-query -S "${names[@]}" 2>/dev/null || true)
    if [ "$(wc -l <<<"$found")" -lt $# ]; then
        echo "image_root.sh: not all of these are Debian's: $*" >&2
        return 1
    fi
    cut -d: -f1 <<<"$found" | sort -u
}

record() {
    local package
    mkdir -p "$root/var/lib/dpkg/status.d"
    for package; do
        dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
        install -D -m 644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
    done
}

mkdir -p "$root"/{etc,proc,sys,dev}
# /lib, /lib64 and the like lead to /usr, as in Debian
for link in /bin /lib /lib64 /sbin; do
    [ -L "$link" ] || continue
    mkdir -p "$root/$(readlink "$link")"
    ln -s "$(readlink "$link")" "$root$link"
done

loaded=$(late "$@")
# shellcheck disable=SC2086 # no library, or a path without blanks
mapfile -t paths < <(libraries "$@" $loaded)
[ -z "$loaded" ] || paths+=("$loaded")
for program; do
    [[ $program != /usr/* ]] || paths+=("$program")
done
[ ${#paths[@]} -gt 0 ]
copy "${paths[@]}"
mapfile -t files < <(realpath "${paths[@]}" | sort -u)
packages=$(owners "${files[@]}")
# shellcheck disable=SC2086 # names without blanks
record $packages ca-certificates base-files

# libcurl reads the bundle, libgit2 as well
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
copy /etc/os-release
printf 'root:x:0:0::/:/sbin/nologin\nbelay:x:%d:%d::/tmp:/sbin/nologin\n' $user $user >"$root/etc/passwd"
printf 'root:x:0:\nbelay:x:%d:\n' $user >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

install -d -m 1777 "$root/tmp"
install -d -m 755 "$root/run"
install -d -o $user -g $user -m 755 "$root/run/belay" "$root/var/cache/belay"
