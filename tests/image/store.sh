# shellcheck shell=sh
# store.sh - a place of its own for images and containers, and the base image in it. Sourced by check.sh, which says
# where (`cache`) and owns all that is in there.
base=docker.io/library/debian:bookworm-slim
suite=bookworm

open_store() { # nothing that others run is seen from here, and nothing here is seen by others
    rm -rf "$cache/run" && mkdir -p "$cache/run"
    export CONTAINERS_STORAGE_CONF="$cache/storage.conf" CONTAINERS_CONF="$cache/containers.conf"
    cat >"$CONTAINERS_STORAGE_CONF" <<END
[storage]
driver = "overlay"
graphroot = "$cache/store"
runroot = "$cache/run/storage"
END
    cat >"$CONTAINERS_CONF" <<END
[engine]
events_logger = "file"
lock_type = "file"
tmp_dir = "$cache/run/engine"
END
}

engine() { # SECONDS COMMAND...: podman, for at most so long
    limit=$1 && shift
    timeout --kill-after 10 "$limit" podman --runtime runc --cgroup-manager cgroupfs "$@"
}

machine_sources() { # the Debian archives of this machine's apt: URI RELEASE COMPONENT
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        grep -E " $suite(-updates|-security)? main\$" | sort -u
}

find_sources() { # apt knows them once it has been there
    sources=$(machine_sources)
    [ -n "$sources" ] || { apt-get update >/dev/null && sources=$(machine_sources); } || :
    echo "${sources:-http://deb.debian.org/debian $suite main}"
}

carry_apt() { # ROOT: in there, apt shall work as it does on this machine
    sed 's/^/deb /' "$cache/sources" >"$1/etc/apt/sources.list"
    apt-config dump |
        grep -iE '^Acquire::(Check-|Force|Max-|Retries|https?::(Proxy(::[^ ]*)?|No-Cache|Timeout) )' |
        grep -v '""' >"$1/etc/apt/apt.conf.d/90machine" || :
    echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/unsafe-io"
}

use_proxy() { # what fetches for debootstrap does not ask apt
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    # shellcheck disable=SC2154
    [ -z "${proxy:-}" ] || export http_proxy="$proxy"
}

# A stopped debootstrap leaves mounts in its tree, but only in this mount namespace, so never follow them.
bootstrap() { # TARBALL: a minimal Debian
    root=$cache/root
    rm -rf --one-file-system "$root"
    use_proxy
    find_sources >"$cache/sources"
    mirror=$(awk -v suite=$suite '$2 == suite { print $1; exit }' "$cache/sources")
    timeout 600 debootstrap --variant=minbase "$suite" "$root" "$mirror" || return
    carry_apt "$root"
    rm -rf "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
    tar -C "$root" --one-file-system -cf "$1.new" . && mv "$1.new" "$1"
    rm -rf --one-file-system "$root"
}

# Made again when it is a month old: its packages age.
make_base() {
    tarball=$cache/$suite.tar
    if [ -z "$(find "$tarball" -mtime -30 2>/dev/null)" ]; then
        phase "debootstrap: a minimal Debian $suite"
        quietly bootstrap "$tarball" || return
        engine 60 rmi --force "$base" >/dev/null 2>&1 || :
    fi
    engine 60 image exists "$base" && return
    phase "podman import: $base"
    quietly engine 300 import "$tarball" "$base"
}

# What is older than a week and in no image goes, so that the store stays small and its packages fresh.
prune() {
    quietly engine 120 image prune --force --filter until=168h
}

close_store() {
    engine 60 rm --all --force --time 0 >/dev/null 2>&1 || :
}
