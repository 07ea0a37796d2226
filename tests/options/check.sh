#!/bin/sh
# check.sh ROOT - calls with named arguments, and the samples of README.md, compile without a warning as strict C11.
set -eu
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

try() { # COMPILER FILE [FLAGS]
    compiler=$1 file=$2 && shift 2
    "$compiler" -std=c11 -pedantic -Wall -Wextra -Werror "$@" -fsyntax-only -I"$root/executor/include" \
        -I"$root/framework/include" -I"$root/shard/include" "$file" || failed=1
}

awk -v into="$work/sample" '/^```c$/ { inside = ++n; next } /^```/ { inside = 0 } inside { print > (into inside ".c") }' \
    "$root/README.md"

for compiler in gcc clang; do
    command -v $compiler >/dev/null || continue
    try $compiler "$root/tests/options/named.c"
    for sample in "$work"/sample*.c; do try $compiler "$sample" -Wno-unused-parameter; done
done
exit $failed
