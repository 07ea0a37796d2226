#!/bin/sh
# Compares what a program prints with what Python printed: compare.sh PROGRAM EXPECTED [ARGUMENTS OF THE PROGRAM...].
# The programs have gaps of 50 ms and more between their steps. A machine that is starved of CPU for longer breaks the order of the
# steps, not the library: a program that differs is run again, three times at most, and must then be right.
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

same() { # ARGUMENTS...: 0 when the program prints what is expected and ends well
    "$program" "$@" >"$work/printed" || { echo "$program ended with $?" && return 1; }
    adapt "$work/printed" >"$work/got"
    diff -u "$work/expected" "$work/got"
}

adapt "$expected" >"$work/expected"
runs=1
until same "$@"; do
    [ $runs -lt 4 ] || exit 1
    runs=$((runs + 1))
    echo "once more:"
done
