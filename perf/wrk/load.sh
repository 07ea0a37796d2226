#!/bin/sh
# load.sh - runs the five wrk scripts of this folder against a server that is already up, and prints one table.
# Where the server answers /stats, it also prints how evenly its shards shared the work: requests over each script's whole
# run, connections in the middle of it.
set -eu

here=$(dirname "$0")
url=http://127.0.0.1:8080 seconds=5 connections=128 threads=2 depth=16
work='' wrk=''

usage() {
    cat <<'END'
usage: load.sh [--url http://127.0.0.1:8080] [--seconds 5] [--connections 128] [--threads 2] [--depth 16]
The server must run on this machine. A depth is how many requests the script "pipeline" sends at once.
END
}

fail() {
    echo "load: $*" >&2
    exit 1
}

clean_up() {
    [ -z "$wrk" ] || kill "$wrk" 2>/dev/null || :
    rm -rf "$work"
}

check_number() { # OPTION VALUE
    case $2 in
    '' | *[!0-9]* | 0*) fail "$1 must be a whole number above 0" ;;
    esac
}

check_url() {
    printf '%s' "$url" | tr '\n' ' ' | grep -Eqx 'http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?/?' ||
        fail "$url is not a server on this machine (http://127.0.0.1:PORT, localhost or [::1])"
    url=${url%/}
}

fetch() { # PATH
    curl --globoff --silent --max-time 5 --noproxy '*' "$url$1"
}

save_stats() { # FILE: what /stats says now; an empty file where the server has none
    fetch /stats >"$work/$1" || :
    grep -q '"shards"' "$work/$1" || : >"$work/$1"
}

sit_out() { # one dot a second, and a look at the connections halfway
    passed=0
    while [ "$passed" -lt "$seconds" ]; do
        [ "$passed" -ne $((seconds / 2)) ] || save_stats "$1.middle"
        sleep 1
        printf . >&2
        passed=$((passed + 1))
    done
}

run_script() { # NAME [ARGUMENT]
    printf '%-9s ' "$1" >&2
    save_stats "$1.before"
    cat "$here/$1.lua" "$here/latency.lua" >"$work/$1.lua"
    wrk --threads "$threads" --connections "$connections" --duration "$seconds" \
        --script "$work/$1.lua" "$url" -- ${2+"$2"} >"$work/$1.wrk" 2>&1 &
    wrk=$!
    sit_out "$1"
    wait "$wrk" || fail "wrk failed on $1: $(head -n 1 "$work/$1.wrk")"
    wrk=''
    save_stats "$1.after"
    echo >&2
}

# The latencies of pipeline stay out: wrk adds samples that it believes it missed, by a rule that takes every request for
# a round trip of its own, and with batches that gives numbers that mean nothing.
print_table() { # SCRIPTS
    printf '%-9s  %12s  %9s  %9s  %9s  %9s  %9s  %7s\n' script requests/s 'p50 us' p90 p99 p99.9 max errors
    for script in "$@"; do
        awk -v script="$script" '
        $1 == "Latencies:" { latencies = sprintf("%9d  %9d  %9d  %9d  %9d", $2, $3, $4, $5, $6) }
        $1 == "Requests/sec:" { rate = $2 }
        /Socket errors:/ { gsub(",", ""); errors += $4 + $6 + $8 + $10 }
        /Non-2xx or 3xx responses:/ { errors += $NF }
        script == "pipeline" { latencies = sprintf("%9s  %9s  %9s  %9s  %9s", "-", "-", "-", "-", "-") }
        END { printf "%-9s  %12.0f  %s  %7d\n", script, rate, latencies, errors }' "$work/$script.wrk"
    done
}

print_spread() { # SCRIPTS
    printf '\n%-9s  %-11s  %8s  %s\n' script 'by shard' max/mean shards
    for script in "$@"; do
        awk -v script="$script" -f "$here/spread.awk" "$work/$script.before" "$work/$script.middle" "$work/$script.after"
    done
}

while [ $# -gt 0 ]; do
    case $1 in
    --help) usage; exit 0 ;;
    --url | --seconds | --connections | --threads | --depth) ;;
    *) usage >&2; exit 2 ;;
    esac
    [ $# -ge 2 ] || fail "$1 needs a value"
    case $1 in
    --url) url=$2 ;;
    --seconds) check_number "$1" "$2"; seconds=$2 ;;
    --connections) check_number "$1" "$2"; connections=$2 ;;
    --threads) check_number "$1" "$2"; threads=$2 ;;
    --depth) check_number "$1" "$2"; depth=$2 ;;
    esac
    shift 2
done

check_url
for tool in wrk curl; do
    command -v "$tool" >/dev/null || fail "$tool is not installed"
done
fetch /plaintext >/dev/null || fail "no server answers at $url"
[ "$connections" -ge "$threads" ] || fail "there must be at least as many connections as threads"
work=$(mktemp -d)
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

run_script plaintext
run_script pipeline "$depth"
run_script json
run_script post
run_script mixed
echo
print_table plaintext pipeline json post mixed
[ ! -s "$work/plaintext.before" ] || print_spread plaintext pipeline json post mixed
