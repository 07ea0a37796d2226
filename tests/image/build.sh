# shellcheck shell=sh
# build.sh - builds the image from the Dockerfile, and looks at what came out. Sourced by check.sh.

bud() {
    timeout --kill-after 10 1200 buildah bud --layers --isolation chroot --pull-never --format docker \
        --build-arg VERSION=proof --build-arg REVISION=of-the-image --tag "$image" "$here/../.."
}

# One line for each step that takes time, as it begins, and the verdict of the tests.
progress() {
    while read -r line; do
        case $line in
        \[*STEP*': FROM '* | \[*STEP*': RUN '*) phase "$(printf '%.100s' "$line")" ;;
        'Test project'* | *'tests passed'*) phase "$line" ;;
        esac
    done
}

build() {
    phase 'buildah: builds the program, tests it, and makes the image'
    { bud 2>&1 || echo "buildah ended with $?" >"$cache/run/failed"; } | tee "$cache/build.log" | progress
    [ -e "$cache/run/failed" ] || return 0
    tail -n 60 "$cache/build.log" | sed 's/^/#   /'
    return 1
}

says() { # TEMPLATE VALUE: what the image says of itself
    value=$(engine 60 image inspect --format "$1" "$image")
    echo "$1 is: $value"
    [ "$value" = "$2" ]
}

label() { # NAME VALUE
    says "{{index .Config.Labels \"org.opencontainers.image.$1\"}}" "$2"
}

labelled() {
    label title gyre-httpd && label licenses MIT && label version proof && label revision of-the-image
}

configured() {
    says '{{.Config.User}}' 10001:10001 && says '{{.Config.StopSignal}}' SIGTERM &&
        says '{{.Config.Entrypoint}}' '[gyre-httpd]' && says '{{.Config.ExposedPorts}}' 'map[8080/tcp:{}]' &&
        says '{{.HealthCheck.Test}}' '[CMD gyre-httpd --check http://127.0.0.1:8080/plaintext]'
}

inside() { # IMAGE PROGRAM ARGUMENTS...: what it prints there
    of=$1 program=$2 && shift 2
    # shellcheck disable=SC2086,SC2154
    engine 60 run --rm --network none --no-healthcheck $limits --entrypoint "$program" "$of" "$@"
}

packages() { # IMAGE
    inside "$1" dpkg-query -W -f '${Package}\n' | sort
}

only_libraries() {
    packages "$base" >"$cache/run/before"
    packages "$image" | comm -13 "$cache/run/before" - >"$cache/run/added"
    echo 'added:' && cat "$cache/run/added"
    grep -q '^libssl3$' "$cache/run/added" && ! grep -vE '^lib[a-z0-9.+-]*[0-9]$' "$cache/run/added"
}

nothing_missing() {
    inside "$image" ldd /usr/local/bin/gyre-httpd >"$cache/run/ldd" && cat "$cache/run/ldd"
    grep -q libcrypto "$cache/run/ldd" && ! grep 'not found' "$cache/run/ldd"
}

check_image() {
    check 'the image names its version, revision and licence' labelled
    check 'user, stop signal, port and health check are as promised' configured
    check 'it adds nothing but run-time libraries to the base' only_libraries
    check 'it has every library that the program wants' nothing_missing
}
