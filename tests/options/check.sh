#!/bin/sh
# check.sh ROOT - calls with named arguments compile without a warning as strict C11, with gcc and clang.
set -eu
root=$1
failed=0

for compiler in gcc clang; do
    command -v $compiler >/dev/null || continue
    $compiler -std=c11 -pedantic -Wall -Wextra -Werror -fsyntax-only -I"$root/executor/include" \
        -I"$root/framework/include" -I"$root/shard/include" "$root/tests/options/named.c" || failed=1
done
exit $failed
