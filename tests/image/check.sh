#!/bin/sh
# check.sh - builds the image on a machine that has no engine at work and no registry in reach, and proves what the
# Dockerfile promises. Prints TAP. Wants root, and the packages that ./dev test-image installs before it calls it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${GYRE_CACHE:-${HOME:-/root}/.cache/gyre}/image
image=localhost/gyre-httpd:proof
begin=$(date +%s) number=0 failed=0 load=''

skip() { # REASON
    echo "1..0 # SKIP $*"
    exit 0
}

# Mounts are made where no one else sees them and end with this process. One such run at a time.
if [ -z "${GYRE_ALONE:-}" ]; then
    mkdir -p "$cache"
    unshare --mount --pid --fork --ipc --uts true || skip 'this kernel refuses namespaces even to root: no container can run'
    flock --nonblock "$cache/lock" true || echo "# another run uses $cache: waiting for its end, 15 minutes at most"
    GYRE_ALONE=yes exec unshare --mount flock --close --wait 900 "$cache/lock" "$0"
fi

phase() { # SENTENCE: what begins now, and when
    echo "# $(($(date +%s) - begin)) s: $*"
}

quietly() { # COMMAND...: what it prints is shown only if it fails
    "$@" >"$cache/log" 2>&1 || { tail -n 60 "$cache/log" | sed 's/^/#   /' && return 1; }
}

give_up() { # REASON
    echo "Bail out! $*"
    exit 1
}

check() { # SENTENCE COMMAND...
    sentence=$1 && shift
    number=$((number + 1))
    if quietly "$@"; then echo "ok $number - $sentence"; else echo "not ok $number - $sentence" && failed=$((failed + 1)); fi
}

clean_up() {
    [ -z "$load" ] || kill "$load" 2>/dev/null || :
    close_store
}

# shellcheck source=tests/image/store.sh
. "$here/store.sh"
# shellcheck source=tests/image/build.sh
. "$here/build.sh"
# shellcheck source=tests/image/serve.sh
. "$here/serve.sh"

try_overlay() {
    at=$cache/run/overlay
    mkdir -p "$at/lower" "$at/upper" "$at/work" "$at/all"
    mount -t overlay overlay -o "lowerdir=$at/lower,upperdir=$at/upper,workdir=$at/work" "$at/all" && umount "$at/all"
}

need_overlay() {
    quietly try_overlay && return
    grep -qw overlay /proc/filesystems || skip 'this kernel has no overlay file system: no image can be laid in layers'
    give_up "no overlay can stand on the file system of $cache: let GYRE_CACHE name a folder on another, say ext4"
}

phase "all of this is kept in $cache"
open_store
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
need_overlay
close_store
make_base || give_up 'no base image'
build || give_up 'the image was not built'
check_image
check_serving
check_one_cpu
check_health
check_stop
prune || :
echo "1..$number"
phase "$((number - failed)) of $number checks of the image passed"
[ $failed -eq 0 ]
