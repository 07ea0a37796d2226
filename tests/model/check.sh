#!/bin/sh
# check.sh - explores the inbox's protocol in every interleaving, then takes out one part after the other: each
# must be missed, and for the reason that stands beside it. 0: all as expected, 1: not, 77: no spin here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for tool in spin gcc; do
    command -v $tool >/dev/null || { echo "skipped: $tool is missing (apt-get install spin gcc)" && exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"
passed=0 failed=0

explore() { # LEVEL MACROS...: every state of the model with these macros; `log` says what was found
    level=$1 flags=
    shift
    for macro in "$@"; do flags="$flags -D$macro"; done
    # shellcheck disable=SC2086
    spin $flags -a "$here/inbox.pml" >log 2>&1 || return 0
    gcc -w "$level" -DSAFETY -DCOLLAPSE -DMEMLIM=2000 -o pan pan.c >>log 2>&1 || return 0
    ./pan -b -m10000 >>log 2>&1 || :
}

report() { # ok|FAIL, SENTENCE
    printf '%-4s %s\n' "$1" "$2"
    if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)) && sed 's/^/     | /' log; fi
}

explored() { # were all states seen, nothing wrong among them, and no line of the model left out?
    grep -q 'errors: 0$' log && ! grep -qE 'Search not completed|depth too small|\([1-9][0-9]* of ' log
}

holds() { # SENTENCE MACROS...
    sentence=$1 && shift
    explore -O2 "$@"
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' log)
    if explored; then report ok "$sentence ($states states)"; else report FAIL "$sentence"; fi
}

caught() { # MACRO VERDICT
    explore -O0 "$1"
    if grep -q "assertion violated *!($2)" log; then report ok "$1: $2"; else report FAIL "$1: not $2"; fi
}

holds 'the protocol holds'
caught NO_CONSUMER_FENCE lost_wakeup
caught NO_PRODUCER_FENCE lost_wakeup
holds 'sequential consistency would not miss the fences' \
    SEQUENTIAL NO_CONSUMER_FENCE NO_PRODUCER_FENCE OTHER_EVENTS=1
caught CONSUMER_FENCE_LATE lost_wakeup
caught NO_RECHECK lost_wakeup
caught RECHECK_BEFORE_SLEEPING lost_wakeup
caught WAKE_BEFORE_PUSH lost_wakeup
caught AWAKE_EARLY lost_wakeup
caught CLEAR_BEFORE_POLL lost_wakeup
caught NO_CLEAR stale_wake
caught NO_AWAKE needless_wake
caught AWAKE_LATE needless_wake
caught NO_EXCHANGE second_wake
caught NO_RELEASE data_race
caught NO_ACQUIRE data_race
caught NO_REVERSE wrong_order
caught NO_CLOSED_CHECK pushed_to_closed
caught CLOSE_LEAVES_EMPTY pushed_to_closed
caught FD_DIES_WITH_LOOP dead_wake_fd

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
