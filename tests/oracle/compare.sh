#!/bin/sh
# Compares what a program prints with what Python printed: compare.sh PROGRAM EXPECTED [ARGUMENTS OF THE PROGRAM...].
set -u
program=$1 expected=$2
shift 2
folder=$(dirname "$0")
name=$(basename "$expected" .out)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# wording.txt: "NAME class PATTERN" compares up to the class only, "NAME without PATTERN" leaves lines out.
adapt() {
    awk -v name="$name" '
        NR == FNR { if ($1 == name) { kind[++rules] = $2; $1 = $2 = ""; sub(/^ +/, ""); pattern[rules] = $0 } next }
        { for (i = 1; i <= rules; i++) {
            if (kind[i] == "without" && $0 ~ pattern[i]) next
            if (kind[i] == "class" && match($0, pattern[i])) $0 = substr($0, 1, RSTART + RLENGTH - 1)
        } print }' "$folder/wording.txt" "$1"
}

"$program" "$@" >"$work/printed"
status=$?
adapt "$expected" >"$work/expected"
adapt "$work/printed" >"$work/got"
diff -u "$work/expected" "$work/got" || exit 1
[ $status -eq 0 ] || { echo "$program ended with $status" && exit 1; }
