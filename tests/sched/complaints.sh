#!/bin/sh
# complaints.sh PROGRAM - a bad program is refused with the number of its line, and bad arguments with a word about them.
set -u
program=$1
failed=0
input=$(mktemp) || exit 1
trap 'rm -f "$input"' EXIT

expect() { # COMPLAINT ARGUMENTS...: with a program on standard input
    complaint=$1
    shift
    said=$("$program" "$@" 2>&1 >/dev/null)
    status=$?
    case "$status $said" in
    "2 "*"$complaint"*) ;;
    *) echo "expected \"$complaint\" and 2, got \"$said\" and $status" && failed=1 ;;
    esac
}

refuses() { # COMPLAINT LINES
    printf '%b' "$2" >"$input"
    expect "$1" <"$input"
}

refuses 'input:2: no such operation: dance' 'task 0 p\ndance 1\nstart 0\n'
refuses 'input:2: lock takes 1 number(s)' 'task 0 p\nlock 3\nstart 0\n'
refuses 'input:2: lock takes 1 number(s)' 'task 0 p\nlock\nstart 0\n'
refuses 'input:3: too many words after lock' 'task 0 p\n\nlock 1 1\nstart 0\n'
refuses 'input:1: yield stands before the first task' 'yield 0\ntask 0 p\nstart 0\n'
refuses 'input:1: expected: task NUMBER' 'task 0 x\nstart 0\n'
refuses 'input:2: task 0 is described twice' 'task 0 p\ntask 0 p\nstart 0\n'
refuses 'input:3: no such task: 1' 'task 0 p\nyield 0\nstart 0 1\n'
refuses 'input:2: no such task: 4' 'task 0 p\njoin 4\nstart 0\n'
refuses 'input:2: task 0 is started twice' 'task 0 p\nstart 0 0\n'
refuses 'input:2: the program ends without a start line' 'task 0 p\nyield 0\n'
expect 'no such driver: steam' --driver steam </dev/null
expect '--gen takes one seed' --gen x </dev/null
expect '--sums takes two seeds' --sums 1 </dev/null
expect '/nowhere: No such file' /nowhere </dev/null
"$program" --help | grep -q 'print the trace' || { echo 'no help' && failed=1; }
exit $failed
