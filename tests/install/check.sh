#!/bin/sh
# check.sh BUILD CC - installs the build into an empty prefix, and builds and runs a program outside the tree in each way that users have.
# shellcheck disable=SC2046
set -eu
build=$1 cc=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
lib=$prefix/lib
export PKG_CONFIG_PATH="$lib/pkgconfig"

step() { # NAME COMMAND...: runs it quietly; tells all if it fails
    name=$1 && shift
    "$@" >"$work/log" 2>&1 || { echo "install: $name failed:" && cat "$work/log" && exit 1; }
    echo "install: $name"
}

with_pkg_config_shared() {
    $cc -o "$work/shared" "$here/program.c" $(pkg-config --cflags --libs gyre) &&
        LD_LIBRARY_PATH=$lib "$work/shared"
}

with_pkg_config_static() {
    $cc -o "$work/static" "$here/program.c" $(pkg-config --cflags gyre) -L"$lib" \
        -Wl,-Bstatic -lgyre -Wl,-Bdynamic $(pkg-config --static --libs gyre | sed "s/-lgyre//") &&
        "$work/static" && ! ldd "$work/static" | grep libgyre
}

with_cmake() {
    cmake -G Ninja -S "$here/outside" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" &&
        cmake --build "$work/cmake" && "$work/cmake/shared" && "$work/cmake/static"
}

only_our_symbols() {
    nm -D --defined-only "$lib/libgyre.so" | awk '{ print $3 }' >"$work/symbols"
    grep -q '^gyre_run$' "$work/symbols" && ! grep -vE '^gyre_[a-z]' "$work/symbols"
}

only_our_names() {
    nm -g --defined-only "$lib/libgyre.a" 2>/dev/null | awk 'NF == 3 { print $3 }' >"$work/names"
    grep -q '^gyre_run$' "$work/names" && ! grep -vE '^gyre_' "$work/names"
}

step 'into an empty prefix' cmake --install "$build" --prefix "$prefix"
step 'pkg-config, shared' with_pkg_config_shared
step 'pkg-config, static' with_pkg_config_static
step 'find_package, shared and static' with_cmake
step 'libgyre.so shows gyre_ only' only_our_symbols
step 'libgyre.a names gyre_ only' only_our_names
