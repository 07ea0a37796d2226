#!/bin/sh
# compare.sh PROGRAM EXPECTED ARGUMENTS... - what the program prints is what is expected, or the beginning of it that is as long.
set -u
program=$1 expected=$2
shift 2
got=$(mktemp) || exit 1
trap 'rm -f "$got"' EXIT

"$program" "$@" >"$got" || { echo "$program ended with $?" && exit 1; }
[ -s "$got" ] || { echo 'nothing was printed' && exit 1; }
head -n "$(wc -l <"$got")" "$expected" | diff - "$got" >"$got.diff" && rm -f "$got.diff" && exit 0
head -n 40 "$got.diff"
rm -f "$got.diff"
exit 1
